import type { PressOutcome } from '../../hub/hub.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { OfflineQueue } from './offline-queue.ts'

/** Watches over one client's publications: their age, and what is still unanswered. */
export class PublishGuard {
  /** QoS 1 and 2 publications not yet answered upstream. */
  inFlight = 0
  /** MQTT 3 publications that the broken link to the broker left without an answer (R3). */
  unacknowledged = 0
  readonly queue: OfflineQueue
  #refusing = false

  /** `now`: when CONNECT was accepted. */
  constructor(limits: ClientLimits, now: number) {
    this.queue = new OfflineQueue(limits.flushWindowMs, now)
  }

  /** True once per crossing: this refusal is the first after something that was passed on. */
  crossesIntoRefusal(outcome: PressOutcome): boolean {
    const before = this.#refusing
    this.#refusing = outcome.kind !== 'delivered'
    return this.#refusing && !before
  }
}
