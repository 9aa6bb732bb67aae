import type { CancelTimer, Clock } from '../support/clock.ts'
import { breakMessage, type BreakType, type CeremonyType } from './breaks.ts'
import type { FieldState, InputOutcome } from './field-state.ts'
import type { Voice } from './voice.ts'

export interface PausesOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly state: FieldState
  readonly stopClock: () => void
  /** Told at the begin of each break, before the state changes. */
  readonly onBegin: (type: BreakType) => void
  /** A countdown that ends in lifting is over. */
  readonly startLifting: () => void
}

/** Breaks, their countdowns and the ceremonies in them; docs/owlcms.md 4.2, 4.6 and 4.7. */
export class Pauses {
  readonly #options: PausesOptions
  readonly #state: FieldState
  #deferred: BreakType | undefined
  #ceremony: CeremonyType | undefined
  #cancelCountdown: CancelTimer | undefined
  #countdownEndsAt: number | undefined

  constructor(options: PausesOptions) {
    this.#options = options
    this.#state = options.state
  }

  /** The ceremony that is on. */
  get ceremony(): CeremonyType | undefined {
    return this.#ceremony
  }

  /**
   * Starts a break or changes its type; waits for the end of a decision that is on, and of several that
   * wait only the last happens (docs/owlcms.md 4.2 note 6). A countdown starts with the break.
   */
  begin(type: BreakType, countdownMs?: number): void {
    if (this.#state.showsLights()) {
      this.#deferred = type
      return
    }
    // From INACTIVE everything is said twice (docs/owlcms.md 4.7).
    if (this.#state.is('INACTIVE')) this.#announce(type)
    else if (this.#state.breakType !== type) this.#options.stopClock()
    this.#announce(type)
    this.#enter(type)
    this.#countDown(countdownMs)
  }

  /** A decision was reset: the break that waited for it begins. */
  beginDeferred(): void {
    const type = this.#deferred
    this.#deferred = undefined
    if (type !== undefined) this.begin(type)
  }

  /** Nobody has a lift left. */
  beginGroupDone(): void {
    this.#announce('GROUP_DONE')
    this.#enter('GROUP_DONE')
    this.#countDown(undefined)
  }

  /** The automatic break after the last snatch, said twice (docs/owlcms.md 4.7). */
  beginFirstCleanJerk(countdownMs: number): void {
    this.#announce('FIRST_CJ')
    this.#announce('FIRST_CJ')
    this.#enter('FIRST_CJ')
    this.#countDown(countdownMs)
  }

  /** Starts a ceremony; only in a break, and one at a time. */
  beginCeremony(type: CeremonyType): InputOutcome {
    if (!this.#state.is('BREAK')) return 'refused'
    if (this.#ceremony !== undefined) return 'ignored'
    this.#ceremony = type
    this.#options.voice.fop('ceremony', `${type} start`)
    return 'accepted'
  }

  /** Ends the ceremony that is on; the break goes on. */
  endCeremony(): InputOutcome {
    if (this.#ceremony === undefined) return 'ignored'
    this.#options.voice.fop('ceremony', `${this.#ceremony} stop`)
    this.#ceremony = undefined
    return 'accepted'
  }

  /** Lifting goes on, or everything starts afresh: countdown and ceremony end without a word. */
  end(): void {
    if (this.#state.is('BREAK')) this.#options.voice.clock('breakClock', 'stop', this.#leftMs())
    this.#cancelCountdown?.()
    this.#cancelCountdown = undefined
    this.#countdownEndsAt = undefined
    this.#ceremony = undefined
  }

  /** Ends every timer, and forgets what waits. */
  stop(): void {
    this.end()
    this.#deferred = undefined
  }

  #announce(type: BreakType): void {
    this.#options.voice.fop(...breakMessage(type))
  }

  #enter(type: BreakType): void {
    this.end()
    this.#options.onBegin(type)
    this.#state.enterBreak(type)
  }

  #leftMs(): number {
    const { clock } = this.#options
    return this.#countdownEndsAt === undefined
      ? -1
      : Math.max(0, Math.round(this.#countdownEndsAt - clock.now()))
  }

  #countDown(ms: number | undefined): void {
    const { voice, clock } = this.#options
    voice.clock('breakClock', 'set', ms)
    if (ms === undefined) return
    voice.clock('breakClock', 'start', ms)
    this.#countdownEndsAt = clock.now() + ms
    this.#cancelCountdown = clock.setTimer(ms, () => {
      this.#cancelCountdown = undefined
      if (this.#state.breakType === 'BEFORE_INTRODUCTION') this.#introduce()
      else this.#options.startLifting()
    })
  }

  /** The break before the first snatch begins without a message; only its own countdown will have one. */
  #introduce(): void {
    this.#enter('FIRST_SNATCH')
    this.#countDown(undefined)
    this.beginCeremony('INTRODUCTION')
  }
}
