import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { HubLimits } from '../../support/limits.ts'

/** Why a message that was taken is not sent after all. */
export type NotSent = 'linkLost' | 'waited'

interface Waiting {
  readonly since: number
  readonly send: () => void
  readonly refuse: (why: NotSent) => void
}

interface Lane {
  lastSentAt: number
  readonly waiting: Waiting[]
  cancel: CancelTimer | undefined
}

/**
 * Keeps the device messages of one platform in order and at least `paceMs` apart, since owlcms handles
 * each in a thread of its own and loses two jury votes of the same millisecond (docs/owlcms.md 1.4, 5.2).
 * A message goes at once when its platform was quiet and the broker's window has room. The queue is short in
 * number and in time, and never survives an outage: {@link dropAll} refuses what waits (R1).
 */
export class Pacer {
  readonly #clock: Clock
  readonly #limits: Pick<HubLimits, 'paceMs' | 'pacedMessages' | 'pacedWaitMs'>
  readonly #hasRoom: () => boolean
  readonly #lanes = new Map<Platform, Lane>()

  constructor(
    clock: Clock,
    limits: Pick<HubLimits, 'paceMs' | 'pacedMessages' | 'pacedWaitMs'>,
    hasRoom: () => boolean,
  ) {
    this.#clock = clock
    this.#limits = limits
    this.#hasRoom = hasRoom
  }

  /** Calls `send` now or in its turn, or `refuse` instead if it may not go in time. `full`: neither. */
  offer(platform: Platform, send: () => void, refuse: (why: NotSent) => void): 'taken' | 'full' {
    this.#forgetQuietLanes()
    let lane = this.#lanes.get(platform)
    if (lane === undefined) {
      lane = { lastSentAt: -Infinity, waiting: [], cancel: undefined }
      this.#lanes.set(platform, lane)
    }
    const now = this.#clock.now()
    if (lane.waiting.length === 0 && now - lane.lastSentAt >= this.#limits.paceMs && this.#hasRoom()) {
      lane.lastSentAt = now
      send()
      return 'taken'
    }
    if (lane.waiting.length >= this.#limits.pacedMessages) return 'full'
    lane.waiting.push({ since: now, send, refuse })
    this.#arm(lane)
    return 'taken'
  }

  /** Refuses everything that waits. */
  dropAll(): void {
    for (const lane of this.#lanes.values()) {
      lane.cancel?.()
      lane.cancel = undefined
      for (const { refuse } of lane.waiting.splice(0)) refuse('linkLost')
    }
  }

  #arm(lane: Lane): void {
    if (lane.cancel !== undefined) return
    const { paceMs } = this.#limits
    const inTurnMs = Math.ceil(lane.lastSentAt + paceMs - this.#clock.now())
    // At its turn; if that is past, the broker's window was full: look again soon.
    lane.cancel = this.#clock.setTimer(inTurnMs > 0 ? inTurnMs : paceMs, () => {
      lane.cancel = undefined
      this.#sendNext(lane)
      if (lane.waiting.length > 0) this.#arm(lane)
    })
  }

  #sendNext(lane: Lane): void {
    const now = this.#clock.now()
    for (;;) {
      const next = lane.waiting[0]
      if (next === undefined) return
      if (now - next.since > this.#limits.pacedWaitMs) {
        lane.waiting.shift()
        next.refuse('waited')
        continue
      }
      // Node's timers may fire a fraction of a millisecond early; then wait for the rest.
      if (now - lane.lastSentAt < this.#limits.paceMs || !this.#hasRoom()) return
      lane.waiting.shift()
      lane.lastSentAt = now
      next.send()
      return
    }
  }

  /** Platform names come from clients, so the lanes must not grow with them (R7). */
  #forgetQuietLanes(): void {
    if (this.#lanes.size < 64) return
    const now = this.#clock.now()
    for (const [platform, lane] of this.#lanes) {
      if (lane.waiting.length === 0 && now - lane.lastSentAt >= this.#limits.paceMs)
        this.#lanes.delete(platform)
    }
  }
}
