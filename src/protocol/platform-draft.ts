import type { FenceEdge, Phase, PlatformState, Tracking } from './platform-state.ts'
import { trackingOf } from './tracking.ts'

/**
 * Messages of one event of owlcms arrive within some milliseconds, in any order (protocol.md 1.6); no human
 * reads a display and presses in that time.
 */
const sameEventMs = 250

type Optional = 'shown' | 'reminded' | 'attempt'

/** The next state in the making: collects what one message changes, and lets the fence grow at most once. */
export class Draft {
  #state: PlatformState
  readonly #before: PlatformState
  readonly #edges: FenceEdge[] = []
  /** Arrival of the message. */
  readonly at: number

  constructor(before: PlatformState, at: number) {
    this.#state = before
    this.#before = before
    this.at = at
  }

  get state(): PlatformState {
    return this.#state
  }

  get tracking(): Tracking {
    return trackingOf(this.#state)
  }

  get phase(): Phase['kind'] {
    return this.#state.phase.kind
  }

  /** Whether a lift may be on: an athlete is called, and no lights are shown. */
  get isLifting(): boolean {
    return ['athleteCalled', 'clockRunning', 'clockStopped', 'downSignal'].includes(this.phase)
  }

  get isBreak(): boolean {
    return this.phase === 'break' || this.phase === 'ceremony'
  }

  get hasDecisions(): boolean {
    return Object.keys(this.#state.decisions).length > 0
  }

  /** Whether the phase began so recently that the message belongs to the same event. */
  get isSameEvent(): boolean {
    return this.at - this.tracking.phaseAt < sameEventMs
  }

  /** Whether the clock's time was told by this very event. */
  get isClockFresh(): boolean {
    const { clock } = this.#state
    return clock.kind === 'stopped' && this.at - clock.at < sameEventMs
  }

  change(changes: Partial<PlatformState>): void {
    this.#state = { ...this.#state, ...changes }
  }

  track(changes: Partial<Tracking>): void {
    this.change({ tracking: { ...this.tracking, ...changes } })
  }

  /** Makes absent. */
  drop(part: Optional): void {
    if (part in this.#state) this.#state = without(this.#state, part)
  }

  /** Presses made before that this edge outdates are too late from now on. */
  mark(edge: FenceEdge): void {
    this.#edges.push(edge)
  }

  enter(phase: Phase): void {
    if (samePhase(this.#state.phase, phase)) return
    this.change({ phase })
    this.track({ phaseAt: this.at })
  }

  /** The clock stands now, but nobody told at what. */
  forgetRunningClock(): void {
    if (this.#state.clock.kind === 'running') this.change({ clock: { kind: 'unknown' } })
  }

  forgetDecisions(): void {
    if (this.hasDecisions) this.change({ decisions: {} })
    this.drop('reminded')
    if (this.tracking.decidingAt === undefined) return
    this.change({ tracking: without(without(this.tracking, 'decidedAt'), 'decidingAt') })
  }

  /**
   * What is known of this attempt counts no longer; the clock neither, since owlcms sets it without a word,
   * unless it was told just now.
   */
  forgetAttempt(): void {
    this.change({ down: false })
    if (!this.isClockFresh) this.change({ clock: { kind: 'unknown' } })
    this.forgetDecisions()
    this.drop('shown')
    this.drop('attempt')
  }

  forgetSummons(): void {
    if (this.#state.summoned.length > 0) this.change({ summoned: [] })
  }

  forgetVotes(): void {
    const { jury } = this.#state
    if (Object.keys(jury.votes).length > 0 || jury.revealed) {
      this.change({ jury: { size: jury.size, votes: {}, revealed: false } })
    }
  }

  /** The state to go on with: the very one given when nothing changed. */
  finish(): PlatformState {
    if (this.#edges.length > 0) {
      const fence = this.#state.fence + 1
      const { raised, edges } = this.tracking
      const marked = Object.fromEntries(this.#edges.map((edge) => [edge, fence]))
      this.change({ fence })
      this.track({ raised: raised + 1, edges: { ...edges, ...marked } })
    }
    if (this.#state.owlcms.state === 'unknown') this.change({ owlcms: { state: 'present' } })
    if (this.#state === this.#before) return this.#before
    return { ...this.#state, owlcms: { ...this.#state.owlcms, heardAt: this.at } }
  }
}

function without<T extends object, K extends keyof T>(whole: T, part: K): Omit<T, K> {
  const copy = { ...whole } as Partial<T>
  Reflect.deleteProperty(copy, part)
  return copy as Omit<T, K>
}

function samePhase(a: Phase, b: Phase): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind === 'break' && b.kind === 'break') return a.breakType === b.breakType
  return !(a.kind === 'ceremony' && b.kind === 'ceremony') || a.ceremony === b.ceremony
}
