import type { PressOutcome } from '../../hub/hub.ts'
import { TokenBucket } from '../../support/token-bucket.ts'
import type { ClientLimits } from '../../support/limits.ts'

/** Milliseconds; a slower handshake than this is no round trip but a sleepy device. */
const maxRoundTripMs = 2_000

/** Milliseconds that a device needs at most between an answer and its next stored press, beside the round trip. */
const nextStoredMs = 150

/** Milliseconds after CONNECT at which even the longest queue counts as flushed: nobody may be held back for ever. */
const maxFlushMs = 10_000

/** Watches over one client's publications: their rate, their age, and what is still unanswered. */
export class PublishGuard {
  /** QoS 1 and 2 publications not yet answered upstream. */
  inFlight = 0
  /** MQTT 3 publications that will never be acknowledged, since they did not arrive (R3). */
  unacknowledged = 0
  readonly #bucket: TokenBucket
  /** Milliseconds that the window goes on after the answer to a press held back; 0: there is no window. */
  readonly #renewalMs: number
  readonly #lastFlushUntil: number
  #flushUntil: number
  #refusing = false

  /**
   * `openedAt`: when the socket opened, `now`: when CONNECT was accepted. An offline queue is flushed as soon
   * as the client has seen CONNACK, one round trip from now; opening the connection took at least one, so it
   * is added to the window (R4, protocol.md 5.4).
   */
  constructor(limits: ClientLimits, openedAt: number, now: number) {
    this.#bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now)
    const roundTripMs = Math.min(maxRoundTripMs, now - openedAt)
    const windowMs = limits.flushWindowMs === 0 ? 0 : limits.flushWindowMs + roundTripMs
    this.#renewalMs = Math.min(windowMs, nextStoredMs + roundTripMs)
    this.#lastFlushUntil = now + maxFlushMs
    this.#flushUntil = windowMs === 0 ? 0 : now + windowMs
  }

  /**
   * A press of QoS 1 or 2 that may be an old one was answered. MQTT.js sends what it has stored one by one, each after
   * the answer to the one before, so the next one may come within a round trip. Whoever really presses is slower.
   */
  flushGoesOn(now: number): void {
    if (this.#renewalMs === 0) return
    const until = Math.min(now + this.#renewalMs, this.#lastFlushUntil)
    this.#flushUntil = Math.max(this.#flushUntil, until)
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
