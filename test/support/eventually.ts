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
