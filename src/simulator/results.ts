import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { FieldState } from './field-state.ts'
import type { Lift, LiftingOrder } from './lifting-order.ts'
import type { Pauses } from './pauses.ts'
import type { Rules } from './rules.ts'
import type { Timekeeping } from './timekeeping.ts'
import type { Voice } from './voice.ts'

/** How long a result stays visible, the referees' and the jury's; docs/owlcms.md 4.1. */
const decisionShownMs = 3500

export interface ResultsOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly state: FieldState
  readonly rules: Readonly<Rules>
  readonly order: () => LiftingOrder
  readonly pauses: Pauses
  readonly time: Timekeeping
  readonly startLifting: () => void
}

/** From a result to the next attempt; docs/owlcms.md 4.3, 4.6 and 4.7. */
export class Results {
  readonly #options: ResultsOptions
  /** The latest attempt of this session that got a result. */
  #lastJudged: Lift | undefined
  #previousLifter: Lift | undefined
  #cancelReset: CancelTimer | undefined

  constructor(options: ResultsOptions) {
    this.#options = options
  }

  /** The latest attempt of this session that got a result, as far as owlcms remembers: it forgets who lifted when referee 0 decided (docs/owlcms.md 4.5). */
  get previousLifter(): Lift | undefined {
    return this.#previousLifter
  }

  /** The lights become visible, and the result counts; `byAnnouncer`: referee 0 decided. */
  publish(verdict: Verdict, byAnnouncer: boolean): void {
    const { order, state, voice } = this.#options
    this.#lastJudged = order().current()
    this.#previousLifter = byAnnouncer ? undefined : this.#lastJudged
    order().record(verdict)
    voice.fop('refereesDecision', verdict)
    // After a jury's `stop` the result still comes, but the lights are gone (docs/owlcms.md 4.2 note 7).
    if (state.is('DOWN_SIGNAL_VISIBLE')) state.enter('DECISION_VISIBLE')
    this.#resetLater(() => this.#displayNext())
  }

  /** The jury changed the last result; lifting goes on after it was shown. */
  publishReversal(verdict: Verdict): void {
    const { order, state, pauses, startLifting } = this.#options
    order().changeLast(verdict)
    pauses.end()
    state.enter('DECISION_VISIBLE')
    this.#resetLater(() => {
      startLifting()
      pauses.beginDeferred()
    })
  }

  beginSession(): void {
    this.stop()
    this.#lastJudged = undefined
    this.#previousLifter = undefined
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#cancelReset?.()
    this.#cancelReset = undefined
  }

  #resetLater(reset: () => void): void {
    this.#cancelReset?.()
    this.#cancelReset = this.#options.clock.setTimer(decisionShownMs, () => {
      this.#cancelReset = undefined
      // A jury's `stop` may have ended the display before (docs/owlcms.md 4.2 note 7).
      if (this.#options.state.is('DECISION_VISIBLE')) reset()
    })
  }

  #displayNext(): void {
    const { order, pauses, rules, state, time, voice } = this.#options
    const judged = this.#lastJudged
    const next = order().current()
    time.prepare()
    if (next === undefined) {
      pauses.beginGroupDone()
    } else {
      voice.fop('liftingOrderUpdated')
      state.enter('CURRENT_ATHLETE_DISPLAYED')
      const snatchIsOver = judged?.liftType === 'SNATCH' && next.liftType === 'CLEANJERK'
      const breakMs = rules.firstCleanJerkBreakMs
      if (snatchIsOver && breakMs !== undefined) pauses.beginFirstCleanJerk(breakMs)
    }
    pauses.beginDeferred()
  }
}
