import type { Platform } from '../protocol/owlcms.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'

interface Lane {
  lastSentAt: number
  readonly waiting: { readonly send: () => void; readonly refuse: () => void }[]
  cancel: CancelTimer | undefined
}

/**
 * Keeps the device messages of one platform in order and at least `paceMs` apart, since owlcms handles
 * each in a thread of its own and loses two jury votes of the same millisecond (protocol.md 1.4, 5.2).
 * A message goes at once when its platform was quiet. The queue is short and never survives an outage:
 * {@link dropAll} refuses what waits (R1).
 */
export class Pacer {
  readonly #clock: Clock
  readonly #paceMs: number
  readonly #limit: number
  readonly #lanes = new Map<Platform, Lane>()

  constructor(clock: Clock, paceMs: number, limit: number) {
    this.#clock = clock
    this.#paceMs = paceMs
    this.#limit = limit
  }

  /** Calls `send` now or in its turn; calls `refuse` instead if the link is lost first. `full`: neither. */
  offer(platform: Platform, send: () => void, refuse: () => void): 'taken' | 'full' {
    this.#forgetQuietLanes()
    let lane = this.#lanes.get(platform)
    if (lane === undefined) {
      lane = { lastSentAt: -Infinity, waiting: [], cancel: undefined }
      this.#lanes.set(platform, lane)
    }
    const now = this.#clock.now()
    if (lane.waiting.length === 0 && now - lane.lastSentAt >= this.#paceMs) {
      lane.lastSentAt = now
      send()
      return 'taken'
    }
    if (lane.waiting.length >= this.#limit) return 'full'
    lane.waiting.push({ send, refuse })
    this.#arm(lane)
    return 'taken'
  }

  /** Refuses everything that waits. */
  dropAll(): void {
    for (const lane of this.#lanes.values()) {
      lane.cancel?.()
      lane.cancel = undefined
      for (const { refuse } of lane.waiting.splice(0)) refuse()
    }
  }

  #arm(lane: Lane): void {
    if (lane.cancel !== undefined) return
    const delayMs = Math.max(0, lane.lastSentAt + this.#paceMs - this.#clock.now())
    lane.cancel = this.#clock.setTimer(Math.ceil(delayMs), () => {
      lane.cancel = undefined
      // Node's timers may fire a fraction of a millisecond early; then wait for the rest.
      if (this.#clock.now() - lane.lastSentAt >= this.#paceMs) {
        const next = lane.waiting.shift()
        if (next === undefined) return
        lane.lastSentAt = this.#clock.now()
        next.send()
      }
      if (lane.waiting.length > 0) this.#arm(lane)
    })
  }

  /** Platform names come from clients, so the lanes must not grow with them (R7). */
  #forgetQuietLanes(): void {
    if (this.#lanes.size < 64) return
    const now = this.#clock.now()
    for (const [platform, lane] of this.#lanes) {
      if (lane.waiting.length === 0 && now - lane.lastSentAt >= this.#paceMs) this.#lanes.delete(platform)
    }
  }
}
