import { isCommand, readTopic, type CommandKind, type Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import { leadingNumber, seatKey, seatOfCommand } from '../../protocol/contract/seat.ts'
import { parseMessage } from '../../protocol/owlcms/parse.ts'
import { isPress, keyOfMessage, keyOfReport, mayBeReturn } from '../../protocol/field/press-key.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import { defined } from '../../protocol/defined.ts'
import { deviceId } from './device-id.ts'
import type { Principal } from './permissions.ts'

/** What a device probably is, guessed from its client ID and from what it says (docs/owlcms.md 1.7, 3). */
export const deviceKinds = [
  'ESP32 or M5Stack box',
  'Blue Owl',
  'Firmata',
  'Zephyr box',
  'replays',
  'owlcms',
  'unknown',
] as const
export type DeviceKind = (typeof deviceKinds)[number]

const kindsById: readonly (readonly [RegExp, DeviceKind])[] = [
  [/_owlcms_/, 'owlcms'],
  [/^owlcms-[0-9]{1,3}$/, 'ESP32 or M5Stack box'],
  [/^owlcms_ref_/, 'Zephyr box'],
  [/^replays-monitor-/, 'replays'],
  [/^config_f_|_f_[0-9]+$/, 'Firmata'],
  [/^mqttjs_[0-9a-f]{8}$/, 'Blue Owl'],
  // Up to 54: the platform and the milliseconds of its start. Firmata's, which look the same, stand before it.
  [/^.+_[0-9]{13}$/s, 'owlcms'],
]

const decoder = new TextDecoder()

/** The best guess before a device has said anything. */
export function kindFromClientId(clientId: string): DeviceKind {
  return kindsById.find(([pattern]) => pattern.test(clientId))?.[1] ?? 'unknown'
}

/** One client, as an organiser wants to see it. Times are moments of the clock. */
export interface ClientPresence {
  /** Names it in the console's requests (device-id.ts). */
  readonly id: string
  readonly clientId: string
  readonly principal: Principal
  /** `stream`: the JSON stream, as phones speak it. */
  readonly transport: 'websocket' | 'tcp' | 'stream'
  readonly address: string
  readonly kind: DeviceKind
  readonly connected: boolean
  readonly since: number
  readonly lastPressAt?: number
  /** Every seat it has pressed from: one board may serve three referees. */
  readonly pressedSeats: readonly PressedSeat[]
  readonly presses: number
  /** Presses that were not passed on, whatever the reason. */
  readonly dropped: number
  /** Presses held back since they came in the burst after a CONNECT (R4). */
  readonly held: number
  /** Connected again and again within the last minute. */
  readonly flapping: boolean
  /** Another client uses the same client ID at the same time. */
  readonly duplicate: boolean
}

/** A seat as messages tell it; `seat` is its word, or `unknown`. */
export interface PressedSeat {
  readonly platform: Platform
  readonly seat: string
}

/** A device heard only through the broker. */
export interface DirectDevice extends PressedSeat {
  readonly lastAt: number
}

/** Its last presses: those that another bridge tells of were not its own. */
interface HeardDirect extends PressedSeat {
  readonly presses: { readonly key: string; readonly at: number }[]
}

interface Entry {
  clientId: string
  principal: Principal
  transport: 'websocket' | 'tcp' | 'stream'
  address: string
  kind: DeviceKind
  connected: boolean
  since: number
  lastPressAt: ClientPresence['lastPressAt']
  /** Made with the first press: hardly anybody in a crowd has one. */
  pressedSeats: Map<string, PressedSeat> | undefined
  presses: number
  dropped: number
  held: number
  duplicate: boolean
  connects: number[]
  /** Connections of this key at the moment: two tabs of one phone share one. */
  live: number
}

/** Connections of one client ID within a minute from which on it counts as flapping. */
const flappingConnects = 3
const flappingWindowMs = 60_000
/** Clients remembered after they left, and direct devices: several halls' worth (R7). */
const maxRemembered = 500
/** Presses remembered of a device at the broker itself. */
const directPresses = 16
/** Seats remembered per client: a board that serves a whole platform presses from ten. */
const maxPressedSeats = 24

/** What is known of a client when it comes. */
export type Arrival = Pick<ClientPresence, 'clientId' | 'principal' | 'transport' | 'address' | 'duplicate'>

/** Who is here: as what, on which way, since when, and how it fares. */
export class Presence {
  readonly #clients = new Map<string, Entry>()
  readonly #direct = new Map<string, HeardDirect>()

  /** `key` names the session: the client ID, or something unique where two share one. */
  connected(key: string, facts: Arrival, now: number): void {
    const before = this.#clients.get(key)
    const connects = [...(before?.connects ?? []), now].filter((at) => now - at < flappingWindowMs).slice(-10)
    this.#clients.delete(key)
    this.#forgetOldest()
    this.#clients.set(key, {
      ...facts,
      kind: before?.kind ?? kindFromClientId(facts.clientId),
      connected: true,
      since: now,
      lastPressAt: before?.lastPressAt,
      pressedSeats: before?.pressedSeats,
      presses: before?.presses ?? 0,
      dropped: before?.dropped ?? 0,
      held: before?.held ?? 0,
      connects,
      live: (before?.live ?? 0) + 1,
    })
  }

  disconnected(key: string, now: number): void {
    const entry = this.#clients.get(key)
    if (entry === undefined || entry.live === 0) return
    entry.live -= 1
    if (entry.live > 0) return
    entry.connected = false
    entry.since = now
  }

  /** A client pressed something; `outcome` tells what became of it. */
  pressed(key: string, publication: Publication, now: number): void {
    const entry = this.#clients.get(key)
    if (entry === undefined) return
    const topic = readTopic(publication.topic)
    entry.kind = kindFromBehaviour(publication, entry.kind)
    if (!isCommand(topic)) return
    entry.presses += 1
    entry.lastPressAt = now
    const seat = { platform: topic.platform, seat: seatWord(topic, publication.payload) }
    entry.pressedSeats ??= new Map()
    if (entry.pressedSeats.size < maxPressedSeats)
      entry.pressedSeats.set(`${seat.seat} ${seat.platform}`, seat)
  }

  notPassedOn(key: string, held: boolean): void {
    const entry = this.#clients.get(key)
    if (entry === undefined) return
    if (held) entry.held += 1
    else entry.dropped += 1
  }

  /** A press came down the link that none of our clients sent: a device at the broker itself. */
  heardDirect(publication: Publication, now: number): void {
    const topic = readTopic(publication.topic)
    if (!isCommand(topic)) return
    const message = parseMessage(publication.topic, publication.payload, topic)
    const seat = seatWord(topic, publication.payload)
    const key = `${seat} ${topic.platform}`
    const known = this.#direct.get(key)
    if (known === undefined && this.#direct.size >= maxRemembered) return
    const presses = [
      ...(known?.presses ?? []),
      { key: isPress(message) ? keyOfMessage(message) : '', at: now },
    ].slice(-directPresses)
    this.#direct.set(key, { platform: topic.platform, seat, presses })
  }

  /** Another bridge tells of a press: that it came from no device of ours doesn't mean that it came past all bridges. */
  explained(report: PressReport): void {
    const key = keyOfReport(report)
    for (const [name, { platform, presses }] of this.#direct) {
      if (platform !== report.platform) continue
      const found = presses.findIndex((press) => press.key === key && mayBeReturn(report, press.at))
      if (found === -1) continue
      presses.splice(found, 1)
      if (presses.length === 0) this.#direct.delete(name)
      return
    }
  }

  /** The client ID behind a session's key; the key itself when it is not known. */
  clientIdOf(key: string): string {
    return this.#clients.get(key)?.clientId ?? key
  }

  /** Where the session of this key comes from. */
  addressOf(key: string): string | undefined {
    return this.#clients.get(key)?.address
  }

  clients(now: number): readonly ClientPresence[] {
    return [...this.#clients].map(([key, entry]) => {
      const { clientId, principal, transport, address, kind, connected, since, lastPressAt } = entry
      const { presses, dropped, held, duplicate, connects, pressedSeats } = entry
      return {
        id: deviceId(key),
        clientId,
        principal,
        transport,
        address,
        kind,
        connected,
        since,
        ...defined({ lastPressAt }),
        pressedSeats: [...(pressedSeats?.values() ?? [])],
        presses,
        dropped,
        held,
        duplicate,
        flapping: connects.filter((at) => now - at < flappingWindowMs).length >= flappingConnects,
      }
    })
  }

  directDevices(): readonly DirectDevice[] {
    return [...this.#direct.values()].map(({ platform, seat, presses }) => ({
      platform,
      seat,
      lastAt: presses.at(-1)?.at ?? 0,
    }))
  }

  #forgetOldest(): void {
    if (this.#clients.size < maxRemembered) return
    for (const [key, entry] of this.#clients) {
      if (entry.connected) continue
      this.#clients.delete(key)
      return
    }
  }
}

/** Old boxes use the old topics; Blue Owl and replays ask for the config in their own words (docs/owlcms.md 2.2). */
function kindFromBehaviour(publication: Publication, before: DeviceKind): DeviceKind {
  if (before !== 'unknown') return before
  if (publication.topic.startsWith('owlcms/decision/')) return 'ESP32 or M5Stack box'
  if (publication.topic !== 'owlcms/config') return before
  const text = decoder.decode(publication.payload)
  if (text === ' ') return 'Blue Owl'
  return text === 'requesting configuration' ? 'replays' : before
}

/** Which official a press comes from; never the verdict, which may be secret. Nobody has a number that owlcms ignores. */
function seatWord({ kind }: { readonly kind: CommandKind }, payload: Uint8Array): string {
  const seat = seatOfCommand(kind, leadingNumber(payload))
  return seat === undefined ? 'unknown' : seatKey(seat)
}
