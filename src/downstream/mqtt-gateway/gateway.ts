import type { Hub } from '../../hub/hub.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { CloseReason } from '../../protocol/contract/close-codes.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Entrance } from '../guests/authenticate.ts'
import { GuestBook } from '../guests/guest-book.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { Leaver } from '../guests/drain.ts'
import type { Transport } from '../transport/transport.ts'
import { Connection } from './connection.ts'
import type { GatewayContext, GatewayCounters } from './client.ts'
import { Sessions } from './sessions.ts'

export interface GatewayOptions {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Logger
  readonly limits: ClientLimits
  readonly random: () => number
  /** Who may connect, where a listener has no rule of its own. */
  readonly authenticate: Entrance
  /** Shared with the other edge. */
  readonly guests?: GuestBook
}

/** Milliseconds between two looks at keep-alives and deadlines: one timer for all clients. */
const sweepMs = 1_000

/** The MQTT edge: any transport that carries bytes becomes one MQTT session of the hub. */
export class MqttGateway {
  readonly counters: GatewayCounters = {
    connects: 0,
    refusedConnects: 0,
    takeovers: 0,
    protocolErrors: 0,
    keepAliveTimeouts: 0,
    overRate: 0,
    tooManyClients: 0,
    floods: 0,
    loginsBlocked: 0,
    jammed: 0,
  }
  readonly #options: GatewayOptions
  readonly #sessions: Sessions
  readonly #contexts = new Map<Entrance, GatewayContext>()
  readonly #guests: GuestBook
  readonly #connections = new Set<Connection>()
  #cancelSweep: CancelTimer | undefined
  #closing = false

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#sessions = new Sessions(options.hub, options.clock, options.limits)
    this.#guests = options.guests ?? new GuestBook(options.clock, options.limits)
  }

  /** Sockets at the moment, those before CONNECT included. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Bytes that wait for each client, its socket's own included. */
  waitingBytes(): readonly number[] {
    return [...this.#connections].map(({ wire }) => wire.waitingBytes)
  }

  /** Takes over a socket that speaks MQTT from its first byte. */
  accept(transport: Transport, entrance: Entrance = this.#options.authenticate): void {
    const connection = new Connection(this.#context(entrance), transport)
    this.#connections.add(connection)
    this.#cancelSweep ??= this.#options.clock.repeat(sweepMs, () => this.#sweep())
    transport.open(connection)
    if (this.#closing) connection.end('restarting')
    else if (connection.guest.hopeless) connection.giveWay()
  }

  /**
   * The link is back: MQTT 3 clients whose window is full of presses that will never be acknowledged are
   * ended, since only a fresh connection lets them press again (R3). Others keep their sessions.
   */
  linkBack(): void {
    for (const connection of this.#connections) connection.endIfJammed()
  }

  /** Ends everybody whose principal the test names. */
  endWhere(test: (principal: Principal) => boolean, reason: CloseReason): void {
    for (const connection of [...this.#connections]) {
      const { principal } = connection
      if (principal !== undefined && !connection.ended && test(principal)) connection.end(reason)
    }
  }

  /** Takes no new clients from now on; those that are here are to be sent away one by one. */
  drain(): readonly Leaver[] {
    this.#closing = true
    this.#cancelSweep?.()
    this.#sessions.close()
    // owlcms last: a press on its way still gets to it.
    const isOwlcms = ({ principal }: Connection): number => (principal?.kind === 'owlcms' ? 1 : 0)
    return [...this.#connections].toSorted((a, b) => isOwlcms(a) - isOwlcms(b))
  }

  /** Destroys what did not close in time. */
  destroy(): void {
    for (const connection of this.#connections) connection.transport.destroy()
  }

  #context(entrance: Entrance): GatewayContext {
    let context = this.#contexts.get(entrance)
    if (context === undefined) {
      const { hub, clock, log, limits, random } = this.#options
      const { counters } = this
      const sessions = this.#sessions
      const guests = this.#guests
      const owlcmsBack = (): void => this.linkBack()
      const gone = (client: Connection): void => void this.#connections.delete(client)
      context = { hub, clock, log, limits, random, entrance, counters, sessions, guests, gone, owlcmsBack }
      this.#contexts.set(entrance, context)
    }
    return context
  }

  #sweep(): void {
    const now = this.#options.clock.now()
    for (const connection of this.#connections) if (!connection.ended) connection.sweep(now)
    if (this.#connections.size > 0) return
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }
}
