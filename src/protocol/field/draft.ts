import { sameEventMs, type FenceEdge, type Phase, type PlatformState, type Tracking } from './state.ts'
import { trackingOf } from './tracking.ts'
import { defined } from '../defined.ts'

/** `stop` and `resetDecisions` of a session that is switched: 0 to 2 ms apart in the recordings; people are slower. */
const togetherMs = 40

type Optional = 'shown' | 'reminded' | 'attempt' | 'athleteClock' | 'breakClock' | 'judged'

/** A state under way: every part has its place, and what is absent is `undefined`, so that all have one shape. */
type Parts = { -readonly [Part in keyof Required<PlatformState>]: PlatformState[Part] }

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The next state in the making: collects what one message changes, and lets the fence grow at most once. */
export class Draft {
  readonly #before: PlatformState
  /** Copied before the first change, since most messages repeat what is known. */
  #parts: Parts | undefined
  readonly #edges: FenceEdge[] = []
  /** Arrival of the message. */
  readonly at: number

  constructor(before: PlatformState, at: number) {
    this.#before = before
    this.at = at
  }

  /** What has come of it so far: look, and don't keep. */
  get state(): Readonly<Parts> | PlatformState {
    return this.#parts ?? this.#before
  }

  get tracking(): Tracking {
    return trackingOf(this.state)
  }

  get phase(): Phase['kind'] {
    return this.state.phase.kind
  }

  /** Whether a lift may be on: an athlete is called, and no lights are shown. */
  get isLifting(): boolean {
    const { phase } = this
    return (
      phase === 'athleteCalled' ||
      phase === 'clockRunning' ||
      phase === 'clockStopped' ||
      phase === 'downSignal'
    )
  }

  get isBreak(): boolean {
    return this.phase === 'break' || this.phase === 'ceremony'
  }

  get hasDecisions(): boolean {
    return Object.keys(this.state.decisions).length > 0
  }

  /** Whether the phase began so recently that the message belongs to the same event. */
  get isSameEvent(): boolean {
    return this.isSameEventAs(this.tracking.phaseAt)
  }

  /** Whether something noted at `then` is so recent that the message belongs to the same event. */
  isSameEventAs(then: number | undefined): boolean {
    return then !== undefined && this.at - then < sameEventMs
  }

  /** From now on no message belongs to the event that began this phase. */
  endEvent(): void {
    if (this.isSameEvent) this.track({ phaseAt: this.at - sameEventMs })
  }

  /** Whether the clock's time was told by this very event. */
  get isClockFresh(): boolean {
    const { clock } = this.state
    return clock.kind === 'stopped' && this.at - clock.at < sameEventMs
  }

  /** Whether something noted at `then` came so close that owlcms said both in one breath. */
  isTogether(then: number | undefined): boolean {
    return then !== undefined && this.at - then < togetherMs
  }

  change(changes: Partial<PlatformState>): void {
    Object.assign((this.#parts ??= partsOf(this.#before)), changes)
  }

  track(changes: Partial<Tracking>): void {
    const { tracking } = this
    if (Object.entries(changes).every(([name, value]) => tracking[name as keyof Tracking] === value)) return
    this.change({ tracking: { ...tracking, ...changes } })
  }

  /** Makes absent. */
  drop(part: Optional): void {
    if (this.state[part] !== undefined) (this.#parts ??= partsOf(this.#before))[part] = undefined
  }

  /** Presses made before that this edge outdates are too late from now on. */
  mark(edge: FenceEdge): void {
    this.#edges.push(edge)
  }

  /** Presses that saw a fence below `fence` are too late by this edge: it is known only now. */
  backdate(edge: FenceEdge, fence: number): void {
    const { edges } = this.tracking
    if ((edges[edge] ?? 0) < fence) this.track({ edges: { ...edges, [edge]: fence } })
  }

  enter(phase: Phase): void {
    if (samePhase(this.state.phase, phase)) return
    this.change({ phase })
    this.track({ phaseAt: this.at })
  }

  /** The clock stands now, but nobody told at what. */
  forgetRunningClock(): void {
    if (this.state.clock.kind === 'running') this.change({ clock: { kind: 'unknown' } })
  }

  forgetDecisions(): void {
    if (this.hasDecisions) this.change({ decisions: {} })
    this.drop('reminded')
    const { decidingAt, decidedAt, ...rest } = this.tracking
    if (decidingAt !== undefined || decidedAt !== undefined) this.change({ tracking: rest })
  }

  /**
   * What is known of this attempt counts no longer; the clock neither, since owlcms sets it without a word,
   * unless it was told just now.
   */
  forgetAttempt(): void {
    const { shown, decisions, attempt } = this.state
    if (shown !== undefined) {
      this.change({ judged: { ...defined({ attempt }), decisions, shown } })
    }
    this.change({ down: false })
    if (!this.isClockFresh) this.change({ clock: { kind: 'unknown' } })
    this.forgetDecisions()
    this.drop('shown')
    this.drop('attempt')
  }

  /** The reset of the lights was a clock start's. */
  forgetReset(): void {
    const { resetAt, ...rest } = this.tracking
    if (resetAt !== undefined) this.change({ tracking: rest })
  }

  /** The clock of a break that is over; not one that this very event told of. */
  forgetBreakClock(): void {
    if (!this.isSameEventAs(this.state.breakClock?.at)) this.drop('breakClock')
  }

  forgetSummons(): void {
    if (this.state.summoned.length > 0) this.change({ summoned: [] })
  }

  forgetVotes(): void {
    const { jury } = this.state
    if (Object.keys(jury.votes).length > 0 || jury.revealed) {
      this.change({ jury: { size: jury.size, votes: {}, revealed: false } })
    }
  }

  /** The state to go on with: the very one given when nothing changed. */
  finish(): PlatformState {
    if (this.#edges.length > 0) this.#raiseFence()
    if (this.state.owlcms.state === 'unknown') this.change({ owlcms: { state: 'present' } })
    return this.#parts === undefined ? this.#before : stateOf(this.#parts, this.at)
  }

  #raiseFence(): void {
    const fence = this.state.fence + 1
    const { raised, edges } = this.tracking
    const marked: Mutable<Tracking['edges']> = { ...edges }
    for (const edge of this.#edges) marked[edge] = fence
    this.change({ fence })
    this.track({ raised: raised + 1, edges: marked })
  }
}

function partsOf(state: PlatformState): Parts {
  const { platform, fence, phase, clock, decisions, down, shown, reminded } = state
  const { summoned, jury, attempt, judged, owlcms, tracking, athleteClock, breakClock } = state
  // prettier-ignore
  return { platform, fence, phase, clock, athleteClock, breakClock, decisions, down, shown, reminded, summoned, jury, attempt, judged, owlcms, tracking }
}

/** What is absent is left out, always in the same order: few shapes are quick to read and to write as JSON. */
function stateOf(parts: Parts, heardAt: number): PlatformState {
  const { platform, fence, phase, clock, decisions, down, summoned, jury } = parts
  const { shown, reminded, attempt, judged, tracking, athleteClock, breakClock } = parts
  const owlcms = { state: parts.owlcms.state, heardAt }
  // prettier-ignore
  const state: Mutable<PlatformState> = { platform, fence, phase, clock, decisions, down, summoned, jury, owlcms }
  if (tracking !== undefined) state.tracking = tracking
  if (athleteClock !== undefined) state.athleteClock = athleteClock
  if (breakClock !== undefined) state.breakClock = breakClock
  if (attempt !== undefined) state.attempt = attempt
  if (judged !== undefined) state.judged = judged
  if (shown !== undefined) state.shown = shown
  if (reminded !== undefined) state.reminded = reminded
  return state
}

function samePhase(a: Phase, b: Phase): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind === 'break' && b.kind === 'break') return a.breakType === b.breakType
  return !(a.kind === 'ceremony' && b.kind === 'ceremony') || a.ceremony === b.ceremony
}
