import type { Verdict } from '../protocol/owlcms/topics.ts'

/** One attempt, as the field of play needs to know it. */
export interface Lift {
  /** Tells athletes apart; never published. */
  readonly athleteId: number
  /** `LAST, First`, as owlcms writes it. */
  readonly athleteName: string
  readonly attemptNumber: 1 | 2 | 3
  readonly liftType: 'SNATCH' | 'CLEANJERK'
  /** Name of the session. */
  readonly session: string
}

/** Who lifts, in what order: the competition's side of a field of play. */
export interface LiftingOrder {
  /** The attempt that is due; undefined when the session is over. */
  current(): Lift | undefined
  /** The attempt that was due got its result; the order moves on. */
  record(verdict: Verdict): void
  /** The jury gives the last recorded attempt another result. */
  changeLast(verdict: Verdict): void
}
