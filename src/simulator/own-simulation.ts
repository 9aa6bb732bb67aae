import type { CancelTimer, Clock } from '../support/clock.ts'
import type { FieldOfPlay, FieldOfPlayState } from './field-of-play.ts'
import type { LiftingOrder } from './lifting-order.ts'
import { referees } from './referee-decisions.ts'
import { describeLift } from './timekeeping.ts'
import type { Publish } from './voice.ts'

export interface OwnSimulationOptions {
  readonly fieldOfPlay: FieldOfPlay
  /** Publishes through owlcms's own client, on device topics too. */
  readonly publish: Publish
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Played in this order. */
  readonly sessions: readonly LiftingOrder[]
}

/** docs/owlcms.md 4.9, T8; in milliseconds. */
const betweenSessionsMs = 6000
const afterStartLiftingMs = 1000
const afterResetMs = 2000
const stopAfterMs = 2000
const decideAfterMs = 3000
const goodLifts = 0.7

/**
 * owlcms's built-in competition simulator: the reason why device messages come from owlcms itself.
 * Faster than people and not robust: a message that gets lost stops it (docs/owlcms.md 1.1, 4.9 T8).
 */
export class OwnSimulation {
  readonly #options: OwnSimulationOptions
  readonly #stopWatching: () => void
  #planned: CancelTimer[] = []
  #before: FieldOfPlayState
  #played = 0

  /** The first session begins in 6 s. */
  constructor(options: OwnSimulationOptions) {
    this.#options = options
    this.#before = options.fieldOfPlay.view().state
    this.#stopWatching = options.fieldOfPlay.watch(() => this.#look())
    this.#later(betweenSessionsMs, () => this.#beginSession())
  }

  stop(): void {
    this.#stopWatching()
    this.#forgetPlans()
  }

  #look(): void {
    const { state, breakType } = this.#options.fieldOfPlay.view()
    const before = this.#before
    this.#before = state
    if (state === 'CURRENT_ATHLETE_DISPLAYED') {
      this.#forgetPlans()
      this.#later(before === 'DECISION_VISIBLE' ? afterResetMs : afterStartLiftingMs, () => this.#lift())
    } else if (state === 'BREAK') {
      this.#forgetPlans()
      if (breakType === 'GROUP_DONE') this.#later(betweenSessionsMs, () => this.#beginSession())
    }
  }

  #beginSession(): void {
    const session = this.#options.sessions[this.#played]
    if (session === undefined) return
    this.#played += 1
    this.#options.fieldOfPlay.loadSession(session)
    this.#options.fieldOfPlay.startLifting()
  }

  #lift(): void {
    const { fieldOfPlay, publish } = this.#options
    const { lift } = fieldOfPlay.view()
    if (lift === undefined) return
    const clockTopic = `owlcms/clock/${fieldOfPlay.platform}`
    publish(clockTopic, fieldOfPlay.abilities.describesStart ? `start ${describeLift(lift)}` : 'start')
    this.#later(stopAfterMs, () => publish(clockTopic, 'stop'))
    this.#later(decideAfterMs, () => this.#decide())
  }

  #decide(): void {
    const { fieldOfPlay, publish, random } = this.#options
    for (const referee of referees) {
      const verdict = random() < goodLifts ? 'good' : 'bad'
      if (fieldOfPlay.abilities.simulatesThroughBroker) {
        publish(`owlcms/refbox/decision/${fieldOfPlay.platform}`, `${referee} ${verdict}`)
      } else {
        fieldOfPlay.handle({ kind: 'refereeDecision', referee, verdict })
      }
    }
  }

  #later(delayMs: number, callback: () => void): void {
    this.#planned.push(this.#options.clock.setTimer(delayMs, callback))
  }

  #forgetPlans(): void {
    for (const cancel of this.#planned) cancel()
    this.#planned = []
  }
}
