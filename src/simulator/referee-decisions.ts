import type { Verdict } from '../protocol/owlcms/topics.ts'

export type RefereeNumber = 1 | 2 | 3

export const referees = [1, 2, 3] as const satisfies readonly RefereeNumber[]

/** What the three referees pressed for one attempt. Knows no time and says nothing. */
export class RefereeDecisions {
  readonly #verdicts = new Map<RefereeNumber, Verdict>()
  /** Set by the majority path only, so a down signal given otherwise is repeated; docs/owlcms.md 4.4. */
  downGiven = false

  of(referee: RefereeNumber): Verdict | undefined {
    return this.#verdicts.get(referee)
  }

  /** Stores a press; the last one counts. */
  set(referee: RefereeNumber, verdict: Verdict): void {
    this.#verdicts.set(referee, verdict)
  }

  /** How many referees have decided. */
  get known(): number {
    return this.#verdicts.size
  }

  /** The verdict of two or three referees; undefined while there is none. */
  majority(): Verdict | undefined {
    const given = [...this.#verdicts.values()]
    const good = given.filter((verdict) => verdict === 'good').length
    if (good >= 2) return 'good'
    return given.length - good >= 2 ? 'bad' : undefined
  }

  /** The lowest-numbered referee who has not decided. */
  missing(): RefereeNumber | undefined {
    return referees.find((referee) => !this.#verdicts.has(referee))
  }

  wipe(): void {
    this.#verdicts.clear()
    this.downGiven = false
  }
}
