import type { Clock } from './clock.ts'
import type { ClientLimits } from './limits.ts'
import type { MaybePromise } from './maybe-promise.ts'
import { networkOf } from './network-of.ts'
import { Buckets, TokenBucket } from './token-bucket.ts'

/** How many passwords may be tried. */
export type LoginLimits = Pick<
  ClientLimits,
  | 'loginFailuresPerSecond'
  | 'loginFailureBurst'
  | 'loginFailuresPerSecondInAll'
  | 'loginFailureBurstInAll'
  | 'loginWaitMs'
>

/** Networks remembered from which somebody had the right password (R7). */
const maxKnownNetworks = 1_000

/**
 * The one budget for comparing passwords, whoever's and at whichever door: only wrong ones cost. A network that has used
 * up its share waits for its turn, and so does a right password that comes from there; nobody waits longer than
 * `loginWaitMs`. What all networks guess is bounded, too; those from which the right password came before are beyond
 * that, so that guesses from everywhere keep no hall out.
 */
export class LoginBudget {
  readonly #clock: Clock
  readonly #waitMs: number
  readonly #networks: Buckets
  readonly #inAll: TokenBucket
  readonly #known = new Set<string>()

  constructor(clock: Clock, limits: LoginLimits) {
    this.#clock = clock
    this.#waitMs = limits.loginWaitMs
    this.#networks = new Buckets(limits.loginFailuresPerSecond, limits.loginFailureBurst)
    this.#inAll = new TokenBucket(
      limits.loginFailuresPerSecondInAll,
      limits.loginFailureBurstInAll,
      clock.now(),
    )
  }

  /**
   * Compares in its turn: at once where nobody guesses. `busy`: not compared, since more than fit into the wait are
   * before it. `cost`: how many tries of a device this one counts for, more where the password may be weaker.
   */
  attempt(address: string, cost: number, fits: () => boolean): MaybePromise<'right' | 'wrong' | 'busy'> {
    const network = networkOf(address)
    const now = this.#clock.now()
    const own = this.#networks.of(network, now)
    const buckets = this.#known.has(network) ? [own] : [own, this.#inAll]
    const waitMs = Math.max(...buckets.map((bucket) => bucket.msUntil(now, cost)))
    if (waitMs > this.#waitMs) return 'busy'
    for (const bucket of buckets) bucket.book(now, cost)
    const compare = (): 'right' | 'wrong' => {
      if (!fits()) return 'wrong'
      for (const bucket of buckets) bucket.give(cost)
      this.#remember(network)
      return 'right'
    }
    if (waitMs === 0) return compare()
    return new Promise((resolve) => this.#clock.setTimer(waitMs, () => resolve(compare())))
  }

  #remember(network: string): void {
    if (this.#known.size >= maxKnownNetworks) this.#known.clear()
    this.#known.add(network)
  }
}
