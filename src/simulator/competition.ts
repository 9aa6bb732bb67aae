import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { Athlete } from './athletes.ts'
import type { Lift, LiftingOrder } from './lifting-order.ts'

type LiftType = Lift['liftType']

interface Attempt {
  readonly athlete: Athlete
  readonly liftType: LiftType
  readonly kg: number
  verdict: Verdict
}

interface Due {
  readonly athlete: Athlete
  readonly liftType: LiftType
  readonly number: 1 | 2 | 3
  readonly kg: number
  /** Position of the athlete's latest attempt in the session; -1 before the first. */
  readonly lastAt: number
}

/** What an athlete adds after a good lift. */
const stepKg = 3

/**
 * One session: three snatches each, then three clean & jerks. The lightest bar lifts first; then the
 * lower attempt, then who lifted longer ago, then the lower start number.
 */
export class Competition implements LiftingOrder {
  readonly #session: string
  readonly #athletes: readonly Athlete[]
  readonly #attempts: Attempt[] = []

  constructor(session: string, athletes: readonly Athlete[]) {
    this.#session = session
    this.#athletes = athletes
  }

  current(): Lift | undefined {
    const due = this.#due()
    if (due === undefined) return undefined
    const { athlete, liftType, number } = due
    return {
      athleteId: athlete.id,
      athleteName: athlete.name,
      attemptNumber: number,
      liftType,
      session: this.#session,
    }
  }

  record(verdict: Verdict): void {
    const due = this.#due()
    if (due === undefined) return
    this.#attempts.push({ ...due, verdict })
  }

  changeLast(verdict: Verdict): void {
    const last = this.#attempts.at(-1)
    if (last !== undefined) last.verdict = verdict
  }

  #due(): Due | undefined {
    return this.#next('SNATCH') ?? this.#next('CLEANJERK')
  }

  #next(liftType: LiftType): Due | undefined {
    return this.#athletes
      .flatMap((athlete) => this.#dueOf(athlete, liftType) ?? [])
      .sort(
        (a, b) => a.kg - b.kg || a.number - b.number || a.lastAt - b.lastAt || a.athlete.id - b.athlete.id,
      )
      .at(0)
  }

  #dueOf(athlete: Athlete, liftType: LiftType): Due | undefined {
    const done = this.#attempts.filter(
      (attempt) => attempt.athlete === athlete && attempt.liftType === liftType,
    )
    const number = done.length + 1
    if (number !== 1 && number !== 2 && number !== 3) return undefined
    const last = done.at(-1)
    const opening = liftType === 'SNATCH' ? athlete.openingSnatchKg : athlete.openingCleanJerkKg
    const kg = last === undefined ? opening : last.kg + (last.verdict === 'good' ? stepKg : 0)
    return { athlete, liftType, number, kg, lastAt: last === undefined ? -1 : this.#attempts.indexOf(last) }
  }
}
