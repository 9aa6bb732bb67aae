import type { PressOutcome } from '../../hub/hub.ts'
import { TokenBucket } from '../../support/token-bucket.ts'
import type { ClientLimits } from '../../support/limits.ts'

/** Milliseconds; a slower handshake than this is no round trip but a sleepy device. */
const maxRoundTripMs = 2_000

/** Watches over one client's publications: their rate, their age, and what is still unanswered. */
export class PublishGuard {
  /** QoS 1 and 2 publications not yet answered upstream. */
  inFlight = 0
  /** MQTT 3 publications that will never be acknowledged, since they did not arrive (R3). */
  unacknowledged = 0
  readonly #bucket: TokenBucket
  readonly #flushUntil: number
  #refusing = false

  /**
   * `openedAt`: when the socket opened, `now`: when CONNECT was accepted. An offline queue is flushed as soon
   * as the client has seen CONNACK, one round trip from now; opening the connection took at least one, so it
   * is added to the window (R4, protocol.md 5.4).
   */
  constructor(limits: ClientLimits, openedAt: number, now: number) {
    this.#bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now)
    this.#flushUntil =
      limits.flushWindowMs === 0 ? 0 : now + limits.flushWindowMs + Math.min(maxRoundTripMs, now - openedAt)
  }

  /** Whether another publication is within the client's rate. */
  allows(now: number): boolean {
    return this.#bucket.take(now)
  }

  /** Whether a publication of this moment may come from an offline queue. */
  flushing(now: number): boolean {
    return now < this.#flushUntil
  }

  /** True once per crossing: this refusal is the first after something that was passed on. */
  crossesIntoRefusal(outcome: PressOutcome): boolean {
    const before = this.#refusing
    this.#refusing = outcome.kind !== 'delivered'
    return this.#refusing && !before
  }
}
