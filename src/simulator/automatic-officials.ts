import type { CancelTimer, Clock } from '../support/clock.ts'
import type { FieldOfPlayView } from './field-of-play.ts'
import { referees, type RefereeNumber } from './referee-decisions.ts'

/** What officials in the hall can see and follow; a field of play, or what stands for one. */
export interface WatchedFieldOfPlay {
  readonly platform: string
  view(): FieldOfPlayView
  /** Calls back after each change of state; returns how to stop that. */
  watch(watcher: () => void): () => void
}

export interface AutomaticOfficialsOptions {
  readonly fieldOfPlay: WatchedFieldOfPlay
  /** Sends one device message; it may get lost, and is then repeated. */
  readonly press: (topic: string, payload: string) => void
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** With `humans` only the timekeeper is automatic, and decisions are waited for. */
  readonly pressedBy: 'robots' | 'humans'
  /** Multiplies every human delay; 1 is a real competition. */
  readonly pace: number
}

/** An official presses again when nothing was seen to happen for so long. Not scaled: it covers the network. */
const patienceMs = 4000
/** Part of the lifts that are good, and of the referees that see a lift as it was. */
const goodLifts = 0.8
const agreeing = 0.93
const lateReferees = 0.08
/** Part of the lifts whose clock is stopped by the down signal only. */
const forgottenStops = 0.1

/** Delays of people, from the least to the most, in milliseconds. */
const delays = {
  /** Loading the bar and calling the athlete, until the clock starts. */
  loading: [2500, 6000],
  /** The athlete gets ready, until the bar leaves the platform. */
  gettingReady: [6000, 22_000],
  lifting: [3500, 5500],
  reaction: [200, 1400],
  lateReaction: [4000, 9000],
} as const

/** A timekeeper and three referees who follow what they see and press like people. */
export class AutomaticOfficials {
  readonly #options: AutomaticOfficialsOptions
  readonly #stopWatching: () => void
  #planned: CancelTimer[] = []
  #judging = false

  /** Starts at once. */
  constructor(options: AutomaticOfficialsOptions) {
    this.#options = options
    this.#stopWatching = options.fieldOfPlay.watch(() => this.#look())
    this.#look()
  }

  /** Nobody presses any more. */
  stop(): void {
    this.#stopWatching()
    this.#forgetPlans()
  }

  #look(): void {
    const { state } = this.#options.fieldOfPlay.view()
    switch (state) {
      case 'CURRENT_ATHLETE_DISPLAYED':
        this.#forgetPlans()
        {
          this.#startClock()
          return
        }
      case 'TIME_RUNNING':
        this.#forgetPlans()
        {
          this.#followLift()
          return
        }
      case 'TIME_STOPPED':
      case 'DOWN_SIGNAL_VISIBLE':
        // Usually planned when the clock started; not if somebody pressed before it did.
        if (!this.#judging) this.#judgeAfter(0)
        return
      case 'INACTIVE':
      case 'BREAK':
      case 'DECISION_VISIBLE': {
        this.#forgetPlans()
        return
      }
      default:
        return state satisfies never
    }
  }

  #startClock(): void {
    this.#later(this.#delay('loading'), () => {
      this.#keepPressing('clock', 'start', () => this.#state() === 'CURRENT_ATHLETE_DISPLAYED')
    })
  }

  #followLift(): void {
    const { random, fieldOfPlay, pressedBy } = this.#options
    const left = Math.max(0, fieldOfPlay.view().remainingMs - patienceMs)
    const readyMs = Math.min(this.#delay('gettingReady'), left)
    if (pressedBy === 'humans' || random() >= forgottenStops) {
      this.#later(readyMs, () => {
        this.#keepPressing('clock', 'stop', () => this.#state() === 'TIME_RUNNING')
      })
    }
    this.#judgeAfter(readyMs)
  }

  #judgeAfter(delayMs: number): void {
    this.#judging = true
    const { random, pressedBy } = this.#options
    if (pressedBy === 'humans') return
    const liftedMs = delayMs + this.#delay('lifting')
    const isGood = random() < goodLifts
    const late = random() < lateReferees ? 1 + Math.floor(random() * 3) : undefined
    for (const referee of referees) {
      const saysGood = random() < agreeing ? isGood : !isGood
      const reactionMs = this.#delay(referee === late ? 'lateReaction' : 'reaction')
      this.#later(liftedMs + reactionMs, () => {
        const payload = `${referee} ${saysGood ? 'good' : 'bad'}`
        this.#keepPressing('refbox/decision', payload, () => !this.#hasDecided(referee))
      })
    }
  }

  #hasDecided(referee: RefereeNumber): boolean {
    return this.#options.fieldOfPlay.view().decisionOf(referee) !== undefined
  }

  #state(): FieldOfPlayView['state'] {
    return this.#options.fieldOfPlay.view().state
  }

  /** Presses, and again after a while, as long as nothing came of it. */
  #keepPressing(device: string, payload: string, needed: () => boolean): void {
    if (!needed()) return
    this.#options.press(`owlcms/${device}/${this.#options.fieldOfPlay.platform}`, payload)
    this.#later(patienceMs, () => this.#keepPressing(device, payload, needed))
  }

  #delay(kind: keyof typeof delays): number {
    const [least, most] = delays[kind]
    return (least + this.#options.random() * (most - least)) * this.#options.pace
  }

  #later(delayMs: number, callback: () => void): void {
    this.#planned.push(this.#options.clock.setTimer(delayMs, callback))
  }

  #forgetPlans(): void {
    for (const cancel of this.#planned) cancel()
    this.#planned = []
    this.#judging = false
  }
}
