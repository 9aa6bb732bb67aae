import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { Clock } from '../support/clock.ts'
import type { FieldState, InputOutcome } from './field-state.ts'
import type { FieldOfPlayInput } from './owlcms-input.ts'
import type { OwlcmsAbilities } from './owlcms-version.ts'
import type { RefereeNumber } from './referee-decisions.ts'
import { RefereeJudging } from './referee-judging.ts'
import type { Rules } from './rules.ts'
import type { Voice } from './voice.ts'

export type RefereeInput = Extract<FieldOfPlayInput, { kind: 'refereeDecision' | 'downEmitted' }>

export interface RefereeingOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly state: FieldState
  readonly rules: Readonly<Rules>
  readonly abilities: OwlcmsAbilities
  readonly stopClock: () => void
  /** Forgets the decisions of the attempt before, and says so. */
  readonly resetDecisions: () => void
  /** The lights become visible; `byAnnouncer`: referee 0 decided. */
  readonly onResult: (verdict: Verdict, byAnnouncer: boolean) => void
}

/** When referees are heard, and the down signal; docs/owlcms.md 4.2 and 4.5. */
export class Refereeing {
  readonly #options: RefereeingOptions
  readonly #state: FieldState
  readonly #judging: RefereeJudging

  constructor(options: RefereeingOptions) {
    this.#options = options
    this.#state = options.state
    this.#judging = new RefereeJudging({
      ...options,
      hidesDecisions: options.abilities.hidesDecisions,
      down: () => this.#giveDownSignal(),
      result: options.onResult,
      isLifting: () => this.#isLifting(),
    })
  }

  /** What a referee pressed for this attempt; set for all three by one who decides alone. */
  decisionOf(referee: RefereeNumber): Verdict | undefined {
    return this.#judging.decisionOf(referee)
  }

  /** Takes what a referee's box sent. */
  handle(input: RefereeInput): InputOutcome {
    if (input.kind === 'refereeDecision') return this.#decide(input.referee, input.verdict)
    if (!this.#state.is('TIME_RUNNING', 'TIME_STOPPED')) return 'refused'
    this.#giveDownSignal()
    return 'accepted'
  }

  /** Forgets the presses and the result that was due; there is no message here. */
  wipe(): void {
    this.#judging.wipe()
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#judging.stop()
  }

  #isLifting(): boolean {
    return this.#state.is('TIME_RUNNING', 'TIME_STOPPED', 'DOWN_SIGNAL_VISIBLE')
  }

  #decide(referee: 0 | RefereeNumber, verdict: Verdict): InputOutcome {
    const { abilities, resetDecisions, rules } = this.#options
    if (this.#state.is('CURRENT_ATHLETE_DISPLAYED') && abilities.decidesBeforeClock) {
      // No clock ran; a stale press is taken for the athlete now displayed (docs/owlcms.md 4.2 note 3).
      resetDecisions()
      this.#state.enter('TIME_STOPPED')
    }
    if (!this.#isLifting()) return 'refused'
    if (referee !== 0 && !rules.singleReferee) {
      this.#judging.press(referee, verdict)
      return 'accepted'
    }
    // Told again with the down signal (docs/owlcms.md 4.5).
    if (this.#state.is('TIME_RUNNING')) this.#options.stopClock()
    this.#judging.decideAlone(verdict, referee === 0)
    return 'accepted'
  }

  #giveDownSignal(): void {
    this.#options.stopClock()
    this.#options.voice.fop('down')
    this.#state.enter('DOWN_SIGNAL_VISIBLE')
  }
}
