import * as v from 'valibot'
import type { OwlcmsMessage } from '../owlcms/message.ts'
import { maxPlatforms, type Platform } from '../owlcms/topics.ts'
import { err, ok, type Result } from '../result.ts'
import type { StateChanges, VisibleState } from '../field/visible-state.ts'
import { defined } from '../defined.ts'

/**
 * The messages of `/ws` and `/events` (PROTOCOL.md, "The JSON stream"; docs/asyncapi.yaml). Unions are tagged
 * `type` on the wire. All times (`at`) are milliseconds of the bridge's steady clock, which begins with the time since the epoch and never
 * jumps; only `time` is what its machine's clock says.
 */

/** Versions of the messages that this bridge speaks; a client names one of them in `start`. */
export const schemaVersions = { min: 1, max: 1 } as const

/** Who the bridge takes the client for. */
export interface StreamIdentity {
  readonly kind: 'device' | 'seat' | 'viewer' | 'admin'
  readonly platform?: string
  readonly role?: string
  readonly number?: number
}

/** An owlcms message on the wire; of an unknown one only topic and payload, beside it, tell anything. */
export type WireMessage = Exclude<OwlcmsMessage, { readonly kind: 'unknown' }> | { readonly kind: 'unknown' }

/** `start`: nothing was known before; `gap`: something was missed; `conflated`: the client was too slow. */
export type SnapshotReason = 'start' | 'gap' | 'conflated'

interface OfPlatform {
  readonly platform: Platform
  /** Grows by one with each message of the platform; numbers that a listener may not hear are left out. */
  readonly seq: number
  readonly at: number
}

/**
 * What owlcms made of a command that the broker has. `taken`: its echo proves it. `notTaken`: no echo within 1.5 s.
 * `delivered`: owlcms says nothing to such a command (`because`, echo.ts), so nothing proves more.
 */
export type Receipt =
  | { readonly outcome: 'taken' | 'notTaken'; readonly at: number }
  | {
      readonly outcome: 'delivered'
      readonly at: number
      readonly because: 'noEcho' | 'alreadySo' | 'deferred' | 'linkLost' | 'notWatched'
    }

/** What the light check asks a seat to do, or to notice; `press`: any of its buttons. */
export const drillSteps = ['white', 'red', 'reminder', 'summon', 'press'] as const
/** What an official is asked to try. */
export type DrillStep = (typeof drillSteps)[number]

/** Why a message of a client was refused, for programs (PROTOCOL.md 2). */
export const errorReasons = [
  'invalidMessage',
  'alreadyStarted',
  'unknownPlatform',
  'notAllowed',
  'tooLate',
  'idReused',
  'invalid',
  'offline',
  'lost',
  'refused',
  'deaf',
  'held',
  'tooFast',
  'seatWaiting',
] as const
export type ErrorReason = (typeof errorReasons)[number]

/** What the bridge says. */
export type ServerMessage =
  | {
      readonly type: 'hello'
      readonly schema: { readonly min: number; readonly max: number }
      readonly epoch: string
      readonly version: string
      readonly at: number
      /** Milliseconds since the epoch as the bridge's machine has it now; `at` is steady and may differ. */
      readonly time?: number
    }
  | { readonly type: 'started'; readonly audience: string; readonly as: StreamIdentity; readonly at: number }
  | {
      readonly type: 'status'
      /** Whether a press can get through to the broker now. */
      readonly ready: boolean
      /**
       * Whether owlcms is there: `silent` when it was asked in vain, so that nobody takes a press. `unknown`: no link, or asked
       * only just now.
       */
      readonly presence: 'unknown' | 'answering' | 'silent'
      readonly owlcms?: { readonly version: string; readonly jurySize?: number }
      /** Platforms that take no press although owlcms answers; absent when there are none. */
      readonly silentPlatforms?: readonly Platform[]
      readonly platforms: readonly Platform[]
    }
  | ({
      readonly type: 'snapshot'
      readonly reason: SnapshotReason
      readonly state: VisibleState
    } & OfPlatform)
  | ({
      readonly type: 'event'
      readonly topic: string
      /** Text, or base64 when the bytes are not UTF-8. */
      readonly payload: string
      readonly encoding?: 'base64'
      readonly message: WireMessage
      readonly changed?: StateChanges
    } & OfPlatform)
  /** The visible state changed by a message that the client may not hear. */
  | ({ readonly type: 'change'; readonly changed: StateChanges } & OfPlatform)
  /** `drill`: the light check took it; owlcms never sees it. */
  | { readonly type: 'ack'; readonly id: string; readonly outcome: 'delivered' | 'drill' }
  | ({ readonly type: 'receipt'; readonly id: string } & Receipt)
  | {
      readonly type: 'error'
      readonly reason: ErrorReason
      readonly text: string
      readonly id?: string
      readonly platform?: string
    }
  /**
   * To a seat: whether this client holds it. `waiting`: another device sits there, and the organiser has not said yet
   * which one counts; presses are refused with `seatWaiting`.
   */
  | { readonly type: 'seat'; readonly state: 'held' | 'waiting'; readonly at: number }
  /**
   * The light check on the client's platform began (`on`), asks this seat for something (`ask`; absent: it is others'
   * turn or done), or ended (`on: false`). Presses meanwhile are acknowledged with `drill`.
   */
  | {
      readonly type: 'drill'
      readonly platform: Platform
      readonly on: boolean
      readonly ask?: DrillStep
      /** The seat is through, and whether with everything. */
      readonly result?: 'passed' | 'failed'
      readonly endsAt?: number
      readonly at: number
    }
  | { readonly type: 'pong'; readonly at: number; readonly time?: number }

/** The text of a message, ready for any framing. */
export function encodeServerMessage(message: ServerMessage): string {
  return JSON.stringify(message)
}

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const verdict = v.picklist(['good', 'bad'])

/** A device's command without its platform; the same kinds and fields as `FromDevice`. */
const commandSchema = v.variant('kind', [
  v.object({ kind: v.literal('refereeDecision'), referee: v.picklist([0, 1, 2, 3]), value: verdict }),
  v.object({ kind: v.literal('downEmitted') }),
  v.object({
    kind: v.literal('clock'),
    command: v.picklist(['start', 'stop', '60', '120', 'toggle']),
  }),
  v.object({
    kind: v.literal('juryBreak'),
    command: v.picklist(['technical', 'deliberation', 'challenge', 'stop']),
  }),
  v.object({ kind: v.literal('juryVote'), member: v.picklist([1, 2, 3, 4, 5]), value: verdict }),
  v.object({ kind: v.literal('juryDecision'), value: verdict }),
  v.object({ kind: v.literal('summonRequest'), who: v.picklist([0, 1, 2, 3, 4]) }),
])

const clientSchema = v.variant('type', [
  v.object({
    type: v.literal('start'),
    schema: v.pipe(v.number(), v.safeInteger()),
    token: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
    /** Stays the same over reconnects, and differs between clients: command ids count within it. */
    client: v.optional(id),
    platforms: v.optional(v.union([v.literal('all'), v.pipe(v.array(name), v.maxLength(maxPlatforms))])),
    since: v.optional(
      v.object({
        epoch: v.pipe(v.string(), v.maxLength(64)),
        audience: v.pipe(v.string(), v.maxLength(400)),
        seq: v.record(name, wholeNumber),
      }),
    ),
  }),
  v.object({
    type: v.literal('press'),
    id,
    platform: name,
    command: commandSchema,
    fence: v.optional(wholeNumber),
    /** When it was pressed, on the bridge's clock. */
    at: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  }),
  /** "I felt and heard it": a seat's answer to `reminder` and `summon` of the light check. */
  v.object({ type: v.literal('drillDone'), step: v.picklist(drillSteps) }),
  v.object({ type: v.literal('ping') }),
])

/** What a client says, checked. */
export type ClientMessage = v.InferOutput<typeof clientSchema>
export type StartMessage = Extract<ClientMessage, { type: 'start' }>
export type PressMessage = Extract<ClientMessage, { type: 'press' }>
export type StreamCommand = PressMessage['command']

/** Why a client's text was not understood; `id` when it had one, so that the client can match it. */
export interface MessageFault {
  /** Says where the fault is and what was expected; never repeats a value, since one may be a token. */
  readonly text: string
  readonly id?: string
}

/** Reads a client's text. Never throws; keys we don't know are ignored. */
export function parseClientMessage(text: string): Result<ClientMessage, MessageFault> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err({ text: 'this is not JSON' }) // The engine's own words quote the input.
  }
  const parsed = v.safeParse(clientSchema, value, { abortEarly: true })
  if (parsed.success) return ok(parsed.output)
  const [issue] = parsed.issues
  const where = v.getDotPath(issue) ?? 'the message'
  const known = idOf(value)
  const expected = issue.expected === null ? '' : `, expected ${issue.expected}`
  return err({ text: `${where} is not understood${expected}`, ...defined({ id: known }) })
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined
  const parsed = v.safeParse(id, value.id)
  return parsed.success ? parsed.output : undefined
}
