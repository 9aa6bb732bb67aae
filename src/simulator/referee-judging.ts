import type { Verdict } from '../protocol/owlcms.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { RefereeDecisions, referees, type RefereeNumber } from './referee-decisions.ts'
import { Reminder } from './reminder.ts'
import type { Voice } from './voice.ts'

/** From the third decision to the result; until then a referee may change sides. protocol.md 4.1. */
const reversalDelayMs = 3000

/** What the judging of one attempt makes the field of play do. */
export interface JudgingEvents {
  /** Stops the clock and gives the down signal. */
  down(): void
  /** The lights become visible. */
  result(verdict: Verdict): void
  /** Whether the clock was started and no light is visible yet (TR, TS, DSV). */
  isLifting(): boolean
}

/** From the referees' presses to down signal, reminder and result; protocol.md 4.3 and 4.5. */
export class RefereeJudging {
  readonly #clock: Clock
  readonly #voice: Voice
  readonly #events: JudgingEvents
  readonly #decisions = new RefereeDecisions()
  readonly #reminder: Reminder
  #cancelDisplay: CancelTimer | undefined

  constructor(clock: Clock, voice: Voice, events: JudgingEvents) {
    this.#clock = clock
    this.#voice = voice
    this.#events = events
    this.#reminder = new Reminder(clock, voice, () => events.isLifting())
  }

  decisionOf(referee: RefereeNumber): Verdict | undefined {
    return this.#decisions.of(referee)
  }

  /** Every press counts, repeats and changes too; the steps of protocol.md 4.3 in their order. */
  press(referee: RefereeNumber, verdict: Verdict): void {
    const decisions = this.#decisions
    decisions.set(referee, verdict)
    if (!decisions.downGiven && decisions.majority() !== undefined) {
      decisions.downGiven = true
      this.#events.down()
    }
    const missing = decisions.missing()
    if (decisions.known === 2 && missing !== undefined) this.#reminder.arm(missing)
    if (missing === undefined) {
      this.#reminder.thirdArrived()
      this.#cancelDisplay ??= this.#clock.setTimer(reversalDelayMs, () => this.#display())
    }
    for (const known of referees) {
      const pressed = decisions.of(known)
      if (pressed !== undefined) this.#voice.fop('decision', `${known} ${pressed}`)
    }
  }

  /** Referee 0 decides for all three; shown at once, and only as referee 2 (protocol.md 4.5). */
  announcerDecides(verdict: Verdict): void {
    this.#endDisplay()
    this.#reminder.thirdArrived()
    for (const referee of referees) this.#decisions.set(referee, verdict)
    this.#events.down()
    this.#events.result(verdict)
    this.#voice.fop('decision', `2 ${verdict}`)
  }

  /** Forgets the presses and the result that was due; there is no message here. */
  wipe(): void {
    this.#endDisplay()
    this.#reminder.forget()
    this.#decisions.wipe()
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#endDisplay()
    this.#reminder.stop()
  }

  #display(): void {
    this.#cancelDisplay = undefined
    const verdict = this.#decisions.majority()
    if (verdict === undefined) throw new Error('three decisions always have a majority')
    this.#events.result(verdict)
  }

  #endDisplay(): void {
    this.#cancelDisplay?.()
    this.#cancelDisplay = undefined
  }
}
