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

  /** Takes one token; false when there is none. `now` in milliseconds. */
  take(now: number): boolean {
    this.#refill(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Whether one could be taken, without taking it. */
  has(now: number): boolean {
    this.#refill(now)
    return this.#tokens >= 1
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
