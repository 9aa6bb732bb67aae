import { isIPv4, isIPv6 } from 'node:net'
import { TokenBucket } from './token-bucket.ts'
import type { ClientLimits } from './limits.ts'

/** How many failures are let through. */
export type LoginLimits = Pick<ClientLimits, 'loginFailuresPerSecond' | 'loginFailureBurst'>

/** Addresses remembered at once; one that failed long ago is as good as new and forgotten (R7). */
const maxAddresses = 10_000

/**
 * Counts wrong user names and passwords per address. An address with too many is refused unread until it has
 * been quiet for a while, so that nobody can try passwords at speed; right ones cost nothing.
 */
export class LoginLimiter {
  readonly #limits: LoginLimits
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(limits: LoginLimits) {
    this.#limits = limits
  }

  /** Whether this address may try. `now` in milliseconds. */
  allows(address: string, now: number): boolean {
    return this.#buckets.get(networkOf(address))?.has(now) ?? true
  }

  failed(address: string, now: number): void {
    const network = networkOf(address)
    let bucket = this.#buckets.get(network)
    if (bucket === undefined) {
      if (this.#buckets.size >= maxAddresses) this.#forget(now)
      bucket = new TokenBucket(this.#limits.loginFailuresPerSecond, this.#limits.loginFailureBurst, now)
      this.#buckets.set(network, bucket)
    }
    bucket.take(now)
  }

  #forget(now: number): void {
    for (const [address, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(address)
    // All of them guilty: forget the oldest rather than grow.
    if (this.#buckets.size >= maxAddresses) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
  }
}

/**
 * An IPv6 address's first half: whoever has one address has the 2^64 others of that network, too. An IPv4 address stays
 * as it is, also in the form in which a listener on `::` tells it (RFC 4291 section 2.5.5.2).
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined && groups.length < 4) {
    // What stands behind "::" counts from the end; only what reaches into the first half matters.
    const rest = tail === '' ? [] : tail.split(':')
    const zeros = Math.max(0, 8 - groups.length - rest.length)
    groups.push(...Array<string>(zeros).fill('0'), ...rest)
  }
  const half = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${half.join(':')}::/64`
}
