/** What the stream client is given, so that it runs in a browser as well as in a test. */

/** Time in milliseconds since the epoch, on this device's own clock. */
export interface DeviceClock {
  now(): number
  /** Calls back once; the answer cancels. */
  setTimer(delayMs: number, callback: () => void): () => void
}

export interface LineEvents {
  readonly text: (text: string) => void
  /** Once, whatever ended it; 1006 when nobody said why. The reason may say when to come back. */
  readonly closed: (code: number, reason: string) => void
}

/** One WebSocket. After `close` no event comes any more. */
export interface Line {
  send(text: string): void
  close(): void
}

/** Opens a line; never throws. */
export type OpenLine = (events: LineEvents) => Line
