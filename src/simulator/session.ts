import type { CancelTimer, Clock } from '../support/clock.ts'
import { makeAthletes } from './athletes.ts'
import { AutomaticJury } from './automatic-jury.ts'
import { AutomaticOfficials } from './automatic-officials.ts'
import { Competition } from './competition.ts'
import type { FieldOfPlay } from './field-of-play.ts'

export interface AutomaticSessionsOptions {
  readonly fieldOfPlay: FieldOfPlay
  /** Sends one device message, best through MQTT as devices do; may lose it. */
  readonly press: (topic: string, payload: string) => void
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Who decides; `robots` unless told. The clock is always automatic. */
  readonly pressedBy?: 'robots' | 'humans'
  /** Whether a jury challenges no-lifts now and then; `nobody` unless told. */
  readonly jury?: 'robots' | 'nobody'
  /** Athletes of each session, 1 to 12; 6 unless told. */
  readonly athletes?: number
  /** Multiplies every human delay; 1, a real competition, unless told. owlcms's own delays stay. */
  readonly pace?: number
  /** How many sessions to play; without end unless told. */
  readonly sessions?: number
  /** Called once, after the last session's last lift. */
  readonly onEnd?: () => void
}

/** From loading a session to displaying its first athlete, and from its end to the next; in milliseconds. */
const presentationMs = 3000
const betweenSessionsMs = 15_000

/**
 * Plays one session after the other on a field of play: made-up athletes, snatch, clean & jerk, and
 * officials who press (docs/owlcms.md 4.9, T8). Goes on by itself whatever gets lost on the way.
 */
export class AutomaticSessions {
  readonly #options: AutomaticSessionsOptions
  readonly #officials: AutomaticOfficials
  readonly #jury: AutomaticJury | undefined
  readonly #stopWatching: () => void
  #played = 0
  #cancelNext: CancelTimer | undefined

  /** Starts at once. */
  constructor(options: AutomaticSessionsOptions) {
    this.#options = options
    const { fieldOfPlay, jury = 'nobody', pace = 1, pressedBy = 'robots' } = options
    this.#load()
    this.#officials = new AutomaticOfficials({ ...options, pace, pressedBy })
    this.#jury = jury === 'robots' ? new AutomaticJury({ ...options, pace }) : undefined
    this.#stopWatching = fieldOfPlay.watch(() => this.#look())
  }

  /** Stops playing where it is; the field of play stays as it stands. */
  stop(): void {
    this.#cancelNext?.()
    this.#stopWatching()
    this.#officials.stop()
    this.#jury?.stop()
  }

  #load(): void {
    const { fieldOfPlay, random, athletes = 6 } = this.#options
    const name = `${fieldOfPlay.platform}${this.#played + 1}`
    fieldOfPlay.loadSession(new Competition(name, makeAthletes(athletes, random)))
    this.#after(presentationMs, () => fieldOfPlay.startLifting())
  }

  #look(): void {
    if (this.#options.fieldOfPlay.view().breakType !== 'GROUP_DONE') return
    this.#played += 1
    if (this.#played < (this.#options.sessions ?? Infinity)) {
      this.#after(betweenSessionsMs, () => this.#load())
      return
    }
    this.stop()
    this.#options.onEnd?.()
  }

  #after(delayMs: number, callback: () => void): void {
    this.#cancelNext?.()
    this.#cancelNext = this.#options.clock.setTimer(delayMs * (this.#options.pace ?? 1), callback)
  }
}
