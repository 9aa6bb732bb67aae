import type { LinkFaultCode } from './status.ts'
import type { UpstreamTimings } from './timings.ts'

type RetryTimings = Pick<
  UpstreamTimings,
  'firstRetryMs' | 'retryCapMs' | 'retryFloorMs' | 'longRetryMs' | 'longRetryJitter'
>

/** Refusals that trying again soon can't lift, and that some brokers answer with a lock-out (platforms.md 3.3). */
const patientFaults: ReadonlySet<LinkFaultCode> = new Set([
  'badCredentials',
  'notAuthorised',
  'subscriptionRefused',
  'publishRefused',
])

/**
 * Milliseconds until the next try, after `failures` (1 or more) in a row, the last one with `code`.
 * Full jitter: anywhere between the floor and an upper end that doubles up to the cap, so that the
 * clients of a broker that comes back don't all knock at once. Refusals wait about five minutes.
 */
export function retryDelayMs(
  code: LinkFaultCode,
  failures: number,
  random: () => number,
  timings: RetryTimings,
): number {
  if (patientFaults.has(code)) {
    return timings.longRetryMs * (1 + timings.longRetryJitter * (2 * random() - 1))
  }
  // 2^40 is far above any cap and far below what would make the product infinite.
  const doublings = Math.min(Math.max(failures, 1) - 1, 40)
  const upperEnd = Math.min(timings.retryCapMs, timings.firstRetryMs * 2 ** doublings)
  return Math.max(timings.retryFloorMs, random() * upperEnd)
}
