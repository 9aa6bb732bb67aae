import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { Clock } from '../support/clock.ts'
import { askedBreak, isInterruption, mayBecome, type BreakType } from './breaks.ts'
import type { FieldState, InputOutcome } from './field-state.ts'
import { JuryVotes } from './jury-votes.ts'
import type { FieldOfPlayInput, JuryBreakWord } from './owlcms-input.ts'
import type { Rules } from './rules.ts'
import type { Voice } from './voice.ts'

export type JuryInput = Extract<FieldOfPlayInput, { kind: `jury${string}` | 'summon' }>

/** The part of the field of play that the jury acts on. */
export interface Floor {
  sessionLoaded(): boolean
  hasLiftsLeft(): boolean
  beginBreak(type: BreakType): void
  resumeLifting(): void
  /** Only the message and the votes; the referees' decisions stay. */
  resetLights(): void
  showReversal(verdict: Verdict): void
}

export interface JuryDeskOptions {
  readonly clock: Clock
  readonly voice: Voice
  readonly state: FieldState
  readonly rules: Readonly<Pick<Rules, 'jurySize' | 'announcerConfirmsJury'>>
  /** The rule of owlcms 61 for `stop`, rather than that of 53. */
  readonly harmlessStop: boolean
  readonly floor: Floor
}

/** The jury's breaks, votes, decisions and summons; docs/owlcms.md 4.2 and 4.6. */
export class JuryDesk {
  readonly #options: JuryDeskOptions
  readonly #state: FieldState
  readonly #floor: Floor
  readonly #votes: JuryVotes
  /** Whether a lift was judged while this connection lasted; only then is there an athlete to review. */
  #athleteUnderReview = false
  #awaitsAnnouncer: Verdict | undefined

  constructor(options: JuryDeskOptions) {
    this.#options = options
    this.#state = options.state
    this.#floor = options.floor
    this.#votes = new JuryVotes(options.clock, options.voice, options.rules)
  }

  handle(input: JuryInput): InputOutcome {
    switch (input.kind) {
      case 'juryVote':
        if (!this.#floor.sessionLoaded()) return 'refused'
        this.#votes.vote(input.member, input.verdict)
        return 'accepted'
      case 'juryDecision':
        return this.#decide(input.verdict)
      case 'juryBreak':
        return input.word === 'stop' ? this.#stopBreak() : this.#startBreak(input.word)
      case 'summon':
        return this.#summon(input.official)
      default:
        return input satisfies never
    }
  }

  /** The announcer confirms or cancels the decision that waits for him. */
  answer(answer: 'confirm' | 'cancel'): void {
    const verdict = this.#awaitsAnnouncer
    if (verdict === undefined) return
    this.#awaitsAnnouncer = undefined
    if (answer === 'confirm') this.#floor.showReversal(verdict)
    else this.#floor.resumeLifting()
  }

  /** Lifting goes on: the announcer is not asked any more. */
  closeQuestion(): void {
    this.#awaitsAnnouncer = undefined
  }

  liftJudged(): void {
    this.#athleteUnderReview = true
  }

  forgetAthlete(): void {
    this.#athleteUnderReview = false
  }

  breakBegan(type: BreakType): void {
    if (type === 'JURY' || type === 'CHALLENGE') this.#votes.clear()
  }

  votesReset(): void {
    this.#votes.clear()
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.#votes.clear()
    this.#awaitsAnnouncer = undefined
  }

  #decide(verdict: Verdict): InputOutcome {
    if (!this.#state.is('BREAK')) return 'refused'
    if (!this.#athleteUnderReview) return 'ignored'
    if (this.#options.rules.announcerConfirmsJury) this.#awaitsAnnouncer = verdict
    else this.#floor.showReversal(verdict)
    return 'accepted'
  }

  #startBreak(word: Exclude<JuryBreakWord, 'stop'>): InputOutcome {
    const wanted = askedBreak[word]
    const now = this.#state.breakType
    if (now === wanted) {
      // No message for the same break again, but the votes start afresh.
      this.breakBegan(wanted)
      return 'accepted'
    }
    if (now !== undefined && !mayBecome(now, wanted)) return 'refused'
    this.#floor.beginBreak(wanted)
    return 'accepted'
  }

  #stopBreak(): InputOutcome {
    if (this.#state.is('TIME_RUNNING', 'TIME_STOPPED')) return 'ignored'
    const type = this.#state.breakType
    const calm = this.#state.is('INACTIVE', 'CURRENT_ATHLETE_DISPLAYED')
    const uninterrupted = calm || (type !== undefined && !isInterruption(type))
    if (this.#options.harmlessStop && uninterrupted) {
      this.#floor.resetLights()
      return 'accepted'
    }
    if (this.#state.is('CURRENT_ATHLETE_DISPLAYED')) return 'ignored'
    // Behind the last lift there is nothing to resume (docs/owlcms.md 4.6).
    if (type === 'GROUP_DONE' && !this.#floor.hasLiftsLeft()) return 'ignored'
    this.#floor.resumeLifting()
    return 'accepted'
  }

  #summon(official: number): InputOutcome {
    if (official !== 4 && !this.#state.is('BREAK')) {
      this.#floor.beginBreak('JURY')
      // The break waits for the end of the decision, and the summon is lost (docs/owlcms.md 4.2).
      if (this.#state.showsLights()) return 'accepted'
    }
    // Other numbers call nobody, yet have stopped the lifting (docs/owlcms.md 2.2).
    const called = official === 0 ? [1, 2, 3] : [1, 2, 3, 4].includes(official) ? [official] : []
    for (const one of called) this.#options.voice.summon(one)
    return 'accepted'
  }
}
