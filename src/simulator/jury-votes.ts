import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Rules } from './rules.ts'
import type { Voice } from './voice.ts'

const revealMs = 200

/** The jury's secret votes; docs/owlcms.md 4.6. Members above the jury's size show `hidden`, and reveal what is there. */
export class JuryVotes {
  readonly #clock: Clock
  readonly #voice: Voice
  readonly #rules: Readonly<Pick<Rules, 'jurySize'>>
  readonly #votes = new Map<number, Verdict>()
  #cancelReveal: CancelTimer | undefined

  constructor(clock: Clock, voice: Voice, rules: Readonly<Pick<Rules, 'jurySize'>>) {
    this.#clock = clock
    this.#voice = voice
    this.#rules = rules
  }

  /** Takes a vote or a change of one; all are shown 200 ms after the last one is in. */
  vote(member: number, verdict: Verdict): void {
    this.#voice.fop('juryMemberDecision', `${member} hidden`)
    if (member <= this.#rules.jurySize) this.#votes.set(member, verdict)
    if (this.#votes.size < this.#rules.jurySize) return
    this.#cancelReveal?.()
    this.#cancelReveal = this.#clock.setTimer(revealMs, () => this.#reveal())
  }

  /** Forgets all votes; there is no message for it. */
  clear(): void {
    this.#votes.clear()
    this.#cancelReveal?.()
    this.#cancelReveal = undefined
  }

  #reveal(): void {
    for (let member = 1; member <= this.#rules.jurySize; member += 1) {
      const verdict = this.#votes.get(member)
      if (verdict !== undefined) this.#voice.fop('juryMemberDecision', `${member} ${verdict}`)
    }
  }
}
