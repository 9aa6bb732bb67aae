import type { CancelTimer, Clock } from '../../support/clock.ts'

export interface HeartbeatTimings {
  /** Milliseconds between two pings; Heroku cuts a line that is silent for 55 s (docs/platforms.md 2.3). */
  readonly pingEveryMs: number
  /** Milliseconds in which the peer has to answer a ping, with a pong or with anything else. */
  readonly pongTimeoutMs: number
}

/**
 * Pings a peer and notices when it no longer answers. `lost` is called at most once, and never after
 * {@link stop}.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #timings: HeartbeatTimings
  readonly #ping: () => void
  readonly #lost: () => void
  #cancel: CancelTimer
  #heard = false

  constructor(clock: Clock, timings: HeartbeatTimings, ping: () => void, lost: () => void) {
    this.#clock = clock
    this.#timings = timings
    this.#ping = ping
    this.#lost = lost
    this.#cancel = clock.setTimer(timings.pingEveryMs, () => this.#beat())
  }

  /** The peer is there: it sent a pong or a message. */
  heard(): void {
    this.#heard = true
  }

  stop(): void {
    this.#cancel()
  }

  #beat(): void {
    const { pingEveryMs, pongTimeoutMs } = this.#timings
    this.#heard = false
    this.#ping()
    this.#cancel = this.#clock.setTimer(pongTimeoutMs, () => {
      if (!this.#heard) this.#lost()
      else this.#cancel = this.#clock.setTimer(pingEveryMs - pongTimeoutMs, () => this.#beat())
    })
  }
}
