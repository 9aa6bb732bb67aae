import type { Hub } from '../../hub/hub.ts'
import type { Principal } from '../../hub/permissions.ts'
import type { SeatClient, SeatDesk } from '../../hub/seat-desk.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { Connection } from './connection.ts'
import type { ClientFacts, DelayedWill, SessionRegistry } from './context.ts'
import { MqttSession } from './session.ts'

interface Entry {
  readonly session: MqttSession
  /** Gives the seat up that the session's client sits on. */
  leaveSeat: (() => void) | undefined
  connection: Connection | undefined
  cancelExpiry: CancelTimer | undefined
  /** A will on its way, and how to stop it. */
  will: { readonly publish: () => void; readonly cancel: CancelTimer } | undefined
}

/** Takeovers of one client ID within this time, in milliseconds, that make a fight. */
const fightWindowMs = 60_000
const fightTakeovers = 2

/** Client IDs whose takeovers are remembered; they come from outside (R7). */
const maxRememberedTakeovers = 1_000

/** The sessions of the gateway by client ID, with how long those without a connection stay. */
export class Sessions implements SessionRegistry {
  readonly #hub: Hub
  readonly #clock: Clock
  readonly #limits: ClientLimits
  readonly #entries = new Map<string, Entry>()
  readonly #takeovers = new Map<string, number[]>()
  #kept = 0
  #closing = false

  constructor(hub: Hub, clock: Clock, limits: ClientLimits) {
    this.#hub = hub
    this.#clock = clock
    this.#limits = limits
  }

  find(clientId: string): Entry | undefined {
    return this.#entries.get(clientId)
  }

  fought(clientId: string): boolean {
    const now = this.#clock.now()
    const recent = (this.#takeovers.get(clientId) ?? []).filter((at) => now - at < fightWindowMs)
    if (recent.length >= fightTakeovers) return true
    if (this.#takeovers.size >= maxRememberedTakeovers) this.#takeovers.clear()
    this.#takeovers.set(clientId, [...recent, now])
    return false
  }

  create(key: string, principal: Principal): MqttSession {
    this.#forget(key)
    const { maxOutboundInFlight, maxOutboundWaiting } = this.#limits
    const session = new MqttSession(
      key,
      principal,
      maxOutboundInFlight,
      maxOutboundWaiting,
      maxOutboundInFlight,
    )
    this.#entries.set(key, {
      session,
      connection: undefined,
      cancelExpiry: undefined,
      leaveSeat: undefined,
      will: undefined,
    })
    this.#hub.open(session)
    return session
  }

  attach(session: MqttSession, connection: Connection, facts: ClientFacts): void {
    const entry = this.#entries.get(session.key)
    if (entry?.session !== session) return
    this.#endExpiry(entry)
    entry.will?.cancel() // [MQTT-3.1.3-9]
    entry.will = undefined
    entry.connection = connection
    const { framing, remoteAddress } = connection.transport
    this.#hub.presence.connected(
      session.key,
      { ...facts, principal: session.principal, transport: framing.name, address: remoteAddress },
      this.#clock.now(),
    )
    entry.leaveSeat = takeSeat(this.#hub.seats, session, connection)
  }

  release(session: MqttSession, connection: Connection, expirySeconds: number, will?: DelayedWill): void {
    const entry = this.#entries.get(session.key)
    if (entry?.session !== session || entry.connection !== connection) {
      will?.publish()
      return
    }
    if (will !== undefined) this.#delay(entry, will)
    entry.connection = undefined
    entry.leaveSeat?.()
    entry.leaveSeat = undefined
    this.#hub.presence.disconnected(session.key, this.#clock.now())
    if (expirySeconds <= 0 || this.#closing || this.#kept >= this.#limits.maxKeptSessions) {
      this.#forget(session.key)
      return
    }
    this.#kept += 1
    entry.cancelExpiry = this.#clock.setTimer(expirySeconds * 1000, () => this.#forget(session.key))
  }

  /** No session outlives its connection any more. */
  close(): void {
    this.#closing = true
    for (const [key, entry] of [...this.#entries]) if (entry.connection === undefined) this.#forget(key)
  }

  #delay(entry: Entry, { delaySeconds, publish }: DelayedWill): void {
    // Longer than any session is kept would only be more than a timer takes.
    const seconds = Math.min(delaySeconds, this.#limits.maxSessionExpirySeconds)
    const cancel = this.#clock.setTimer(seconds * 1000, () => {
      entry.will = undefined
      publish()
    })
    entry.will = { publish, cancel }
  }

  #endExpiry(entry: Entry): void {
    if (entry.cancelExpiry === undefined) return
    entry.cancelExpiry()
    entry.cancelExpiry = undefined
    this.#kept -= 1
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#endExpiry(entry)
    entry.will?.cancel()
    entry.will?.publish()
    this.#entries.delete(key)
    this.#hub.close(entry.session)
  }
}

/** An official's client sits down; what it presses is refused while another device has the seat. */
function takeSeat(desk: SeatDesk, session: MqttSession, connection: Connection): (() => void) | undefined {
  const { principal, key } = session
  session.waiting = false
  if (principal.kind !== 'seat') return undefined
  const client: SeatClient = {
    key,
    seatChanged: (state) => (session.waiting = state === 'waiting'),
    seatTaken: () => connection.end('seatTaken'),
  }
  session.waiting = desk.join(principal, client) === 'waiting'
  return () => desk.leave(principal, client)
}
