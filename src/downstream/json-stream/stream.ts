import type { Hub } from '../../hub/hub.ts'
import type { Platforms } from '../../hub/field/platforms.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import { whenKnown, type MaybePromise } from '../../support/maybe-promise.ts'
import { closeCodes, type CloseReason } from '../../protocol/contract/close-codes.ts'
import { defined } from '../../protocol/defined.ts'
import type { Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { Logger } from '../../support/logger.ts'
import type { Leaver } from '../guests/drain.ts'
import { GuestBook, type Guest } from '../guests/guest-book.ts'
import { Broadcast } from './broadcast.ts'
import { CommandMemory } from './command-memory.ts'
import { StreamConnection } from './connection.ts'
import type { AuthenticateToken, DrillDesk, StreamContext, StreamCounters, StreamGuest } from './context.ts'
import { EventFeed, type EventSink, type FeedRefusal, type FeedRequest } from './event-feed.ts'
import { defaultStreamLimits, type StreamLimits } from './stream-limits.ts'
import type { TextTransport } from '../transport/text-transport.ts'

export type { AuthenticateToken } from './context.ts'

export interface JsonStreamOptions {
  readonly hub: Hub
  readonly platforms: Platforms
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  readonly clientLimits: ClientLimits
  readonly limits?: Partial<StreamLimits>
  readonly authenticateToken: AuthenticateToken
  /** Shared with the other edge. */
  readonly guests?: GuestBook
  /** The light check; without it nobody is asked anything. */
  readonly drills?: DrillDesk
}

/** What becomes of a request for `/events`. */
export type OpenedFeed = { readonly kind: 'open'; readonly close: () => void } | FeedRefusal

/**
 * The JSON edge: sockets of `/ws` and listeners of `/events`, all fed by what came down from the broker.
 * Bounds them together, as the gateway does its own.
 */
export class JsonStream {
  readonly counters: StreamCounters = {
    streamStarts: 0,
    streamRefused: 0,
    streamBadMessages: 0,
    streamFloods: 0,
    streamCommands: 0,
    streamRepeated: 0,
    conflated: 0,
    streamSlow: 0,
  }
  readonly #context: StreamContext
  readonly #clients = new Set<StreamGuest>()
  readonly #leaveWatch: () => void
  #names = 0
  #closing = false

  constructor(options: JsonStreamOptions) {
    const { hub, platforms, clock, log, version, clientLimits, authenticateToken } = options
    const limits = { ...defaultStreamLimits, ...options.limits }
    this.#context = {
      hub,
      platforms,
      clock,
      log,
      version,
      clientLimits,
      limits,
      authenticateToken,
      broadcast: new Broadcast(platforms, hub),
      guests: options.guests ?? new GuestBook(clock, clientLimits),
      commands: new CommandMemory(limits.maxCommandIds, limits.commandIdsMs),
      counters: this.counters,
      gone: (client) => void this.#clients.delete(client),
      ...defined({ drills: options.drills }),
    }
    const tell = (): void => this.#context.broadcast.configured()
    this.#leaveWatch = hub.watch.listen({
      // That the link came or went is told by the platforms, with all that it changes.
      presence: ({ kind }) => {
        if (kind !== 'unknown') tell()
      },
      platform: tell,
    })
  }

  /** Sockets and listeners at the moment, those before `start` included. */
  get connectionCount(): number {
    return this.#clients.size
  }

  /** Bytes that wait for each client in its socket. */
  waitingBytes(): readonly number[] {
    return [...this.#clients].map((client) => client.waitingBytes)
  }

  /** Takes over a socket of `/ws`. */
  accept(transport: TextTransport): void {
    this.#names += 1
    const connection = new StreamConnection(this.#context, transport, `connection ${this.#names}`)
    this.#clients.add(connection)
    transport.open(connection)
    if (this.#closing) connection.end(closeCodes.restarting)
    else if (connection.guest.hopeless) connection.giveWay()
    else connection.greet()
  }

  /** Opens a listener of `/events`: one platform, read-only, the same visibility as on `/ws`. */
  openFeed(request: FeedRequest, sink: EventSink): MaybePromise<OpenedFeed> {
    if (this.#closing) return { kind: 'refused', why: 'full' }
    const guest = this.#context.guests.arrive(request.address, { giveWay: () => undefined })
    return whenKnown(EventFeed.open(this.#context, guest, request, sink), (feed) =>
      this.#keepFeed(feed, guest, sink),
    )
  }

  #keepFeed(feed: EventFeed | FeedRefusal, guest: Guest, sink: EventSink): OpenedFeed {
    if (!(feed instanceof EventFeed)) {
      guest.leave()
      return feed
    }
    const gone = (): void => {
      guest.leave()
      this.#clients.delete(client)
    }
    const close = (): void => {
      feed.end()
      gone()
    }
    const client: StreamGuest = {
      get waitingBytes() {
        return sink.bufferedBytes
      },
      busy: false,
      leave: (_reason, retryInMs) => {
        feed.leave(retryInMs)
        gone()
      },
      destroy: close,
      endIf: (test) => {
        if (feed.isFor(test)) close()
      },
    }
    feed.onEnd = gone
    this.#clients.add(client)
    // The bridge may have begun to stop while a token was verified.
    if (this.#closing) {
      close()
      return { kind: 'refused', why: 'full' }
    }
    return { kind: 'open', close }
  }

  /** Ends everybody whose principal the test names; listeners of `/events` simply end. */
  endWhere(test: (principal: Principal) => boolean, reason: CloseReason): void {
    for (const client of this.#clients) client.endIf(test, closeCodes[reason])
  }

  /** Takes no new clients from now on; those that are here are to be sent away one by one. */
  drain(): readonly Leaver[] {
    this.#closing = true
    return [...this.#clients]
  }

  /** Destroys what did not close in time. */
  destroy(): void {
    for (const client of [...this.#clients]) client.destroy()
    this.#leaveWatch()
    this.#context.broadcast.stop()
  }
}
