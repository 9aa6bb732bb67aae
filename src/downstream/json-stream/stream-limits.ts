import type { HeartbeatTimings } from '../transport/heartbeat.ts'

/** What bounds a client of the JSON stream, beside ClientLimits (R7). Units in the names. */
export interface StreamLimits extends HeartbeatTimings {
  /** Milliseconds from opening to a complete `start`; absolute, traffic doesn't extend it. */
  readonly startTimeoutMs: number
  /** Bytes of one client message; a `start` with a long token is the largest. */
  readonly maxMessageBytes: number
  /** Bytes of messages that may wait while the token of a `start` is verified; a client has little to say before `started`. */
  readonly maxHeldBytes: number
  /** Messages that are not understood, from one connection, before it is ended. */
  readonly maxBadMessages: number
  /** Bytes waiting for one client from which on it gets no events but, later, a snapshot of the latest state. */
  readonly conflateBytes: number
  /** Bytes of missed events told after a reconnect; a client that missed more gets a snapshot. */
  readonly replayBytes: number
  /** Milliseconds between two looks at whether a slow client has caught up. */
  readonly catchUpMs: number
  /** Milliseconds that a client may stay behind before it is ended; older news helps nobody. */
  readonly slowMs: number
  /** Command ids remembered in all, and for how many milliseconds: what is older is too late anyway. */
  readonly maxCommandIds: number
  readonly commandIdsMs: number
}

export const defaultStreamLimits: StreamLimits = {
  pingEveryMs: 20_000,
  pongTimeoutMs: 10_000,
  startTimeoutMs: 5_000,
  maxMessageBytes: 8 * 1024,
  maxHeldBytes: 4 * 1024,
  maxBadMessages: 10,
  conflateBytes: 384 * 1024,
  replayBytes: 352 * 1024,
  catchUpMs: 250,
  slowMs: 10_000,
  maxCommandIds: 10_000,
  commandIdsMs: 300_000,
}
