import type { Verdict } from '../protocol/owlcms.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { AthleteClock } from './athlete-clock.ts'
import { breakMessage, type BreakType } from './breaks.ts'
import { JuryDesk } from './jury-desk.ts'
import type { Lift, LiftingOrder } from './lifting-order.ts'
import type { FieldOfPlayInput } from './owlcms-input.ts'
import { abilitiesOf, defaultOwlcmsVersion, type OwlcmsAbilities } from './owlcms-version.ts'
import type { RefereeNumber } from './referee-decisions.ts'
import { RefereeJudging } from './referee-judging.ts'
import { Voice, type Publish } from './voice.ts'

/** owlcms's own names; protocol.md section 4. */
export type FieldOfPlayState =
  | 'INACTIVE'
  | 'BREAK'
  | 'CURRENT_ATHLETE_DISPLAYED'
  | 'TIME_RUNNING'
  | 'TIME_STOPPED'
  | 'DOWN_SIGNAL_VISIBLE'
  | 'DECISION_VISIBLE'

/** `refused` shows an error to owlcms's operator and `ignored` nothing; neither is seen on MQTT. */
export type InputOutcome = 'accepted' | 'refused' | 'ignored'

export interface FieldOfPlayOptions {
  readonly platform: string
  readonly clock: Clock
  /** Where publications go, in the order in which owlcms posts them. */
  readonly publish: Publish
  /** Release to imitate; {@link defaultOwlcmsVersion} unless told. */
  readonly version?: string
  /** 3 or 5; 3 unless told. */
  readonly jurySize?: number
  /** Whether the announcer must confirm jury decisions; true unless told, as in owlcms. */
  readonly announcerConfirmsJury?: boolean
  /** Length of the automatic break between snatch and clean & jerk; no break unless told. */
  readonly firstCleanJerkBreakMs?: number
}

/** What anybody in the hall can see. */
export interface FieldOfPlayView {
  readonly state: FieldOfPlayState
  readonly breakType: BreakType | undefined
  readonly lift: Lift | undefined
  readonly remainingMs: number
  decisionOf(referee: RefereeNumber): Verdict | undefined
}

/** protocol.md 4.1, in milliseconds. */
const decisionShownMs = 3500
const oneMinuteMs = 60_000
const twoMinutesMs = 120_000

const nobody: LiftingOrder = {
  current: () => undefined,
  record: () => undefined,
  changeLast: () => undefined,
}

/**
 * One field of play of owlcms, as far as MQTT shows it: protocol.md section 4. It does no I/O: inputs
 * go in as values, publications come out through `publish`, time comes from the clock it is given.
 */
export class FieldOfPlay {
  readonly platform: string
  readonly abilities: OwlcmsAbilities
  readonly #clock: Clock
  readonly #voice: Voice
  readonly #athleteClock: AthleteClock
  readonly #judging: RefereeJudging
  readonly #jury: JuryDesk
  readonly #watchers = new Set<() => void>()
  readonly #firstCleanJerkBreakMs: number | undefined
  #order = nobody
  #state: FieldOfPlayState = 'INACTIVE'
  #breakType: BreakType | undefined
  #deferredBreak: BreakType | undefined
  #cancelCountdown: CancelTimer | undefined
  #cancelReset: CancelTimer | undefined
  /** For whom the athlete clock ran last. */
  #clockOwner: number | undefined
  #timeForced = false

  constructor(options: FieldOfPlayOptions) {
    const { clock, platform } = options
    this.platform = platform
    this.abilities = abilitiesOf(options.version ?? defaultOwlcmsVersion)
    this.#clock = clock
    this.#firstCleanJerkBreakMs = options.firstCleanJerkBreakMs
    const voice = new Voice(platform, options.publish)
    this.#voice = voice
    this.#judging = new RefereeJudging(clock, voice, {
      down: () => this.#giveDownSignal(),
      result: (verdict) => this.#publishResult(verdict),
      isLifting: () => this.#isLifting(),
    })
    this.#athleteClock = new AthleteClock(clock, {
      warning: (seconds) => voice.fop('timeRemaining', String(seconds)),
      timeOver: () => this.#enter('TIME_STOPPED'),
      stoppedItself: () => this.#announceClockStop(),
    })
    this.#jury = new JuryDesk({
      clock,
      voice,
      jurySize: options.jurySize ?? 3,
      announcerConfirms: options.announcerConfirmsJury ?? true,
      harmlessStop: this.abilities.harmlessJuryStop,
      floor: {
        state: () => this.#state,
        breakType: () => this.#breakType,
        sessionLoaded: () => this.#order !== nobody,
        beginBreak: (type) => this.beginBreak(type),
        resumeLifting: () => this.startLifting(),
        resetLights: () => this.#resetLights(),
        showReversal: (verdict) => this.#showReversal(verdict),
      },
    })
  }

  /** How it stands now. */
  view(): FieldOfPlayView {
    return {
      state: this.#state,
      breakType: this.#breakType,
      lift: this.#order.current(),
      remainingMs: this.#athleteClock.remainingMs(),
      decisionOf: (referee) => this.#judging.decisionOf(referee),
    }
  }

  /** Calls back after each change of state, from inside the change; returns how to stop that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Takes what a device sent; table of protocol.md 4.2. */
  handle(input: FieldOfPlayInput): InputOutcome {
    switch (input.kind) {
      case 'clockStart':
        return this.#clockStart()
      case 'clockStop':
        return this.#clockStop()
      case 'clockToggle':
        return this.#state === 'TIME_RUNNING' ? this.#clockStop() : this.#clockStart()
      case 'clockSet':
        return this.#clockSet(input.ms)
      case 'refereeDecision':
        return this.#refereeDecision(input.referee, input.verdict)
      case 'downEmitted':
        return this.#downEmitted()
      case 'juryVote':
      case 'juryDecision':
      case 'juryBreak':
      case 'summon':
        return this.#jury.handle(input)
      default:
        return input satisfies never
    }
  }

  /** The operator loads or switches a session; protocol.md 4.7. */
  loadSession(order: LiftingOrder): void {
    if (this.#state === 'TIME_RUNNING') this.#stopClock()
    this.stop()
    this.#order = order
    this.#clockOwner = undefined
    this.#setClockFor(undefined)
    this.#resetDecisions()
    this.#voice.fop('liftingOrderUpdated')
    this.#enter('INACTIVE')
  }

  /** The break is over, or the session begins: the athlete is displayed. The clock keeps its time. */
  startLifting(): void {
    this.#endCountdown()
    // Also after a jury's pause behind the last lift: lifting resumes only if lifts are left.
    if (this.#order !== nobody && this.#order.current() === undefined) {
      this.#groupDone()
      return
    }
    this.#voice.fop('startLifting')
    this.#voice.fop('liftingOrderUpdated')
    this.#enter('CURRENT_ATHLETE_DISPLAYED')
  }

  /** Starts a break or changes its type; waits for the end of a decision that is on; protocol.md 4.2 note 6. */
  beginBreak(type: BreakType): void {
    if (this.#state === 'DOWN_SIGNAL_VISIBLE' || this.#state === 'DECISION_VISIBLE') {
      this.#deferredBreak = type
      return
    }
    const message = breakMessage(type)
    if (this.#state === 'INACTIVE') this.#voice.fop(...message)
    else if (this.#state !== 'BREAK') this.#stopClock()
    this.#voice.fop(...message)
    this.#enterBreak(type)
  }

  /** The announcer answers in the browser what the jury decided; nothing if nothing is open. */
  answerJury(answer: 'confirm' | 'cancel'): void {
    this.#jury.answer(answer)
  }

  /** The connection to the broker was lost: the athlete under review is forgotten; protocol.md 1.5. */
  connectionLost(): void {
    this.#jury.forgetAthlete()
  }

  /** Ends every timer; nothing more is published until the next input. */
  stop(): void {
    this.#athleteClock.stop()
    this.#judging.stop()
    this.#jury.stop()
    this.#endCountdown()
    this.#cancelReset?.()
    this.#deferredBreak = undefined
  }

  #enter(state: FieldOfPlayState): void {
    this.#state = state
    if (state !== 'BREAK') this.#breakType = undefined
    for (const watcher of this.#watchers) watcher()
  }

  #enterBreak(type: BreakType): void {
    this.#endCountdown()
    this.#breakType = type
    this.#jury.breakBegan(type)
    this.#enter('BREAK')
  }

  #isLifting(): boolean {
    return ['TIME_RUNNING', 'TIME_STOPPED', 'DOWN_SIGNAL_VISIBLE'].includes(this.#state)
  }

  #clockStart(): InputOutcome {
    const lift = this.#order.current()
    if (lift === undefined) return 'refused'
    switch (this.#state) {
      case 'TIME_RUNNING':
        return 'ignored'
      case 'CURRENT_ATHLETE_DISPLAYED':
        if (this.#isNewAttempt(lift)) this.#resetDecisions()
        break
      case 'TIME_STOPPED':
        break
      case 'DOWN_SIGNAL_VISIBLE':
        // The reds came too early: everything pressed so far is wiped (protocol.md 4.2 note 2).
        this.#resetDecisions()
        this.#voice.fop('startLifting')
        this.#voice.fop('liftingOrderUpdated')
        break
      case 'INACTIVE':
      case 'BREAK':
      case 'DECISION_VISIBLE':
        return 'refused'
      default:
        return this.#state satisfies never
    }
    this.#runClock(lift)
    return 'accepted'
  }

  /** protocol.md 4.2 note 1. */
  #isNewAttempt(lift: Lift): boolean {
    const left = this.#athleteClock.remainingMs()
    return (
      this.#timeForced || lift.athleteId !== this.#clockOwner || left === oneMinuteMs || left === twoMinutesMs
    )
  }

  #runClock(lift: Lift): void {
    this.#timeForced = false
    this.#clockOwner = lift.athleteId
    // It may still run below zero after time over; it starts afresh from where it is.
    this.#athleteClock.stop()
    this.#athleteClock.start()
    this.#enter('TIME_RUNNING')
    if (!this.abilities.announcesClock) return
    const { athleteName, attemptNumber, liftType, session } = lift
    const who = JSON.stringify({ athleteName, attemptNumber, liftType, session })
    this.#voice.fop('start', `${who} ${this.#athleteClock.remainingMs()}`)
  }

  #clockStop(): InputOutcome {
    if (this.#state === 'TIME_STOPPED') return 'ignored'
    if (this.#state !== 'TIME_RUNNING') return 'refused'
    this.#stopClock()
    this.#enter('TIME_STOPPED')
    return 'accepted'
  }

  #clockSet(ms: number): InputOutcome {
    switch (this.#state) {
      case 'CURRENT_ATHLETE_DISPLAYED':
      case 'TIME_RUNNING':
        this.#stopClock()
        this.#athleteClock.set(ms)
        this.#announceClockStop()
        break
      case 'TIME_STOPPED':
        this.#athleteClock.set(ms)
        break
      case 'INACTIVE':
      case 'BREAK':
      case 'DOWN_SIGNAL_VISIBLE':
      case 'DECISION_VISIBLE':
        return 'refused'
      default:
        return this.#state satisfies never
    }
    this.#timeForced = true
    this.#enter('CURRENT_ATHLETE_DISPLAYED')
    return 'accepted'
  }

  #stopClock(): void {
    this.#athleteClock.stop()
    this.#announceClockStop()
  }

  /** Every stop call is told, even if the clock stood already; protocol.md 4.4. */
  #announceClockStop(): void {
    if (this.abilities.announcesClock) this.#voice.fop('stop', String(this.#athleteClock.remainingMs()))
  }

  #downEmitted(): InputOutcome {
    if (this.#state !== 'TIME_RUNNING' && this.#state !== 'TIME_STOPPED') return 'refused'
    this.#giveDownSignal()
    return 'accepted'
  }

  #giveDownSignal(): void {
    this.#stopClock()
    this.#voice.fop('down')
    this.#enter('DOWN_SIGNAL_VISIBLE')
  }

  #refereeDecision(referee: 0 | RefereeNumber, verdict: Verdict): InputOutcome {
    if (this.#state === 'CURRENT_ATHLETE_DISPLAYED' && this.abilities.decidesBeforeClock) {
      // No clock ran; a stale press is taken for the athlete now displayed (protocol.md 4.2 note 3).
      this.#resetDecisions()
      this.#enter('TIME_STOPPED')
    }
    if (!this.#isLifting()) return 'refused'
    if (referee === 0) this.#judging.announcerDecides(verdict)
    else this.#judging.press(referee, verdict)
    return 'accepted'
  }

  #publishResult(verdict: Verdict): void {
    const lift = this.#order.current()
    this.#order.record(verdict)
    this.#jury.liftJudged()
    this.#voice.fop('refereesDecision', verdict)
    // After a jury's `stop` the result still comes, but the lights are gone (protocol.md 4.2 note 7).
    if (this.#state === 'DOWN_SIGNAL_VISIBLE') this.#enter('DECISION_VISIBLE')
    this.#cancelReset = this.#clock.setTimer(decisionShownMs, () => this.#nextLift(lift))
  }

  #nextLift(judged: Lift | undefined): void {
    if (this.#state !== 'DECISION_VISIBLE') return
    const next = this.#order.current()
    if (next === undefined) {
      this.#groupDone()
    } else {
      this.#setClockFor(judged?.liftType === next.liftType ? judged : undefined)
      this.#voice.fop('liftingOrderUpdated')
      this.#enter('CURRENT_ATHLETE_DISPLAYED')
      if (judged?.liftType === 'SNATCH' && next.liftType === 'CLEANJERK') this.#breakForCleanJerk()
    }
    this.#beginDeferredBreak()
  }

  #groupDone(): void {
    this.#voice.fop(...breakMessage('GROUP_DONE'))
    this.#enterBreak('GROUP_DONE')
  }

  /** Two minutes for an athlete who follows himself. */
  #setClockFor(judged: Lift | undefined): void {
    const next = this.#order.current()
    const again = judged !== undefined && judged.athleteId === next?.athleteId
    this.#timeForced = false
    this.#athleteClock.set(again ? twoMinutesMs : oneMinuteMs)
  }

  /** The automatic break is announced twice; protocol.md 4.7. */
  #breakForCleanJerk(): void {
    const breakMs = this.#firstCleanJerkBreakMs
    if (breakMs === undefined) return
    for (let times = 0; times < 2; times += 1) this.#voice.fop(...breakMessage('FIRST_CJ'))
    this.#enterBreak('FIRST_CJ')
    this.#cancelCountdown = this.#clock.setTimer(breakMs, () => this.startLifting())
  }

  #endCountdown(): void {
    this.#cancelCountdown?.()
    this.#cancelCountdown = undefined
  }

  #beginDeferredBreak(): void {
    const type = this.#deferredBreak
    this.#deferredBreak = undefined
    if (type !== undefined) this.beginBreak(type)
  }

  /** The jury changed the last result; protocol.md 4.6. */
  #showReversal(verdict: Verdict): void {
    this.#order.changeLast(verdict)
    this.#enter('DECISION_VISIBLE')
    this.#cancelReset = this.#clock.setTimer(decisionShownMs, () => {
      this.startLifting()
      this.#beginDeferredBreak()
    })
  }

  #resetDecisions(): void {
    this.#judging.wipe()
    this.#resetLights()
  }

  #resetLights(): void {
    this.#jury.votesReset()
    this.#voice.fop('resetDecisions', 'reset')
  }
}
