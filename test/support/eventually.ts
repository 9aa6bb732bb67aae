import { vi } from 'vitest'

/** As long as a busy machine may take, in milliseconds; still within a test's own time, so that its error says what was missing. */
export const patienceMs = 45_000

/** After a second of looking all the time, a look each tenth of one: a page that is asked more often is refused. */
const [hastyMs, calmIntervalMs] = [1_000, 100]

/**
 * What `check` returns, as soon as it throws nothing; its last error when that takes too long. Says that something comes
 * about, not how fast: a test of that measures it. A check that acts anew each time, as people do, sets `interval`.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = patienceMs, interval = 10 }: { readonly timeout?: number; readonly interval?: number } = {},
): Promise<T> {
  const look = (ms: number, every: number): Promise<T> =>
    // eslint-disable-next-line no-restricted-properties
    vi.waitFor(check, { timeout: ms, interval: every })
  if (timeout <= hastyMs) return look(timeout, interval)
  return look(hastyMs, interval).catch(() => look(timeout - hastyMs, Math.max(interval, calmIntervalMs)))
}

/** Resolves once it holds, looked at again and again. */
export function until(holds: () => boolean | Promise<boolean>, timeout = patienceMs): Promise<void> {
  const check = async (): Promise<void> => {
    if (!(await holds())) throw new Error(`waited ${timeout} ms for ${holds.toString()}`)
  }
  return eventually(check, { timeout, interval: 2 })
}

const beatMs = 20

/** Milliseconds until the last beat in which this process could run, and when that was. */
const ran = { ms: 0, until: performance.now() }

/**
 * A moment in milliseconds, for how long something took: as `performance.now()`, but time in which a busy machine
 * let this process do nothing counts as two beats. Whom it didn't let run was not slow.
 */
export function runningMs(): number {
  const now = performance.now()
  ran.ms += Math.min(now - ran.until, 2 * beatMs)
  ran.until = now
  return ran.ms
}

setInterval(runningMs, beatMs).unref()
