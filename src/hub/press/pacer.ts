import { maxPlatforms, type Platform } from '../../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { HubLimits } from '../../support/limits.ts'
import { Turns, type Share } from './turns.ts'

/** Why a message that was taken is not sent after all. */
export type NotSent = 'linkLost' | 'waited'

interface Waiting {
  readonly since: number
  readonly send: (waited: boolean) => void
  readonly refuse: (why: NotSent) => void
}

interface Lane {
  lastSentAt: number
  readonly waiting: Turns<Waiting>
  cancel: CancelTimer | undefined
}

/**
 * Keeps the device messages of one platform in order and at least `paceMs` apart, since owlcms handles
 * each in a thread of its own and loses two jury votes of the same millisecond (docs/owlcms.md 1.4, 5.2).
 * A message goes at once when its platform was quiet and the broker's window has room. Those that wait take turns (R12), each
 * share is short in number and in time, and none survives an outage: {@link dropAll} refuses what waits (R1).
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

  /** Calls `send` now, or in its turn after it `waited`, or `refuse` instead if it may not go in time. `full`: neither, the share is used up. */
  offer(
    platform: Platform,
    shareOf: () => Share,
    send: (waited: boolean) => void,
    refuse: (why: NotSent) => void,
  ): 'taken' | 'full' {
    this.#forgetQuietLanes()
    let lane = this.#lanes.get(platform)
    if (lane === undefined) {
      lane = { lastSentAt: -Infinity, waiting: new Turns(), cancel: undefined }
      this.#lanes.set(platform, lane)
    }
    const now = this.#clock.now()
    if (lane.waiting.empty && now - lane.lastSentAt >= this.#limits.paceMs && this.#hasRoom()) {
      lane.lastSentAt = now
      send(false)
      return 'taken'
    }
    const share = shareOf()
    if (lane.waiting.waiting(share) >= this.#limits.pacedMessages) return 'full'
    lane.waiting.add(share, { since: now, send, refuse })
    this.#arm(lane)
    return 'taken'
  }

  /** Refuses everything that waits. */
  dropAll(): void {
    for (const lane of this.#lanes.values()) {
      lane.cancel?.()
      lane.cancel = undefined
      for (const { refuse } of lane.waiting.remove(() => true)) refuse('linkLost')
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
      if (!lane.waiting.empty) this.#arm(lane)
    })
  }

  #sendNext(lane: Lane): void {
    const now = this.#clock.now()
    const over = lane.waiting.remove(({ since }) => now - since > this.#limits.pacedWaitMs)
    for (const { refuse } of over) refuse('waited')
    // Node's timers may fire a fraction of a millisecond early; then wait for the rest.
    if (now - lane.lastSentAt < this.#limits.paceMs || !this.#hasRoom()) return
    const next = lane.waiting.next()
    if (next === undefined) return
    lane.lastSentAt = now
    next.send(true)
  }

  /** Platform names come from clients, so the lanes must not grow with them (R7). */
  #forgetQuietLanes(): void {
    if (this.#lanes.size < maxPlatforms) return
    const now = this.#clock.now()
    for (const [platform, lane] of this.#lanes) {
      if (lane.waiting.empty && now - lane.lastSentAt >= this.#limits.paceMs) this.#lanes.delete(platform)
    }
  }
}
