import type { CancelTimer, Clock } from './clock.ts'

/** The machine's clock and ours parted; at least one of the two is not 0. Milliseconds. */
export interface ClockChange {
  /** When it was noticed, a moment of `Clock.now()`. */
  readonly at: number
  /** By how much somebody, or a time server, set the clock: forward, or back when negative. */
  readonly setByMs: number
  /** How long the machine slept. */
  readonly sleptMs: number
}

/** Milliseconds between two looks. */
const lookMs = 1_000

/** Smaller changes are trimming, and nobody's news. */
const leastChangeMs = 1_000

/** Notices when the machine's clock jumps, within a second, and tells. */
export class ClockWatch {
  readonly #clock: Clock
  readonly #began: number
  readonly #listeners: ((change: ClockChange) => void)[] = []
  #aheadMs: number
  #beganTime: number
  #latest: ClockChange | undefined
  readonly #cancel: CancelTimer

  constructor(clock: Clock) {
    this.#clock = clock
    this.#began = clock.now()
    this.#beganTime = clock.wallTime(this.#began)
    this.#aheadMs = this.#ahead()
    this.#cancel = clock.repeat(lookMs, () => this.#look())
  }

  /** The last change since the start. */
  get latest(): ClockChange | undefined {
    return this.#latest
  }

  /** Told of each change from now on. */
  listen(listener: (change: ClockChange) => void): void {
    this.#listeners.push(listener)
  }

  stop(): void {
    this.#cancel()
  }

  #look(): void {
    const aheadMs = this.#ahead()
    const beganTime = this.#clock.wallTime(this.#began)
    // A sleep moves the present only; a clock that was set moves all moments alike.
    const setByMs = beganTime - this.#beganTime
    const sleptMs = aheadMs - this.#aheadMs - setByMs
    if (Math.abs(setByMs) < leastChangeMs && Math.abs(sleptMs) < leastChangeMs) return
    this.#aheadMs = aheadMs
    this.#beganTime = beganTime
    const change = { at: this.#clock.now(), setByMs: Math.round(setByMs), sleptMs: Math.round(sleptMs) }
    this.#latest = change
    for (const listener of this.#listeners) listener(change)
  }

  #ahead(): number {
    return this.#clock.wallTime() - this.#clock.now()
  }
}
