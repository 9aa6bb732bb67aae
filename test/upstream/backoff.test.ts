import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelayMs } from '../../src/upstream/backoff.ts'
import { defaultUpstreamTimings as timings } from '../../src/upstream/timings.ts'

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('retryDelayMs', () => {
  it('waits up to half a second at first, doubles to 1.5 s, and grows to 15 s after a long outage', () => {
    const longest = [1, 2, 3, 4, 150, 151, 1000].map((failures) =>
      retryDelayMs('reset', failures, () => 1, timings),
    )
    expect(longest).toEqual([500, 1000, 1500, 1500, 1500, 15_000, 15_000])
  })

  it('is anywhere between the floor and its upper end, whatever the fault and the number of failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), chance, (failures, random) => {
        const delay = retryDelayMs('refused', failures, () => random, timings)
        const upperEnd = Math.min(failures <= 150 ? 1500 : 15_000, 500 * 2 ** Math.min(failures - 1, 20))
        expect(delay).toBe(Math.max(50, random * upperEnd))
      }),
    )
  })

  it.each(['subscriptionRefused', 'publishRefused'] as const)(
    'waits five minutes, give or take a tenth, after %s',
    (code) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 100 }), chance, (failures, random) => {
          const delay = retryDelayMs(code, failures, () => random, timings)
          expect(delay).toBeGreaterThanOrEqual(270_000)
          expect(delay).toBeLessThanOrEqual(330_000)
        }),
      )
      expect([0, 0.5].map((random) => retryDelayMs(code, 1, () => random, timings))).toEqual([
        270_000, 300_000,
      ])
    },
  )

  it.each(['badCredentials', 'passwordWanted', 'notAuthorised', 'noPermission', 'noServerName'] as const)(
    'tries twenty times as quickly after %s, then less and less often, down to every five minutes',
    (code) => {
      const delays = [1, 20, 21, 22, 23, 27, 28, 29, 1000].map((failures) =>
        retryDelayMs(code, failures, () => 0.5, timings),
      )
      expect(delays).toEqual([250, 750, 3_000, 6_000, 12_000, 192_000, 300_000, 300_000, 300_000])
    },
  )
})
