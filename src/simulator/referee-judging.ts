import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { RefereeDecisions, referees, type RefereeNumber } from './referee-decisions.ts'
import { Reminder } from './reminder.ts'
import type { Rules } from './rules.ts'
import type { Voice } from './voice.ts'

/** From the third decision to the result; until then a referee may change sides. docs/owlcms.md 4.1. */
const reversalDelayMs = 3000

/** With what judging is fed, and what it makes the field of play do. */
export interface JudgingOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly rules: Readonly<Pick<Rules, 'immediateDecision' | 'juryReview'>>
  /** Whether `fop/decision` knows the word `hidden`. */
  readonly hidesDecisions: boolean
  /** Stops the clock and gives the down signal. */
  down(): void
  /** The lights become visible; `byAnnouncer`: referee 0 decided. */
  result(verdict: Verdict, byAnnouncer: boolean): void
  /** Whether the clock was started and no light is visible yet (TR, TS, DSV). */
  isLifting(): boolean
}

/** From the referees' presses to down signal, reminder and result; docs/owlcms.md 4.3 and 4.5. */
export class RefereeJudging {
  readonly #clock: Clock
  readonly #voice: Voice
  readonly #options: JudgingOptions
  readonly #decisions = new RefereeDecisions()
  readonly #reminder: Reminder
  #cancelDisplay: CancelTimer | undefined
  #byAnnouncer = false

  constructor(options: JudgingOptions) {
    this.#clock = options.clock
    this.#voice = options.voice
    this.#options = options
    this.#reminder = new Reminder(options.clock, options.voice, () => options.isLifting())
  }

  decisionOf(referee: RefereeNumber): Verdict | undefined {
    return this.#decisions.of(referee)
  }

  /** Every press counts, repeats and changes too; the steps of docs/owlcms.md 4.3 in their order. */
  press(referee: RefereeNumber, verdict: Verdict): void {
    const decisions = this.#decisions
    decisions.set(referee, verdict)
    if (!decisions.downGiven && decisions.majority() !== undefined) {
      decisions.downGiven = true
      this.#options.down()
    }
    const missing = decisions.missing()
    if (decisions.known === 2 && missing !== undefined) this.#reminder.arm(missing)
    if (missing === undefined) {
      this.#reminder.thirdArrived()
      this.#displayLater()
    }
    for (const known of referees) {
      const pressed = decisions.of(known)
      if (pressed !== undefined) this.#tell(known, pressed)
    }
  }

  /** The announcer or a single referee decides for all three; only referee 2 is told (docs/owlcms.md 4.5). */
  decideAlone(verdict: Verdict, byAnnouncer: boolean): void {
    this.#byAnnouncer = byAnnouncer
    this.#reminder.thirdArrived()
    for (const referee of referees) this.#decisions.set(referee, verdict)
    this.#options.down()
    if (this.#options.rules.immediateDecision) {
      this.#endDisplay()
      this.#options.result(verdict, byAnnouncer)
    } else {
      this.#displayLater()
    }
    this.#tell(2, verdict)
  }

  /** Forgets the presses and the result that was due; there is no message here. */
  wipe(): void {
    this.#endDisplay()
    this.#reminder.forget()
    this.#decisions.wipe()
    this.#byAnnouncer = false
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#endDisplay()
    this.#reminder.stop()
  }

  #tell(referee: RefereeNumber, verdict: Verdict): void {
    const hidden = this.#options.hidesDecisions && this.#options.rules.juryReview
    this.#voice.fop('decision', `${referee} ${hidden ? 'hidden' : verdict}`)
  }

  /** A change of mind does not start the delay afresh. */
  #displayLater(): void {
    this.#cancelDisplay ??= this.#clock.setTimer(reversalDelayMs, () => this.#display())
  }

  #display(): void {
    this.#cancelDisplay = undefined
    const verdict = this.#decisions.majority()
    if (verdict === undefined) throw new Error('three decisions always have a majority')
    this.#options.result(verdict, this.#byAnnouncer)
  }

  #endDisplay(): void {
    this.#cancelDisplay?.()
    this.#cancelDisplay = undefined
  }
}
