/** The three clocks of a machine, in milliseconds. */
export interface TimeSources {
  /** Never jumps; on most systems it stands still while the machine sleeps. */
  steadyMs(): number
  /** Since the epoch, as the machine is set. */
  machineMs(): number
  /** Since the machine started, sleep included; may throw where a sandbox hides it. */
  sinceBootMs(): number
}

/** Below it the machine's clock was only trimmed, as time servers do all day. */
const leastSleepMs = 2_000

/** A machine's clock reads in whole milliseconds; a change above this is not its rounding. */
const leastChangeMs = 20

/** Sleeps remembered (R7); a laptop's lid is opened and closed a few times a day. */
const maxSleeps = 50

interface Sleep {
  /** The steady moment at which it slept. */
  readonly at: number
  readonly ms: number
}

/**
 * Turns steady moments into the machine's time, as it is set now. When the clock is set, earlier moments are told by the new
 * setting, since the old one was wrong; after a sleep they stay what they were, since time really passed.
 */
export class WallTime {
  readonly #sources: TimeSources
  #shiftMs: number
  #asleepMs: number
  #sleeps: Sleep[] = []

  constructor(sources: TimeSources) {
    this.#sources = sources
    this.#shiftMs = this.#shiftNow()
    this.#asleepMs = this.#asleepNow()
  }

  /** Milliseconds since the epoch at a steady moment; absent: now. */
  at(moment: number = this.#sources.steadyMs()): number {
    this.#look()
    let time = moment + this.#shiftMs
    for (const { at, ms } of this.#sleeps) if (moment < at) time -= ms
    return time
  }

  #look(): void {
    const shiftMs = this.#shiftNow()
    const changedMs = Math.abs(shiftMs - this.#shiftMs)
    if (changedMs < leastChangeMs) return
    this.#shiftMs = shiftMs
    if (changedMs < leastSleepMs) return
    const asleepMs = this.#asleepNow()
    const ms = asleepMs - this.#asleepMs
    this.#asleepMs = asleepMs
    // Not a number where the machine doesn't tell: then it was set.
    if (ms >= leastSleepMs)
      this.#sleeps = [...this.#sleeps, { at: this.#sources.steadyMs(), ms }].slice(-maxSleeps)
  }

  #shiftNow(): number {
    return Math.round(this.#sources.machineMs() - this.#sources.steadyMs())
  }

  /** How long the machine has slept since it started, but for a constant. */
  #asleepNow(): number {
    try {
      return this.#sources.sinceBootMs() - this.#sources.steadyMs()
    } catch {
      return Number.NaN // Hidden by a sandbox; nothing depends on it but how old times are shown.
    }
  }
}
