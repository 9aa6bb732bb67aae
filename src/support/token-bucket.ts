/**
 * A rate with a burst: `burst` tokens at most, `perSecond` new ones each second. Two numbers and no timer, so
 * that each client can have one.
 */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Takes tokens; false, and nothing taken, when there aren't so many. `now` in milliseconds. */
  take(now: number, tokens = 1): boolean {
    this.#refill(now)
    if (this.#tokens < tokens) return false
    this.#tokens -= tokens
    return true
  }

  /** Milliseconds until there are so many, if nobody takes any before. */
  msUntil(now: number, tokens: number): number {
    this.#refill(now)
    return Math.max(0, Math.ceil(((tokens - this.#tokens) / this.#perSecond) * 1000))
  }

  /** Takes tokens of the time to come, too: who comes next waits longer. */
  book(now: number, tokens: number): void {
    this.#refill(now)
    this.#tokens -= tokens
  }

  /** Puts back what was taken. */
  give(tokens: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + tokens)
  }

  /** Whether it is as full as a new one, so that it can be forgotten. */
  full(now: number): boolean {
    this.#refill(now)
    return this.#tokens >= this.#burst
  }

  #refill(now: number): void {
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.#perSecond,
    )
    this.#at = now
  }
}

/** Names with a bucket at once; they come from outside, and one whose bucket is full is as good as new (R7). */
const maxNames = 10_000

/** One {@link TokenBucket} for each name, the same over all of its connections and comings. */
export class Buckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  of(name: string, now: number): TokenBucket {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      if (this.#buckets.size >= maxNames) this.#forget(now)
      bucket = new TokenBucket(this.#perSecond, this.#burst, now)
      this.#buckets.set(name, bucket)
    }
    return bucket
  }

  #forget(now: number): void {
    for (const [name, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(name)
    // All of them in use: forget the oldest rather than grow.
    if (this.#buckets.size < maxNames) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
