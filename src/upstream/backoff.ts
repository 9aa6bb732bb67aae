import type { LinkFaultCode } from '../protocol/link/link-fault.ts'
import type { UpstreamTimings } from './timings.ts'

type RetryTimings = Pick<
  UpstreamTimings,
  | 'firstRetryMs'
  | 'quickRetryCapMs'
  | 'quickRetries'
  | 'retryCapMs'
  | 'retryFloorMs'
  | 'quickRefusals'
  | 'longRetryMs'
  | 'longRetryJitter'
>

/**
 * Refusals of what a user may do. Each repetition repeats the offence, permissions take 5 minutes to spread, and a
 * forbidden publication cuts the link of all devices again (docs/platforms.md 3.1, 3.3).
 */
const forbidden: ReadonlySet<LinkFaultCode> = new Set(['subscriptionRefused', 'publishRefused'])

/** Refusals at the door: some brokers lock out who knocks for long, but none does after a few tries. */
const refusedLogins: ReadonlySet<LinkFaultCode> = new Set([
  'badCredentials',
  'passwordWanted',
  'notAuthorised',
  'noPermission',
  'noServerName',
])

/** Whether the broker turned the user away at the door. */
export function isRefusedLogin(code: LinkFaultCode): boolean {
  return refusedLogins.has(code)
}

/** 2^40 is far above any cap and far below what would make a product infinite. */
const maxDoublings = 40

/**
 * Milliseconds until the next try, after `failures` (1 or more) in a row, the last one with `code`. For a refused
 * login it is the number of refusals since the last one that was let in.
 * Full jitter: anywhere between the floor and an upper end that doubles up to the cap, so that the
 * clients of a broker that comes back don't all knock at once. The cap is low at first, so that the bridge is back
 * within 3 s of the repair. A refused login is tried as quickly twenty times, since a password is changed on two
 * sides one after the other; then less and less often, down to every five minutes. Who waits longer than that
 * has new secrets to set, which restarts the process, or presses "Check now". A forbidden topic waits five minutes.
 */
export function retryDelayMs(
  code: LinkFaultCode,
  failures: number,
  random: () => number,
  timings: RetryTimings,
): number {
  const wavering = 1 + timings.longRetryJitter * (2 * random() - 1)
  if (forbidden.has(code)) return timings.longRetryMs * wavering
  if (refusedLogins.has(code) && failures > timings.quickRefusals) {
    const doublings = Math.min(failures - timings.quickRefusals, maxDoublings)
    return Math.min(timings.longRetryMs, timings.quickRetryCapMs * 2 ** doublings) * wavering
  }
  const doublings = Math.min(Math.max(failures, 1) - 1, maxDoublings)
  const cap = failures <= timings.quickRetries ? timings.quickRetryCapMs : timings.retryCapMs
  const upperEnd = Math.min(cap, timings.firstRetryMs * 2 ** doublings)
  return Math.max(timings.retryFloorMs, random() * upperEnd)
}
