import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { Clock } from '../support/clock.ts'
import type { BreakType, CeremonyType } from './breaks.ts'
import { defaultFaults, type Faults } from './faults.ts'
import { FieldState, type FieldOfPlayState, type InputOutcome } from './field-state.ts'
import { JuryDesk, type Floor } from './jury-desk.ts'
import type { Lift, LiftingOrder } from './lifting-order.ts'
import type { FieldOfPlayInput } from './owlcms-input.ts'
import { abilitiesOf, defaultOwlcmsVersion, type OwlcmsAbilities } from './owlcms-version.ts'
import { Pauses } from './pauses.ts'
import type { RefereeNumber } from './referee-decisions.ts'
import { Refereeing } from './refereeing.ts'
import { Results } from './results.ts'
import { completeRules, type Rules } from './rules.ts'
import { Timekeeping } from './timekeeping.ts'
import { Voice, type Publish } from './voice.ts'

export type { FieldOfPlayState, InputOutcome } from './field-state.ts'

/** The rules are those of `defaultRules` unless told. */
export interface FieldOfPlayOptions extends Partial<Readonly<Rules>> {
  readonly platform: string
  readonly clock: Clock
  /** Where publications go, in the order in which owlcms posts them. */
  readonly publish: Publish
  /** Release to imitate; `69.0.0` unless told. */
  readonly version?: string
  /** Weak spots to show; those that owlcms has by itself unless told. Looked at for each input. */
  readonly faults?: Readonly<Pick<Faults, 'losesSimultaneousVotes'>>
}

/** What anybody in the hall can see. */
export interface FieldOfPlayView {
  readonly state: FieldOfPlayState
  readonly breakType: BreakType | undefined
  readonly ceremony: CeremonyType | undefined
  readonly lift: Lift | undefined
  readonly remainingMs: number
  decisionOf(referee: RefereeNumber): Verdict | undefined
}

const nobody: LiftingOrder = {
  current: () => undefined,
  record: () => undefined,
  changeLast: () => undefined,
}

/**
 * One field of play of owlcms, as far as MQTT shows it: docs/owlcms.md 4. It does no I/O: inputs
 * go in as values, publications come out through `publish`, time comes from the clock it is given.
 */
export class FieldOfPlay {
  readonly platform: string
  readonly abilities: OwlcmsAbilities
  readonly #clock: Clock
  readonly #faults: Readonly<Pick<Faults, 'losesSimultaneousVotes'>>
  readonly #rules: Rules
  readonly #voice: Voice
  readonly #state = new FieldState()
  readonly #time: Timekeeping
  readonly #referees: Refereeing
  readonly #pauses: Pauses
  readonly #results: Results
  readonly #jury: JuryDesk
  #order = nobody
  /** The whole millisecond in which the latest input was a jury vote. */
  #voteAt: number | undefined

  constructor(options: FieldOfPlayOptions) {
    const { clock, platform } = options
    this.platform = platform
    this.abilities = abilitiesOf(options.version ?? defaultOwlcmsVersion)
    this.#clock = clock
    this.#faults = options.faults ?? defaultFaults
    this.#rules = completeRules(options)
    this.#voice = new Voice(platform, options.publish, this.abilities.tellsClocks)
    const shared = { clock, voice: this.#voice, state: this.#state, rules: this.#rules }
    const resetDecisions = () => this.#resetDecisions()
    const stopClock = () => this.#time.stopClock()
    const startLifting = () => this.startLifting()
    this.#time = new Timekeeping({
      ...shared,
      announcesClock: this.abilities.announcesClock,
      lift: () => this.#order.current(),
      previousLifter: () => this.#results.previousLifter,
      resetDecisions,
    })
    this.#referees = new Refereeing({
      ...shared,
      abilities: this.abilities,
      stopClock,
      resetDecisions,
      onResult: (verdict, byAnnouncer) => this.#publishResult(verdict, byAnnouncer),
    })
    const onBegin = (type: BreakType) => this.#jury.breakBegan(type)
    const pauses = new Pauses({ ...shared, stopClock, onBegin, startLifting })
    this.#pauses = pauses
    this.#results = new Results({
      ...shared,
      order: () => this.#order,
      pauses,
      time: this.#time,
      startLifting,
    })
    this.#jury = new JuryDesk({
      ...shared,
      harmlessStop: this.abilities.harmlessJuryStop,
      floor: this.#floorForJury(),
    })
  }

  /** How it stands now. */
  view(): FieldOfPlayView {
    return {
      state: this.#state.now,
      breakType: this.#state.breakType,
      ceremony: this.#pauses.ceremony,
      lift: this.#order.current(),
      remainingMs: this.#time.remainingMs(),
      decisionOf: (referee) => this.#referees.decisionOf(referee),
    }
  }

  /** Calls back after each change of state, from inside the change; returns how to stop that. */
  watch(watcher: () => void): () => void {
    return this.#state.watch(watcher)
  }

  /** Takes what a device sent; table of docs/owlcms.md 4.2. */
  handle(input: FieldOfPlayInput): InputOutcome {
    if (this.#isLostVote(input)) return 'ignored'
    switch (input.kind) {
      case 'clockStart':
      case 'clockStop':
      case 'clockToggle':
      case 'clockSet':
        return this.#time.handle(input)
      case 'refereeDecision':
      case 'downEmitted':
        return this.#referees.handle(input)
      case 'juryVote':
      case 'juryDecision':
      case 'juryBreak':
      case 'summon':
        return this.#jury.handle(input)
      default:
        return input satisfies never
    }
  }

  /**
   * The operator loads a session, or the one that is on once more; docs/owlcms.md 4.7. Everything goes on where it is
   * when it is the same, and so does any break but the one after the last lift; decisions and time start afresh.
   */
  loadSession(order: LiftingOrder): void {
    if (order !== this.#order) this.#switchSession(order)
    this.#time.prepare()
    this.#resetDecisions()
    this.#voice.fop('liftingOrderUpdated')
  }

  #switchSession(order: LiftingOrder): void {
    const { breakType } = this.#state
    const goesOn = breakType !== undefined && breakType !== 'GROUP_DONE'
    if (!this.#state.is('INACTIVE', 'BREAK')) this.#time.stopClock()
    this.stop()
    this.#order = order
    this.#results.beginSession()
    if (!goesOn) this.#state.enter('INACTIVE')
  }

  /** The break is over, or the session begins: the athlete is displayed. The clock keeps its time. */
  startLifting(): void {
    if (this.#state.is('CURRENT_ATHLETE_DISPLAYED')) return
    this.#pauses.end()
    this.#jury.closeQuestion()
    this.#time.followOrder()
    this.#voice.startLifting()
    // Also after a jury's pause behind the last lift: lifting resumes only if lifts are left.
    if (this.#order !== nobody && this.#order.current() === undefined) this.#pauses.beginGroupDone()
    else this.#state.enter('CURRENT_ATHLETE_DISPLAYED')
  }

  /** Somebody's weight was changed, so that the order may be another; docs/owlcms.md 4.4 and 4.7. */
  weightChanged(): void {
    if (this.#state.breakType === 'GROUP_DONE' && this.#order.current() !== undefined) {
      this.startLifting()
      return
    }
    if (this.#state.is('DOWN_SIGNAL_VISIBLE')) return
    this.#voice.fop('liftingOrderUpdated')
    if (!this.#state.is('CURRENT_ATHLETE_DISPLAYED', 'TIME_STOPPED')) return
    const another = this.#time.followOrder()
    if (another) this.#state.enter('CURRENT_ATHLETE_DISPLAYED')
  }

  /**
   * Starts a break or changes its type; waits for the end of a decision that is on (docs/owlcms.md 4.2
   * note 6). After `countdownMs` the introduction begins, or lifting.
   */
  beginBreak(type: BreakType, countdownMs?: number): void {
    this.#pauses.begin(type, countdownMs)
  }

  /** Starts a ceremony; only in a break. */
  beginCeremony(type: CeremonyType): InputOutcome {
    return this.#pauses.beginCeremony(type)
  }

  /** Ends the ceremony that is on. */
  endCeremony(): InputOutcome {
    return this.#pauses.endCeremony()
  }

  /** The announcer answers in the browser what the jury decided; nothing if nothing is open. */
  answerJury(answer: 'confirm' | 'cancel'): void {
    this.#jury.answer(answer)
  }

  /** The operator changes rules; they count from the next input on. */
  changeRules(changes: Partial<Readonly<Rules>>): void {
    Object.assign(this.#rules, completeRules({ ...this.#rules, ...changes }))
  }

  /** The connection to the broker was lost: the athlete under review is forgotten; docs/owlcms.md 1.5. */
  connectionLost(): void {
    this.#jury.forgetAthlete()
  }

  /** Ends every timer; nothing more is published until the next input. */
  stop(): void {
    this.#time.stop()
    this.#referees.stop()
    this.#jury.stop()
    this.#pauses.stop()
    this.#results.stop()
  }

  /** owlcms takes the second of two votes in the same millisecond for a copy of the first; docs/owlcms.md 1.4. */
  #isLostVote(input: FieldOfPlayInput): boolean {
    const now = Math.floor(this.#clock.now())
    const lost = input.kind === 'juryVote' && this.#voteAt === now && this.#faults.losesSimultaneousVotes
    this.#voteAt = input.kind === 'juryVote' ? now : undefined
    return lost
  }

  #floorForJury(): Floor {
    return {
      sessionLoaded: () => this.#order !== nobody,
      hasLiftsLeft: () => this.#order.current() !== undefined,
      beginBreak: (type) => this.#pauses.begin(type),
      resumeLifting: () => this.startLifting(),
      resetLights: () => this.#resetLights(),
      showReversal: (verdict) => this.#results.publishReversal(verdict),
    }
  }

  #publishResult(verdict: Verdict, byAnnouncer: boolean): void {
    this.#jury.liftJudged()
    this.#results.publish(verdict, byAnnouncer)
  }

  #resetDecisions(): void {
    this.#referees.wipe()
    this.#resetLights()
  }

  #resetLights(): void {
    this.#jury.votesReset()
    this.#voice.fop('resetDecisions', 'reset')
  }
}
