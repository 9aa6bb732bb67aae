import { uptime } from 'node:os'
import { WallTime } from './wall-time.ts'

/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/**
 * The only source of time. Passed in everywhere, so that tests move time instead of sleeping.
 *
 * Two times, never mixed: `now()` counts steadily and is for durations (timers, windows, ages); `wallTime()` is what the
 * machine's clock says, and is for people and other machines (tokens, journal, "since"). Keep moments, show wall times.
 */
export interface Clock {
  /**
   * This process's moment: milliseconds that never jump or run backwards, whatever happens to the machine's clock. They begin as
   * the time since the epoch as the machine had it at the start.
   */
  now(): number
  /**
   * Milliseconds since the epoch by the machine's clock as it is set now: the time of `moment` (of {@link now}), also when that
   * was before the clock was set or the machine slept. Absent: of this moment.
   */
  wallTime(moment?: number): number
  /** Calls back once, `delayMs` milliseconds from now by {@link now}, or later; never before. */
  setTimer(delayMs: number, callback: () => void): CancelTimer
  /**
   * Calls back about each `everyMs` milliseconds, the first time within so many. All that ask for the same, or for whole seconds,
   * share one timer and one turn of the event loop: each timer of its own would wake the process when nothing else does.
   */
  repeat(everyMs: number, callback: () => void): CancelTimer
  /** Calls back once, when the current turn of the event loop has handled its input. */
  endOfTurn(callback: () => void): void
}

// Read once: the getter costs more than the clock.
const { timeOrigin } = performance

const wall = new WallTime({
  steadyMs: steadyNow,
  machineMs: () => Date.now(),
  sinceBootMs: () => uptime() * 1_000,
})

/** What is repeated, by the period of its timer. */
const repeated = new Map<number, Set<() => void>>()

/** The real clock. Its timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  now: steadyNow,
  wallTime: (moment) => wall.at(moment),
  setTimer(delayMs, callback) {
    // Node cuts fractions off, of the delay and of the time it began at: up to 2 ms too early for who then asks whether it is time.
    const timer = setTimeout(callback, delayMs > 0 ? Math.ceil(delayMs) + 1 : 0)
    timer.unref()
    return () => clearTimeout(timer)
  },
  repeat(everyMs, callback) {
    const timerMs = everyMs % 1_000 === 0 ? 1_000 : everyMs
    const rounds = everyMs / timerMs
    let left = rounds
    const round = (): void => {
      left -= 1
      if (left > 0) return
      left = rounds
      callback()
    }
    const others = repeated.get(timerMs)
    if (others === undefined) repeated.set(timerMs, beginRepeating(timerMs, round))
    else others.add(round)
    return () => repeated.get(timerMs)?.delete(round)
  },
  endOfTurn(callback) {
    setImmediate(callback)
  },
}

function beginRepeating(everyMs: number, first: () => void): Set<() => void> {
  const callbacks = new Set([first])
  const timer = setInterval(() => {
    for (const callback of [...callbacks]) if (callbacks.has(callback)) callback()
    if (callbacks.size > 0) return
    clearInterval(timer)
    repeated.delete(everyMs)
  }, everyMs)
  timer.unref()
  return callbacks
}

function steadyNow(): number {
  return timeOrigin + performance.now()
}

/** The milliseconds since the epoch that a certificate's or a header's time means; NaN when it is none. */
export function parseTime(text: string): number {
  return Date.parse(text)
}
