import type { CancelTimer, Clock } from './clock.ts'

/** Milliseconds between two beats, by which it is told that this process runs. */
const beatMs = 250

/** Less is a busy machine; and no referee's decision is refused for being as old (protocol/field/fence.ts). */
const leastMs = 2_000

/** Milliseconds after it in which what the operating system has kept meanwhile is read. */
const catchUpMs = 250

/**
 * Milliseconds after which what hangs on the lines is not to arrive any more: whoever sent it goes on sending it again, ever more
 * seldom, so that it may come as long after the standstill as it was sent before its end.
 */
const cutAfterMs = 5_000

/**
 * Notices that this process stood still, or its machine slept: what is read then may have waited for as long, and says
 * nothing of it. Looks at each beat, and whenever somebody asks, so that nothing is read before it is known.
 */
export class Standstill {
  readonly #clock: Clock
  readonly #cut: (stoodMs: number) => void
  #beatAt: number
  /** The last one: its length, and when it was noticed. */
  #last: { readonly stoodMs: number; readonly at: number } | undefined
  #cancel: CancelTimer

  /** `cut` is told of one so long that no line of before may be used any more. */
  constructor(clock: Clock, cut: (stoodMs: number) => void) {
    this.#clock = clock
    this.#cut = cut
    this.#beatAt = clock.now()
    this.#cancel = this.#arm()
  }

  /** How long something that is read now may have waited, at most, in milliseconds. */
  waitedMs(): number {
    this.#look()
    const now = this.#clock.now()
    const last = this.#last
    return last !== undefined && now < last.at + catchUpMs ? last.stoodMs + now - last.at : 0
  }

  stop(): void {
    this.#cancel()
  }

  #arm(): CancelTimer {
    return this.#clock.setTimer(beatMs, () => {
      this.#look()
      this.#beatAt = this.#clock.now()
      this.#cancel = this.#arm()
    })
  }

  #look(): void {
    const now = this.#clock.now()
    // By the machine's time, which counts sleep; a clock that is set moves both alike.
    const stoodMs = this.#clock.wallTime(now) - this.#clock.wallTime(this.#beatAt)
    if (stoodMs < leastMs) return
    this.#beatAt = now
    this.#last = { stoodMs, at: now }
    if (stoodMs >= cutAfterMs) this.#cut(stoodMs)
  }
}
