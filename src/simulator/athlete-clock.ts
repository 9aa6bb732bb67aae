import type { CancelTimer, Clock } from '../support/clock.ts'

/** Seconds left at which owlcms warns before the end, each once per attempt; docs/owlcms.md 4.1. */
const warningSeconds = [90, 30] as const

/** How long after time over the countdown stops itself. */
const selfStopMs = 1000

/** What the countdown tells its field of play. */
export interface AthleteClockEvents {
  /** 90, 30 or 0 seconds are left. */
  warning(seconds: number): void
  /** The time is over; the countdown runs on below zero for a second. */
  timeOver(): void
  /** It stopped by itself after time over. */
  stoppedItself(): void
}

/** The countdown of one athlete; docs/owlcms.md 4.1 and 4.4. Times in milliseconds, negative after time over. */
export class AthleteClock {
  readonly #clock: Clock
  readonly #events: AthleteClockEvents
  #leftMs = 60_000
  #startedAt: number | undefined
  #timers: CancelTimer[] = []
  readonly #warned = new Set<number>()

  constructor(clock: Clock, events: AthleteClockEvents) {
    this.#clock = clock
    this.#events = events
  }

  /** Whole milliseconds left now. */
  remainingMs(): number {
    const gone = this.#startedAt === undefined ? 0 : this.#clock.now() - this.#startedAt
    return Math.round(this.#leftMs - gone)
  }

  /** Stops, and stands at `ms` for a new attempt: all warnings are due again. */
  set(ms: number): void {
    this.stop()
    this.#leftMs = ms
    this.#warned.clear()
  }

  /** Runs on from where it stands. Must not be running. */
  start(): void {
    this.#startedAt = this.#clock.now()
    const left = this.#leftMs
    for (const seconds of warningSeconds) {
      const due = left - seconds * 1000
      if (due >= 0) this.#timer(due, () => this.#warn(seconds))
    }
    this.#timer(Math.max(0, left), () => this.#timeOver())
  }

  /** Stops; harmless when it stands. */
  stop(): void {
    this.#leftMs = this.remainingMs()
    this.#startedAt = undefined
    for (const cancel of this.#timers) cancel()
    this.#timers = []
  }

  #timer(delayMs: number, callback: () => void): void {
    this.#timers.push(this.#clock.setTimer(delayMs, callback))
  }

  #warn(seconds: number): void {
    if (this.#warned.has(seconds)) return
    this.#warned.add(seconds)
    this.#events.warning(seconds)
  }

  #timeOver(): void {
    this.#warn(0)
    this.#events.timeOver()
    this.#timer(selfStopMs, () => {
      this.stop()
      this.#events.stoppedItself()
    })
  }
}
