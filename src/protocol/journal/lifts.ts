import { journalItems, type JournalItem, type PressedItem } from './items.ts'
import type { JournalRecord } from './record.ts'
import type { Attempt, FromOwlcms } from '../owlcms/message.ts'
import type { Verdict } from '../owlcms/topics.ts'
import type { PlatformState } from '../field/state.ts'
import { trackingOf } from '../field/tracking.ts'

/** A jury's review of a lift, as far as the messages tell. */
export interface Review {
  readonly kind: 'challenge' | 'deliberation'
  readonly at: number
  /** The jury's votes, once revealed. */
  readonly votes: PlatformState['jury']['votes']
  /** What the jury sent as its decision. Whether owlcms applied it is told nowhere in the messages. */
  readonly decision?: Verdict
  readonly ended: boolean
}

/** One lift with all that belongs to it, or what happened between two of them. */
export interface JournalSection {
  readonly kind: 'lift' | 'between'
  /** When it began. */
  readonly at: number
  /** The athlete, as far as owlcms tells (since 55.3). */
  readonly attempt?: Attempt
  /** The referees' decisions when the lights showed them, and the majority. */
  readonly decisions?: PlatformState['decisions']
  readonly result?: Verdict
  /** Every review of it, the oldest first. */
  readonly reviews: readonly Review[]
  readonly items: readonly JournalItem[]
}

/**
 * Splits a platform's journal into lifts. A lift begins with what starts its clock (or, without a clock, with the
 * first decision) and ends when another athlete is called after the lights. A jury's review belongs to the lift that
 * was judged last, also when the next athlete's clock ran already: that is the lift that owlcms reviews.
 */
export function journalLifts(records: readonly JournalRecord[]): readonly JournalSection[] {
  const splitter = new Splitter()
  for (const item of journalItems(records)) splitter.take(item)
  return splitter.sections.filter(({ items }) => items.length > 0)
}

/** Milliseconds before a lift's first message in which its presses may have come: owlcms answers within. */
const answerMs = 1_500

class Section implements JournalSection {
  readonly items: JournalItem[] = []
  readonly kind: 'lift' | 'between'
  attempt?: Attempt
  decisions?: PlatformState['decisions']
  result?: Verdict
  readonly reviews: Review[] = []
  /** Whether the down signal was given: from then on a review is about this lift. */
  isDown = false
  /** Whether somebody else may be called now. */
  isOver = false

  constructor(kind: 'lift' | 'between') {
    this.kind = kind
  }

  get at(): number {
    return this.items[0]?.at ?? 0
  }
}

class Splitter {
  readonly sections: Section[] = []
  #current = this.#open('between')
  #judged: Section | undefined
  #reviewed: Section | undefined

  take(item: JournalItem): void {
    switch (item.kind) {
      case 'said':
        this.#said(item)
        return
      case 'mark':
      case 'state':
        if (item.kind === 'state' || item.mark === 'owlcmsRestarted') this.#interrupted()
        this.#target.items.push(item)
        return
      case 'pressed':
        this.#pressed(item)
        return
      case 'unknown':
      case 'elsewhere':
        this.#target.items.push(item)
        return
      default:
        item satisfies never
    }
  }

  get #target(): Section {
    return this.#reviewed ?? this.#current
  }

  #said(item: Extract<JournalItem, { readonly kind: 'said' }>): void {
    const { message, before, after } = item
    if (this.#beginsLift(message, before, after)) this.#beginLift(item.at)
    else if (beginsPause(message, before, after)) this.#beginPause()
    const isReview = reviewKind(after) !== undefined
    if (isReview && reviewKind(before) === undefined) this.#beginReview(item.at, after)
    this.#target.items.push(item)
    this.#note(message, after)
    if (!isReview) this.#endReview()
    const wasShown = before?.phase.kind === 'decisionShown' && after.phase.kind !== 'decisionShown'
    if (wasShown || (displaysNow(before, after) && !beginsAttempt(message))) {
      this.#current.isOver = true
    }
  }

  #pressed(item: PressedItem): void {
    const target = this.#target
    target.items.push(item)
    if (item.message?.kind === 'juryDecision') noteReview(target, { decision: item.message.value })
  }

  #beginPause(): void {
    const { kind, isOver } = this.#current
    if (this.#reviewed === undefined && kind === 'lift' && isOver) this.#current = this.#open('between')
  }

  #beginsLift(message: FromOwlcms, before: PlatformState | undefined, after: PlatformState): boolean {
    const isLifting = ['athleteCalled', 'clockRunning', 'clockStopped', 'downSignal'].includes(
      after.phase.kind,
    )
    if (!isLifting || !(beginsAttempt(message) || message.kind === 'decision')) return false
    if (this.#current.kind === 'between' || this.#current.isOver) return true
    // The message that called this athlete was lost.
    return displaysNow(before, after) && this.#current.isDown
  }

  #beginLift(at: number): void {
    this.#endReview()
    const lift = this.#open('lift')
    lift.items.push(...takeLate(this.#current.items, (item) => at - item.at < answerMs && startsLift(item)))
    this.#current = lift
  }

  #beginReview(at: number, { phase }: PlatformState): void {
    const { isDown } = this.#current
    const reviewed = isDown ? this.#current : (this.#judged ?? this.#current)
    if (reviewed !== this.#current) {
      const { items } = this.#current
      // The clock that the request stopped may have been told in between, and stays where it ran.
      const requests = items.filter((item) => at - item.at < answerMs && asksReview(item))
      for (const request of requests) items.splice(items.indexOf(request), 1)
      reviewed.items.push(...requests)
      if (this.#current.items.length > 0) this.#current.items.push({ kind: 'elsewhere', at })
    }
    const isChallenge = phase.kind === 'break' && phase.breakType === 'CHALLENGE'
    const kind = isChallenge ? 'challenge' : 'deliberation'
    reviewed.reviews.push({ kind, at, votes: {}, ended: false })
    this.#reviewed = reviewed
  }

  #endReview(): void {
    if (this.#reviewed !== undefined) noteReview(this.#reviewed, { ended: true })
    this.#reviewed = undefined
  }

  /** Nobody knows what was missed; whatever comes is not of this lift. */
  #interrupted(): void {
    this.#reviewed = undefined
    this.#judged = undefined
    this.#current.isOver = true
    if (this.#current.kind === 'lift') this.#current = this.#open('between')
  }

  #note(message: FromOwlcms, after: PlatformState): void {
    const { attempt, down, decisions, shown, jury } = after
    const target = this.#target
    if (this.#reviewed !== undefined && jury.revealed) noteReview(this.#reviewed, { votes: jury.votes })
    if (this.#reviewed !== undefined || target.kind !== 'lift') return
    if (attempt !== undefined && message.kind === 'clockStarted') target.attempt = attempt
    target.isDown = down || target.isDown
    if (message.kind !== 'refereesDecision' || shown === undefined) return
    target.decisions = decisions
    target.result = shown
    this.#judged = target
  }

  #open(kind: 'lift' | 'between'): Section {
    const section = new Section(kind)
    this.sections.push(section)
    return section
  }
}

/** More of the review that is on, or was the last one. */
function noteReview({ reviews }: Section, more: Partial<Review>): void {
  const review = reviews.pop()
  if (review !== undefined) reviews.push({ ...review, ...more })
}

function beginsAttempt({ kind }: FromOwlcms): boolean {
  return kind === 'clockStarted' || kind === 'resetDecisions'
}

function beginsPause(message: FromOwlcms, before: PlatformState | undefined, after: PlatformState): boolean {
  if (message.kind === 'startup') return message.on
  const isPause = after.phase.kind === 'break' || after.phase.kind === 'ceremony'
  const wasPause = before?.phase.kind === 'break' || before?.phase.kind === 'ceremony'
  return isPause && !wasPause && reviewKind(after) === undefined
}

function reviewKind(state: PlatformState | undefined): 'challenge' | 'deliberation' | undefined {
  if (state?.phase.kind !== 'break') return undefined
  if (state.phase.breakType === 'CHALLENGE') return 'challenge'
  return state.phase.breakType === 'JURY' ? 'deliberation' : undefined
}

/** Whether this very message led to the edge that displays an athlete (PROTOCOL.md part 3). */
function displaysNow(before: PlatformState | undefined, after: PlatformState): boolean {
  return after.fence !== before?.fence && trackingOf(after).edges.athleteDisplayed === after.fence
}

/** A press that owlcms may have answered, for the lift that its answer begins. */
function startsLift(item: JournalItem): boolean {
  if (item.kind !== 'pressed' || (item.press !== undefined && item.press.outcome !== 'taken')) return false
  return item.message?.kind === 'clock' || item.message?.kind === 'refereeDecision'
}

/** A request that a review may have begun with. */
function asksReview(item: JournalItem): boolean {
  return (
    item.kind === 'pressed' && (item.message?.kind === 'juryBreak' || item.message?.kind === 'summonRequest')
  )
}

/** Takes from the end of a list, as long as each fits. */
function takeLate(items: JournalItem[], fits: (item: JournalItem) => boolean): JournalItem[] {
  let from = items.length
  for (let item = items[from - 1]; item !== undefined && fits(item); item = items[from - 1]) from -= 1
  return items.splice(from)
}
