import type { CancelTimer, Clock } from '../support/clock.ts'
import type { WatchedFieldOfPlay } from './automatic-officials.ts'
import type { FieldOfPlayState } from './field-state.ts'
import { referees } from './referee-decisions.ts'

export interface AutomaticJuryOptions {
  readonly fieldOfPlay: WatchedFieldOfPlay
  /** Sends one device message; it may get lost. */
  readonly press: (topic: string, payload: string) => void
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Multiplies every human delay; 1 is a real competition. */
  readonly pace: number
}

/** Part of the no-lifts that are challenged, of the challenges withdrawn, and of those upheld. */
const challenged = 0.5
const withdrawn = 0.2
const overturned = 0.7
const jurors = [1, 2, 3]

/** When things happen after the challenge, in milliseconds; docs/owlcms.md 4.9, T4. */
const challengeAfterMs = 1500
const summonAtMs = 4000
const votesFromMs = 12_000
const votingMs = 6000
const decisionAtMs = 21_000
/** The president presses again when nothing was seen to happen for so long. Not scaled. */
const patienceMs = 4000

/** A jury of three that challenges no-lifts now and then and presses like people. */
export class AutomaticJury {
  readonly #options: AutomaticJuryOptions
  readonly #stopWatching: () => void
  #planned: CancelTimer[] = []
  #before: FieldOfPlayState
  /** Whether the lights that are on show a no-lift of the referees. */
  #sawNoLift = false

  /** Starts at once. */
  constructor(options: AutomaticJuryOptions) {
    this.#options = options
    this.#before = options.fieldOfPlay.view().state
    this.#stopWatching = options.fieldOfPlay.watch(() => this.#look())
  }

  /** Nobody presses any more. */
  stop(): void {
    this.#stopWatching()
    this.#forgetPlans()
  }

  #look(): void {
    const { state } = this.#options.fieldOfPlay.view()
    const before = this.#before
    this.#before = state
    if (state === 'DECISION_VISIBLE') this.#sawNoLift = before !== 'BREAK' && this.#isNoLift()
    if (state === 'CURRENT_ATHLETE_DISPLAYED') this.#considerChallenge(before)
    else if (this.#isChallenge()) this.#deliberate()
    else this.#forgetPlans()
  }

  #isNoLift(): boolean {
    const view = this.#options.fieldOfPlay.view()
    return referees.filter((referee) => view.decisionOf(referee) === 'bad').length >= 2
  }

  #isChallenge(): boolean {
    return this.#options.fieldOfPlay.view().breakType === 'CHALLENGE'
  }

  #considerChallenge(before: FieldOfPlayState): void {
    this.#forgetPlans()
    if (before !== 'DECISION_VISIBLE' || !this.#sawNoLift) return
    this.#sawNoLift = false
    if (this.#options.random() < challenged)
      this.#later(challengeAfterMs, () => this.#press('break', 'challenge'))
  }

  /** From the break to its end; also of a challenge that somebody else asked for. */
  #deliberate(): void {
    const { random } = this.#options
    this.#forgetPlans()
    const juror = (number: number) => () => {
      this.#pressInChallenge('juryMember/decision', `${number} ${random() < overturned ? 'good' : 'bad'}`)
    }
    this.#later(summonAtMs, () => this.#pressInChallenge('summon', random() < 0.5 ? 'all' : '2'))
    for (const number of jurors) this.#later(votesFromMs + random() * votingMs, juror(number))
    this.#later(decisionAtMs, () => {
      if (random() < withdrawn) this.#end('break', 'stop')
      else this.#end('decision', random() < overturned ? 'good' : 'bad')
    })
  }

  /** Presses until the challenge is over. */
  #end(device: string, payload: string): void {
    if (!this.#isChallenge()) return
    this.#press(device, payload)
    this.#planned.push(this.#options.clock.setTimer(patienceMs, () => this.#end(device, payload)))
  }

  #pressInChallenge(device: string, payload: string): void {
    if (this.#isChallenge()) this.#press(device, payload)
  }

  #press(device: string, payload: string): void {
    this.#options.press(`owlcms/jurybox/${device}/${this.#options.fieldOfPlay.platform}`, payload)
  }

  #later(delayMs: number, callback: () => void): void {
    this.#planned.push(this.#options.clock.setTimer(delayMs * this.#options.pace, callback))
  }

  #forgetPlans(): void {
    for (const cancel of this.#planned) cancel()
    this.#planned = []
  }
}
