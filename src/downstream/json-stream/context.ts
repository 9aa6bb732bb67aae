import type { LightCheck } from '../../hub/press/light-check.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { CloseCode } from '../../protocol/contract/close-codes.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { Logger } from '../../support/logger.ts'
import type { MaybePromise } from '../../support/maybe-promise.ts'
import type { Leaver } from '../guests/drain.ts'
import type { GuestBook } from '../guests/guest-book.ts'
import type { CommandMemory } from './command-memory.ts'
import type { SubscriberContext } from './subscriber.ts'

/**
 * Who holds this token, or undefined: refused. Without a token it is a viewer, where viewers are let in
 * without one. A promise only where a token has to be verified; it never rejects.
 */
export type AuthenticateToken = (token: string | undefined) => MaybePromise<Principal | undefined>

/** Running totals of the JSON stream since start; their names are prefixed when they are shown. */
export interface StreamCounters {
  streamStarts: number
  streamRefused: number
  /** Messages of clients that were not understood. */
  streamBadMessages: number
  /** Clients ended since they sent without end. */
  streamFloods: number
  /** Commands received. */
  streamCommands: number
  /** Commands sent again under the same id, and not passed on again. */
  streamRepeated: number
  /** Times that a slow client got a snapshot instead of events, and clients ended since they stayed behind. */
  conflated: number
  streamSlow: number
}

/** The light check, as far as seats on the stream take part. */
export type DrillDesk = Pick<LightCheck, 'noticeFor' | 'done' | 'listen'>

/** A client of the stream, as the edge that has it in its book. */
export interface StreamGuest extends Leaver {
  readonly waitingBytes: number
  destroy(): void
  /** Ends it if it is somebody for whom the test is true. */
  endIf(test: (principal: Principal) => boolean, reason: CloseCode): void
}

/** What every connection of the stream shares. */
export interface StreamContext extends SubscriberContext {
  readonly log: Logger
  readonly version: string
  readonly clientLimits: ClientLimits
  readonly authenticateToken: AuthenticateToken
  readonly guests: GuestBook
  readonly commands: CommandMemory
  readonly drills?: DrillDesk
  readonly counters: StreamCounters
  /** The client's socket is gone. */
  gone(client: StreamGuest): void
}
