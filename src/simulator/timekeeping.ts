import type { Clock } from '../support/clock.ts'
import { AthleteClock } from './athlete-clock.ts'
import type { FieldState, InputOutcome } from './field-state.ts'
import type { Lift } from './lifting-order.ts'
import type { FieldOfPlayInput } from './owlcms-input.ts'
import type { Voice } from './voice.ts'

const oneMinuteMs = 60_000
const twoMinutesMs = 120_000

export type ClockInput = Extract<FieldOfPlayInput, { kind: `clock${string}` }>

export interface TimekeepingOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly state: FieldState
  /** Whether `fop/start` and `fop/stop` exist. */
  readonly announcesClock: boolean
  /** The attempt that is due. */
  readonly lift: () => Lift | undefined
  /** Who lifted last, as far as owlcms remembers. */
  readonly previousLifter: () => Lift | undefined
  /** Forgets the decisions of the attempt before, and says so. */
  readonly resetDecisions: () => void
}

/** The timekeeper's commands, and what they do to the athlete clock; docs/owlcms.md 4.2 and 4.4. */
export class Timekeeping {
  readonly #options: TimekeepingOptions
  readonly #state: FieldState
  readonly #athleteClock: AthleteClock
  /** Whom the clock is set for. */
  #preparedFor: number | undefined
  #timeForced = false

  constructor(options: TimekeepingOptions) {
    this.#options = options
    this.#state = options.state
    this.#athleteClock = new AthleteClock(options.clock, {
      warning: (seconds) => options.voice.fop('timeRemaining', String(seconds)),
      timeOver: () => this.#state.enter('TIME_STOPPED'),
      stoppedItself: () => this.#tellStop(),
    })
  }

  /** Whole milliseconds on the athlete clock; negative after time over. */
  remainingMs(): number {
    return this.#athleteClock.remainingMs()
  }

  /** Takes what the timekeeper sent. */
  handle(input: ClockInput): InputOutcome {
    switch (input.kind) {
      case 'clockStart':
        return this.#start()
      case 'clockStop':
        return this.#stopByHand()
      case 'clockToggle':
        return this.#state.is('TIME_RUNNING') ? this.#stopByHand() : this.#start()
      case 'clockSet':
        return this.#set(input.ms)
      default:
        return input satisfies never
    }
  }

  /** Stops; every stop call is told, even if the clock stood already (docs/owlcms.md 4.4). */
  stopClock(): void {
    this.#athleteClock.stop()
    this.#tellStop()
  }

  /** Another attempt is due: two minutes for an athlete who follows himself, else one. */
  prepare(): void {
    const judged = this.#options.previousLifter()
    const next = this.#options.lift()
    const again = judged?.athleteId === next?.athleteId && judged?.liftType === next?.liftType
    this.#timeForced = false
    this.#preparedFor = next?.athleteId
    this.#setTo(judged !== undefined && again ? twoMinutesMs : oneMinuteMs)
  }

  /** The order may be another: sets the clock if somebody else is due. Says whether so. */
  followOrder(): boolean {
    if (this.#options.lift()?.athleteId === this.#preparedFor) return false
    this.prepare()
    return true
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#athleteClock.stop()
  }

  #start(): InputOutcome {
    const { lift: due, resetDecisions, voice } = this.#options
    const lift = due()
    if (lift === undefined) return 'refused'
    switch (this.#state.now) {
      case 'TIME_RUNNING':
        return 'ignored'
      case 'CURRENT_ATHLETE_DISPLAYED':
        if (this.#isNewAttempt(lift)) resetDecisions()
        break
      case 'TIME_STOPPED':
        break
      case 'DOWN_SIGNAL_VISIBLE':
        // The reds came too early: everything pressed so far is wiped (docs/owlcms.md 4.2 note 2).
        resetDecisions()
        voice.startLifting()
        break
      case 'INACTIVE':
      case 'BREAK':
      case 'DECISION_VISIBLE':
        return 'refused'
      default:
        return this.#state.now satisfies never
    }
    this.#run(lift)
    return 'accepted'
  }

  /** docs/owlcms.md 4.2 note 1. */
  #isNewAttempt(lift: Lift): boolean {
    const left = this.remainingMs()
    const isAnother = lift.athleteId !== this.#options.previousLifter()?.athleteId
    return this.#timeForced || isAnother || left === oneMinuteMs || left === twoMinutesMs
  }

  #run(lift: Lift): void {
    this.#timeForced = false
    // It may still run below zero after time over; it starts afresh from where it is.
    this.#athleteClock.stop()
    this.#athleteClock.start()
    this.#state.enter('TIME_RUNNING')
    if (this.#options.announcesClock) {
      this.#options.voice.fop('start', `${describeLift(lift)} ${this.remainingMs()}`)
    }
    this.#options.voice.clock('athleteClock', 'start', this.remainingMs())
  }

  #stopByHand(): InputOutcome {
    if (this.#state.is('TIME_STOPPED')) return 'ignored'
    if (!this.#state.is('TIME_RUNNING')) return 'refused'
    this.stopClock()
    this.#state.enter('TIME_STOPPED')
    return 'accepted'
  }

  #set(ms: number): InputOutcome {
    if (this.#state.is('CURRENT_ATHLETE_DISPLAYED', 'TIME_RUNNING')) {
      this.stopClock()
      this.#setTo(ms)
      this.#announceStop()
    } else if (this.#state.is('TIME_STOPPED')) {
      this.#setTo(ms)
    } else {
      return 'refused'
    }
    this.#timeForced = true
    this.#state.enter('CURRENT_ATHLETE_DISPLAYED')
    return 'accepted'
  }

  #setTo(ms: number): void {
    this.#athleteClock.set(ms)
    this.#options.voice.clock('athleteClock', 'set', ms)
  }

  #tellStop(): void {
    this.#announceStop()
    this.#options.voice.clock('athleteClock', 'stop', this.remainingMs())
  }

  #announceStop(): void {
    if (this.#options.announcesClock) this.#options.voice.fop('stop', String(this.remainingMs()))
  }
}

/** The JSON of `fop/start`, keys sorted; docs/owlcms.md 2.3. */
function describeLift({ athleteName, attemptNumber, liftType, session }: Lift): string {
  return JSON.stringify({ athleteName, attemptNumber, liftType, session })
}
