/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/**
 * The only source of time. Passed in everywhere, so that tests move time instead of sleeping.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; never runs backwards within one process. */
  now(): number
  /** Calls back once, `delayMs` milliseconds from now. */
  setTimer(delayMs: number, callback: () => void): CancelTimer
  /** Calls back once, when the current turn of the event loop has handled its input. */
  endOfTurn(callback: () => void): void
}

/** The real clock. Its timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  endOfTurn(callback) {
    setImmediate(callback)
  },
}

/** The milliseconds since the epoch that a certificate's or a header's time means; NaN when it is none. */
export function parseTime(text: string): number {
  return Date.parse(text)
}
