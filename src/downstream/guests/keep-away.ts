import type { Clock } from '../../support/clock.ts'

/** Milliseconds that somebody is kept away the first time, each time twice as long, and at most. */
const firstMs = 1_000
const mostMs = 60_000
/** Milliseconds of good behaviour after which it is forgotten. */
const forgetMs = 600_000
/** Names remembered; they come from outside (R7). */
const maxNames = 10_000

/** Who flooded is kept away for a while, a growing one if that goes on. */
export class KeepAway {
  readonly #clock: Clock
  readonly #away = new Map<string, { readonly until: number; readonly lastMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  flooded(name: string): void {
    const now = this.#clock.now()
    const before = this.#away.get(name)
    const again = before !== undefined && now - before.until < forgetMs
    // One flood over many connections is one flood.
    if (again && now < before.until) return
    const lastMs = again ? Math.min(mostMs, before.lastMs * 2) : firstMs
    this.#away.delete(name)
    if (this.#away.size >= maxNames) {
      const [oldest] = this.#away.keys()
      if (oldest !== undefined) this.#away.delete(oldest)
    }
    this.#away.set(name, { until: now + lastMs, lastMs })
  }

  /** Milliseconds until it may come again; 0: it may. */
  msLeft(name: string): number {
    return Math.max(0, (this.#away.get(name)?.until ?? 0) - this.#clock.now())
  }
}
