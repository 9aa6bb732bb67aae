import { closeCodes, type CloseCode } from '../../protocol/contract/close-codes.ts'
import type { Clock } from '../../support/clock.ts'

/** Why everybody is sent away: another process follows, or nobody knows of any. */
export type Farewell = 'restarting' | 'shuttingDown'

/** One client that can be sent away. */
export interface Leaver {
  /** Whether it waits for the answer to a press; it is given a moment for that. */
  readonly busy: boolean
  /** Tells it to go, and when it may come back; does nothing if it is gone. */
  leave(reason: CloseCode, retryInMs: number): void
}

/** Milliseconds. Together with the link's own second this stays below the 5 s that a platform grants at least. */
export interface DrainTimings {
  /** Over which a full hall is sent away, since many devices come back a fixed time later whatever they are told. */
  readonly spreadMs: number
  /** Each client's share of it: a handful is sent away at once. */
  readonly perClientMs: number
  /** Between two groups. */
  readonly tickMs: number
  /** That a client may stay beyond its turn to hear the answer to its press. */
  readonly busyMs: number
  /** From the end of the spread until the first may come back: a process takes a moment to start. */
  readonly firstBackMs: number
  /** Over which the rest follows; with all before it everybody is back within 3 s. */
  readonly backSpreadMs: number
}

export const defaultDrainTimings: DrainTimings = {
  spreadMs: 1_000,
  perClientMs: 4,
  tickMs: 20,
  busyMs: 500,
  firstBackMs: 300,
  backSpreadMs: 1_200,
}

/** Steps of the golden ratio fill an interval evenly, however many there are, in no visible order. */
const goldenRatio = 0.618_033_988_749_895

/**
 * Sends everybody away, spread over time, each with its own moment to come back. Resolves when all have been told;
 * closing takes them a little longer.
 */
export function drain(
  leavers: readonly Leaver[],
  farewell: Farewell,
  clock: Clock,
  timings: DrainTimings = defaultDrainTimings,
): Promise<void> {
  const { tickMs, busyMs, firstBackMs, backSpreadMs } = timings
  const spreadMs = Math.min(timings.spreadMs, leavers.length * timings.perClientMs)
  const began = clock.now()
  let waiting = leavers.map((leaver, index) => ({
    leaver,
    turnMs: (index * spreadMs) / leavers.length,
    backMs: spreadMs + firstBackMs + ((index * goldenRatio) % 1) * backSpreadMs,
  }))
  return new Promise((resolve) => {
    const tick = (): void => {
      const passedMs = clock.now() - began
      waiting = waiting.filter(({ leaver, turnMs, backMs }) => {
        if (passedMs < turnMs || (leaver.busy && passedMs < turnMs + busyMs)) return true
        leaver.leave(closeCodes[farewell], Math.max(firstBackMs, backMs - passedMs))
        return false
      })
      if (waiting.length === 0) resolve()
      else clock.setTimer(tickMs, tick)
    }
    tick()
  })
}
