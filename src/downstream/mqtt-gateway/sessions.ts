import type { Hub } from '../../hub/hub.ts'
import { maxSeatDevices } from '../../hub/people/seat-desk.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { getUp, sitDown } from '../guests/sit-down.ts'
import type { Client, ClientFacts, SessionRegistry } from './client.ts'
import { ownerOf } from './session-key.ts'
import { MqttSession, type SessionOwner } from './session.ts'
import type { DelayedWill } from './will.ts'

interface Entry {
  readonly session: MqttSession
  connection: Client | undefined
  cancelExpiry: CancelTimer | undefined
  /** A will on its way, and how to stop it. */
  will: { readonly publish: () => void; readonly cancel: CancelTimer } | undefined
}

/** Takeovers of one client ID within this time, in milliseconds, that make a fight. */
const fightWindowMs = 60_000
const fightTakeovers = 2
/**
 * Milliseconds within which a client that is alive closes its side once it was ended. Who answers later, or never, is no
 * rival but an old line of the client that came back: behind a phone's hotspot there may be one every few seconds.
 */
const aliveMs = 1_500

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
    return this.#recentTakeovers(clientId).length >= fightTakeovers
  }

  takeOver(key: string): void {
    const connection = this.#entries.get(key)?.connection
    if (connection === undefined) return
    const at = this.#clock.now()
    connection.onGone = () => {
      if (this.#clock.now() - at >= aliveMs) return
      const recent = this.#recentTakeovers(key)
      if (this.#takeovers.size >= maxRememberedTakeovers) this.#takeovers.clear()
      this.#takeovers.set(key, [...recent, at])
    }
    connection.end('takenOver')
  }

  keepLastHeard(name: string): void {
    const lines = [...this.#entries.values()]
      .flatMap(({ session, connection }) =>
        session.name === name && connection !== undefined ? [connection] : [],
      )
      .toSorted((a, b) => a.lastHeardAt - b.lastHeardAt)
    for (const line of lines.slice(0, -1)) line.end('takenOver')
  }

  #recentTakeovers(key: string): readonly number[] {
    const now = this.#clock.now()
    return (this.#takeovers.get(key) ?? []).filter((at) => now - at < fightWindowMs)
  }

  create(owner: SessionOwner): MqttSession {
    const { key } = owner
    this.#forget(key)
    const { maxOutboundInFlight, maxOutboundWaiting } = this.#limits
    const session = new MqttSession(owner, maxOutboundInFlight, maxOutboundWaiting, maxOutboundInFlight)
    this.#entries.set(key, { session, connection: undefined, cancelExpiry: undefined, will: undefined })
    this.#hub.open(session)
    return session
  }

  attach(session: MqttSession, connection: Client, facts: ClientFacts): void {
    const entry = this.#entries.get(session.key)
    if (entry?.session !== session) return
    this.#endExpiry(entry)
    entry.will?.cancel() // [MQTT-3.1.3-9]
    entry.will = undefined
    entry.connection = connection
    const { framing, remoteAddress } = connection.transport
    sitDown(
      connection.context,
      session,
      { ...facts, transport: framing.name, address: remoteAddress },
      { seatTaken: () => connection.end('seatTaken') },
    )
  }

  release(session: MqttSession, connection: Client, expirySeconds: number, will?: DelayedWill): void {
    const entry = this.#entries.get(session.key)
    if (entry?.session !== session || entry.connection !== connection) {
      will?.publish()
      return
    }
    if (will !== undefined) this.#delay(entry, will)
    entry.connection = undefined
    getUp(connection.context, session)
    if (expirySeconds <= 0 || this.#closing || !this.#mayKeep(session)) {
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

  /** A viewer has nothing to come back to; and no seat takes the place of others. */
  #mayKeep({ principal }: MqttSession): boolean {
    if (principal.kind === 'viewer' || this.#kept >= this.#limits.maxKeptSessions) return false
    if (principal.kind !== 'seat') return true
    const owner = ownerOf(principal)
    const kept = [...this.#entries.values()].filter(
      ({ session, cancelExpiry }) => cancelExpiry !== undefined && ownerOf(session.principal) === owner,
    )
    return kept.length < maxSeatDevices
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
