import { vi } from 'vitest'

/** As long as a busy machine may take, in milliseconds; still within a test's own time, so that its error says what was missing. */
const patienceMs = 15_000

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
export function until(holds: () => boolean | Promise<boolean>, timeout = 20_000): Promise<void> {
  const check = async (): Promise<void> => {
    if (!(await holds())) throw new Error(`waited ${timeout} ms for ${holds.toString()}`)
  }
  return eventually(check, { timeout, interval: 2 })
}
