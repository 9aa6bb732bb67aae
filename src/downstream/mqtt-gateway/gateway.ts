import type { Hub } from '../../hub/hub.ts'
import type { Principal } from '../../hub/permissions.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Authenticate } from '../authenticate.ts'
import type { ClientLimits } from '../limits.ts'
import type { Transport } from '../transport.ts'
import { Connection } from './connection.ts'
import type { GatewayContext, GatewayCounters, SessionRegistry } from './context.ts'
import { MqttSession } from './session.ts'

export interface GatewayOptions {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Logger
  readonly limits: ClientLimits
  readonly random: () => number
  readonly authenticate: Authenticate
}

/** Milliseconds between two looks at keep-alives and deadlines: one timer for all clients. */
const sweepMs = 1_000

interface Entry {
  readonly session: MqttSession
  connection: Connection | undefined
  cancelExpiry: CancelTimer | undefined
}

/** The `/mqtt` edge: any transport that carries bytes becomes one MQTT session of the hub. */
export class MqttGateway {
  readonly counters: GatewayCounters = {
    connects: 0,
    refusedConnects: 0,
    takeovers: 0,
    protocolErrors: 0,
    keepAliveTimeouts: 0,
    jammed: 0,
  }
  readonly #options: GatewayOptions
  readonly #context: GatewayContext
  readonly #connections = new Set<Connection>()
  readonly #entries = new Map<string, Entry>()
  #cancelSweep: CancelTimer | undefined
  #closing = false

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#context = { ...options, counters: this.counters, sessions: this.#registry() }
  }

  /** Sockets at the moment, those before CONNECT included. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Takes over a socket that speaks MQTT from its first byte. */
  accept(transport: Transport): void {
    const connection = new Connection(this.#context, transport)
    this.#connections.add(connection)
    if (this.#cancelSweep === undefined) this.#armSweep()
    transport.open({
      bytes: (chunk) => {
        if (!connection.ended) connection.receive(chunk)
      },
      violation: (reason) => {
        const name = reason.code === closeCodes.notBinary.code ? 'notBinary' : 'tooLarge'
        connection.end(name, 'framing')
      },
      closed: () => {
        connection.closed()
        this.#connections.delete(connection)
      },
    })
    if (this.#closing) connection.end('restarting')
    else if (this.#connections.size > this.#options.limits.maxClients) connection.end('full')
  }

  /**
   * The link is back: MQTT 3 clients whose window is full of presses that will never be acknowledged are
   * ended, since only a fresh connection lets them press again (R3). Others keep their sessions.
   */
  linkBack(): void {
    for (const connection of this.#connections) connection.endIfJammed()
  }

  /** Tells every client that we stop, and takes no new ones. */
  close(): void {
    this.#closing = true
    this.#cancelSweep?.()
    for (const connection of this.#connections) connection.end('restarting')
    for (const entry of this.#entries.values()) entry.cancelExpiry?.()
  }

  /** Destroys what did not close in time. */
  destroy(): void {
    for (const connection of this.#connections) connection.transport.destroy()
  }

  #armSweep(): void {
    this.#cancelSweep = this.#options.clock.setTimer(sweepMs, () => {
      const now = this.#options.clock.now()
      for (const connection of this.#connections) if (!connection.ended) connection.sweep(now)
      this.#cancelSweep = undefined
      if (this.#connections.size > 0 && !this.#closing) this.#armSweep()
    })
  }

  #registry(): SessionRegistry {
    return {
      find: (clientId) => this.#entries.get(clientId),
      create: (clientId, principal, connection) => this.#create(clientId, principal, connection),
      attach: (session, connection) => {
        const entry = this.#entries.get(session.clientId)
        if (entry?.session !== session) return
        entry.cancelExpiry?.()
        entry.cancelExpiry = undefined
        entry.connection = connection
      },
      release: (session, connection, expirySeconds) => this.#release(session, connection, expirySeconds),
    }
  }

  #create(clientId: string, principal: Principal, connection: Connection): MqttSession {
    this.#forget(clientId)
    const { limits, hub } = this.#options
    const { maxOutboundInFlight, maxOutboundWaiting } = limits
    const session = new MqttSession(
      clientId,
      principal,
      maxOutboundInFlight,
      maxOutboundWaiting,
      maxOutboundInFlight,
    )
    this.#entries.set(clientId, { session, connection, cancelExpiry: undefined })
    hub.open(session)
    return session
  }

  #release(session: MqttSession, connection: Connection, expirySeconds: number): void {
    const entry = this.#entries.get(session.clientId)
    if (entry?.session !== session || entry.connection !== connection) return
    entry.connection = undefined
    if (expirySeconds <= 0 || this.#closing) {
      this.#forget(session.clientId)
      return
    }
    entry.cancelExpiry = this.#options.clock.setTimer(expirySeconds * 1000, () =>
      this.#forget(session.clientId),
    )
  }

  #forget(clientId: string): void {
    const entry = this.#entries.get(clientId)
    if (entry === undefined) return
    entry.cancelExpiry?.()
    this.#entries.delete(clientId)
    this.#options.hub.close(entry.session)
  }
}
