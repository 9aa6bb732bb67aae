import type { Seat } from './seat.ts'
import type { DrillStep } from './stream-message.ts'

/**
 * What the console and the bridge say to each other over HTTP (`/api/…`, PROTOCOL.md "The organiser's API"). All of
 * it but `session` and `login` needs the administrator's cookie. Times are milliseconds on the bridge's
 * steady clock, but `startedAt` of the overview and `expiresAt` of links since the epoch. Bodies are JSON; a refusal is `{error: ApiError}` with a fitting HTTP status.
 */

export interface ApiError {
  /** A fixed word, for programs. */
  readonly reason: string
  /** What is wrong and what to do next, for people. */
  readonly text: string
}

/** `GET /api/session` */
export interface SessionAnswer {
  readonly admin: boolean
  /** Whether there is an administrator at all. */
  readonly loginPossible: boolean
}

/** `POST /api/login`: 204 and a cookie, 401, or 429 with `Retry-After` in seconds. `POST /api/logout`: 204. */
export interface LoginRequest {
  readonly password: string
}

/** `GET /api/stream-token`: a token with which the console starts `/ws` as administrator; good for minutes. */
export interface StreamTokenAnswer {
  readonly token: string
  readonly expiresAt: number
}

/** `POST /api/seats/links`: makes one link per seat; nothing is stored, so each call makes new ones. */
export interface LinksRequest {
  /** `number`, `role` as in {@link Seat}; `viewer` seats look on only. */
  readonly seats: readonly (Seat | { readonly platform: string; readonly role: 'viewer' })[]
  /** How long the links are good. */
  readonly days: number
  /** Keypads with white on the left; absent: red. */
  readonly whiteLeft?: boolean | undefined
}

/** A code that was made: where it leads, and as a picture to scan. */
export interface SeatLink {
  readonly platform: string
  readonly role: Seat['role'] | 'viewer'
  readonly number?: number
  /** Where to open it: `https://…/seat#<token>`; the fragment never reaches a server or its log. */
  readonly url: string
  /** A QR code of the address: a whole SVG document. */
  readonly qrSvg: string
  /** Names the token for revocation. */
  readonly tokenId: string
  readonly expiresAt: number
}

export interface LinksAnswer {
  readonly links: readonly SeatLink[]
}

/** `POST /api/seats/revoke`: 204. Tokens issued until now are good no longer, and who holds them is cut off. */
export type RevokeRequest =
  | { readonly what: 'token'; readonly tokenId: string }
  | { readonly what: 'seat'; readonly seat: Seat }
  | { readonly what: 'platform'; readonly platform: string }
  | { readonly what: 'all' }

/**
 * `GET /api/seats/codes`: the codes that were made or shown here since the start and have not run out, by platform and seat; 500
 * at most.
 */
export interface CodesAnswer {
  readonly codes: readonly CodeOverview[]
}

export interface CodeOverview {
  /** Absent: a viewer of all platforms. */
  readonly platform?: string
  /** The seat's word, or `viewer`. */
  readonly seat: string
  readonly tokenId: string
  readonly madeAt: number
  /** Absent: it has not been used. `refused`: it was shown after it had been revoked. */
  readonly last?: { readonly what: 'entered' | 'pressed' | 'refused'; readonly at: number }
  /** On which device it is, or was last. */
  readonly device?: { readonly name: string; readonly connected: boolean }
  readonly isRevoked: boolean
}

/** `POST /api/seats/decide`: which of two devices on one seat counts. 204; the other one is cut off. */
export interface DecideRequest {
  readonly platform: string
  readonly seat: string
  /** {@link DeviceOverview.id} of the one to keep. */
  readonly keep: string
}

/** `POST /api/light-check`: 204, or 409 with the reason why not now. */
export interface LightCheckRequest {
  readonly platform: string
  readonly action: 'start' | 'stop'
}

/** `POST /api/log-level`: 204. Until the next restart. */
export interface LogLevelRequest {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
}

/** `GET /api/overview`: all that the console shows beside the platforms' states, which come by `/ws`. */
export interface Overview {
  readonly at: number
  readonly name: string
  readonly version: string
  readonly startedAt: number
  /** Broker, owlcms, other bridges: the same words as on the public page. */
  readonly blocks: readonly BlockOverview[]
  readonly platforms: readonly PlatformOverview[]
  /** Clients that have no seat: viewers, boards that were never pressed, consoles. */
  readonly others: readonly DeviceOverview[]
  readonly counters: Readonly<Record<string, number>>
  /** The settings can be changed on the bridge's own computer ({@link SettingsAddressAnswer}). */
  readonly hasSettingsPage?: boolean
}

/** `POST /api/settings-address`, `{}`: the page that changes the settings, good for one visit; 404 on another computer. */
export interface SettingsAddressAnswer {
  readonly url: string
}

/** One thing that is fine or isn't, as the public page shows it. */
export interface BlockOverview {
  readonly title: string
  readonly level: 'good' | 'warn' | 'bad'
  /** One or two words, readable from 3 m. */
  readonly word: string
  readonly sentence: string
  readonly why?: string
  readonly nextStep?: string
  /** For a technician, in small type. */
  readonly raw?: string
  /** Shown in red whatever the level. */
  readonly alarm?: string
  readonly facts: readonly string[]
}

export interface PlatformOverview {
  readonly name: string
  /** Every seat that somebody has pressed from or holds a link's connection for, in the organiser's order. */
  readonly seats: readonly SeatOverview[]
  readonly lightCheck?: LightCheckOverview
}

export interface SeatOverview {
  /** `referee-2`; see seat.ts. */
  readonly seat: string
  readonly devices: readonly DeviceOverview[]
  /** Presses of this seat by outcome (press-report.ts). */
  readonly outcomes: Readonly<Record<string, number>>
  /** Milliseconds from press to owlcms's echo, as the bridge sees it: of the last 100 presses. */
  readonly delay?: { readonly p50Ms: number; readonly p95Ms: number; readonly recentMs: readonly number[] }
}

export interface DeviceOverview {
  /** Names it in requests; tells nothing about it. */
  readonly id: string
  /** The client ID, or the name a phone gave itself. */
  readonly name: string
  readonly kind: string
  /** `broker`: connected to the broker directly, so that only its presses are seen. `bridge`: at another bridge. */
  readonly way: 'phone' | 'websocket' | 'tcp' | 'broker' | 'bridge'
  /** The name of that other bridge. */
  readonly bridge?: string
  /** The end of its address, to tell devices of one name apart: `1.23`. */
  readonly from?: string
  readonly connected: boolean
  /** Since when it is connected, or gone. */
  readonly since: number
  /** It waits for the organiser's decision, since another device has its seat. */
  readonly waiting: boolean
  /** It shows a seat's code and wants to press: a keypad, or a box that has pressed. */
  readonly asks: boolean
  /** It has been here for a while over MQTT and has subscribed to nothing: nobody can tell it anything. */
  readonly deaf: boolean
  readonly tokenId?: string
  readonly lastPressAt?: number
  readonly presses: number
  readonly dropped: number
  readonly held: number
  readonly flapping: boolean
  readonly duplicate: boolean
}

/** The light check of one platform, running or just done. */
export interface LightCheckOverview {
  readonly state: 'running' | 'done'
  readonly startedAt: number
  readonly endsAt: number
  /** Why it ended. */
  readonly ended?: 'allDone' | 'stopped' | 'liftingStarted' | 'juryBegan' | 'timeOver' | 'bridgeGone'
  readonly seats: readonly LightCheckSeat[]
}

export interface LightCheckSeat {
  readonly seat: string
  /** The device that answered, or that should have. */
  readonly device?: string
  /** The other bridge that it is on. */
  readonly bridge?: string
  readonly state: 'waiting' | 'asked' | 'passed' | 'failed'
  /** The step it is at, or at which it failed. */
  readonly step?: DrillStep
  /** From press to the bridge, by the phone's own estimate of our clock; boxes can't tell. */
  readonly p95Ms?: number
  /** What failed. */
  readonly fault?: 'nothing' | 'noPress' | 'wrongColour' | 'interrupted' | 'notReached'
}

/** `GET /api/messages`: what was said last on all platforms, oldest first; what the tail begins with. */
export interface MessagesAnswer {
  readonly messages: readonly SaidMessage[]
}

/** Fields as of the stream's events; without `payload` it is no text. */
export interface SaidMessage {
  readonly at: number
  readonly platform: string
  readonly topic: string
  readonly payload?: string
}

/** `GET /api/log`: its last 500 lines, oldest first, and a report for whoever helps, without a value of a setting. */
export interface LogAnswer {
  readonly lines: readonly LogLine[]
  readonly report: string
}

/** `time`: milliseconds since the epoch; `facts`: JSON, or empty. */
export interface LogLine {
  readonly time: number
  readonly level: string
  readonly message: string
  readonly facts: string
}

/** `GET /api/check`: the doctor's findings, in the language that the request asks for. */
export interface CheckFinding {
  /** The fault as a fixed word, where the table of advice has one. */
  readonly code?: string
  readonly step: string
  /** The step's name for people. */
  readonly title: string
  readonly result: 'pass' | 'warn' | 'fail' | 'skipped'
  readonly what: string
  readonly why?: string
  readonly nextStep?: string
  readonly raw?: string
  readonly ms?: number
}
