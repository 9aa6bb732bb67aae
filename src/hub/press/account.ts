import { publishDenials } from '../people/permissions.ts'
import type { Presence } from '../people/presence.ts'
import type { Presser, PressOutcome } from '../people/session.ts'
import type { Roster } from '../field/roster.ts'
import type { PressReport, PressVerdict } from '../../protocol/contract/press-report.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import { newCounters, type Counters } from './counters.ts'
import { reasonOf, verdictOf } from './verdict.ts'

/** Presses of one platform, for the status page. */
export interface PlatformPresses {
  readonly lastPressAt: number
  /** Those that did not get through. */
  readonly dropped: number
}

/** The counter of each end, where it has one; a reason that isn't here is that of its outcome. */
const byVerdict: Readonly<Partial<Record<PressVerdict, keyof Counters>>> = {
  taken: 'taken',
  notTaken: 'notTaken',
  tooLate: 'tooLate',
  refused: 'refused',
  offline: 'droppedOffline',
  lost: 'lost',
  drill: 'drilled',
}
const byReason: Readonly<Record<string, keyof Counters>> = {
  deaf: 'droppedDeaf',
  redelivered: 'droppedRedelivered',
  held: 'heldBack',
  tooFast: 'tooFast',
}

const reached: ReadonlySet<PressVerdict> = new Set(['taken', 'notTaken', 'delivered', 'drill'])

/** The totals of what clients publish: each press is told here once, when it ended, and so is everything else. */
export class Account {
  readonly counters: Counters = newCounters()
  readonly presses = new Map<Platform, PlatformPresses>()
  readonly #roster: Roster
  readonly #presence: Presence

  constructor(roster: Roster, presence: Presence) {
    this.#roster = roster
    this.#presence = presence
  }

  pressEnded({ client, platform, outcome, why, at }: PressReport): void {
    this.#count(outcome, why)
    const isDropped = !reached.has(outcome)
    if (isDropped) this.#presence.notPassedOn(client, why === 'held')
    // What nobody may press says nothing of the platform.
    if ((publishDenials as readonly (string | undefined)[]).includes(why)) return
    const before = this.presses.get(platform)
    if (before === undefined && !this.#roster.hasRoom(this.presses, platform)) return
    this.presses.set(platform, {
      lastPressAt: Math.max(at, before?.lastPressAt ?? at),
      dropped: (before?.dropped ?? 0) + (isDropped ? 1 : 0),
    })
  }

  /** Something that is no press: a question, a probe, what nobody knows, or what a watcher says. */
  otherEnded({ key }: Presser, outcome: PressOutcome): void {
    if (outcome.kind === 'delivered') return
    this.#count(verdictOf(outcome), reasonOf(outcome))
    if (outcome.kind === 'denied') this.#presence.notPassedOn(key, false)
  }

  #count(verdict: PressVerdict, why: string | undefined): void {
    const counter = byReason[why ?? ''] ?? byVerdict[verdict]
    if (counter !== undefined) this.counters[counter] += 1
  }
}
