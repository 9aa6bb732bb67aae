import type { DeviceClock } from './parts.ts'

/** Between two pings, in milliseconds; the bridge takes 50 messages a second. */
const beatMs = 1_000
/** A ping unanswered for so long makes the line doubtful: presses are refused on the device. */
const doubtMs = 1_500
/** … and for so long: dead. With the beat it stays below the 3 s within which an official must know. */
const deadMs = 2_000
/** A beat that comes so late means that the device slept. */
const sleptMs = 2 * beatMs

export interface HeartbeatEvents {
  readonly ping: () => void
  /** The line became doubtful, or is beyond doubt again. */
  readonly doubted: (isDoubted: boolean) => void
  /** Once; the heartbeat stands still until the next start. */
  readonly dead: () => void
}

/**
 * Whether the line is alive, asked once a second while somebody looks at the page. A line dies without a word when a phone
 * leaves the Wi-Fi, and browsers notice only after minutes.
 */
export class Heartbeat {
  readonly #clock: DeviceClock
  readonly #events: HeartbeatEvents
  /** When each unanswered ping left, the oldest first. */
  #unanswered: number[] = []
  /** Since when the oldest question stands without any sign of life. */
  #askedAt: number | undefined
  #beatAt = 0
  #doubted = false
  #running = false
  #cancelTimer: () => void = () => undefined
  #cancelDoubt: () => void = () => undefined

  constructor(clock: DeviceClock, events: HeartbeatEvents) {
    this.#clock = clock
    this.#events = events
  }

  /** Whether a press may leave: a sign of life came lately, and nothing speaks against the line. */
  get isFresh(): boolean {
    if (!this.#running || this.#doubted) return false
    const now = this.#clock.now()
    if (now - this.#beatAt > sleptMs) return false
    return this.#askedAt === undefined || now - this.#askedAt < doubtMs
  }

  /** A new line, just proved to be alive. */
  start(): void {
    this.stop()
    this.#running = true
    this.#beat()
  }

  /** Asks at once, and trusts nothing until the answer: the device slept, or the page was hidden. */
  check(): void {
    this.#cancelTimer()
    this.#running = true
    this.#askedAt = undefined
    this.#doubt(true)
    this.#beatAt = this.#clock.now()
    this.#beat()
  }

  /** Nobody looks: no pings, which cost battery. */
  pause(): void {
    this.#cancelTimer()
    this.#cancelDoubt()
    this.#running = false
  }

  /** The line is gone. */
  stop(): void {
    this.pause()
    this.#unanswered = []
    this.#askedAt = undefined
    this.#doubted = false
  }

  /** Any message is a sign of life. */
  heard(): void {
    this.#askedAt = undefined
    this.#cancelDoubt()
    if (this.#running) this.#doubt(false)
  }

  /** A pong came; when its ping left. */
  answered(): number | undefined {
    return this.#unanswered.shift()
  }

  #beat(): void {
    const now = this.#clock.now()
    const slept = this.#beatAt > 0 && now - this.#beatAt > sleptMs
    this.#beatAt = now
    if (slept) {
      this.#askedAt = undefined
      this.#doubt(true)
    }
    const silentMs = this.#askedAt === undefined ? 0 : now - this.#askedAt
    if (silentMs >= deadMs) {
      this.stop()
      this.#events.dead()
      return
    }
    if (this.#askedAt === undefined) {
      this.#askedAt = now
      this.#cancelDoubt()
      this.#cancelDoubt = this.#clock.setTimer(doubtMs, () => this.#doubt(true))
    }
    this.#unanswered.push(now)
    this.#events.ping()
    this.#cancelTimer = this.#clock.setTimer(beatMs, () => this.#beat())
  }

  #doubt(isDoubted: boolean): void {
    if (this.#doubted === isDoubted) return
    this.#doubted = isDoubted
    this.#events.doubted(isDoubted)
  }
}
