import { vi } from 'vitest'

/** As long as a busy machine may take, in milliseconds; still within a test's own time, so that its error says what was missing. */
export const patienceMs = 45_000

/**
 * What `check` returns, as soon as it throws nothing; its last error when that takes too long. Says that something comes
 * about, not how fast: a test of that measures it. A check that acts anew each time, as people do, sets `interval`.
 */
export function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = patienceMs, interval = 10 }: { readonly timeout?: number; readonly interval?: number } = {},
): Promise<T> {
  // eslint-disable-next-line no-restricted-properties
  return vi.waitFor(check, { timeout, interval })
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
