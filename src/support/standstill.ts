import type { CancelTimer, Clock } from './clock.ts'

/** Milliseconds between two beats, by which it is told that this process runs: a standstill may seem longer by as many. */
const quickBeatMs = 250

/** The same while nobody presses: each beat wakes the process, and a hall is silent for hours. */
const slowBeatMs = 1_000

/** Milliseconds after the last question in which the beat is quick; between sessions there are ten minutes. */
const quickForMs = 600_000

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
  readonly #cancel: CancelTimer
  #cancelQuick: CancelTimer | undefined
  #beatAt: number
  #askedAt = -Infinity
  /** The last one: its length, and when it was noticed. */
  #last: { readonly stoodMs: number; readonly at: number } | undefined

  /** `cut` is told of one so long that no line of before may be used any more. */
  constructor(clock: Clock, cut: (stoodMs: number) => void) {
    this.#clock = clock
    this.#cut = cut
    this.#beatAt = clock.now()
    this.#cancel = clock.repeat(slowBeatMs, () => this.#beat())
  }

  /** How long something that is read now may have waited, at most, in milliseconds. */
  waitedMs(): number {
    this.#look()
    const now = this.#clock.now()
    this.#askedAt = now
    this.#cancelQuick ??= this.#clock.repeat(quickBeatMs, () => this.#beat())
    const last = this.#last
    return last !== undefined && now < last.at + catchUpMs ? last.stoodMs + now - last.at : 0
  }

  stop(): void {
    this.#cancel()
    this.#cancelQuick?.()
  }

  #beat(): void {
    this.#look()
    this.#beatAt = this.#clock.now()
    if (this.#beatAt < this.#askedAt + quickForMs) return
    this.#cancelQuick?.()
    this.#cancelQuick = undefined
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
