import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Voice } from './voice.ts'

const delayMs = 1500
const lengthMs = 20_000

/**
 * Reminds the third referee; docs/owlcms.md 4.1 and 4.3. Each press while two are known starts a reminder
 * of its own, so requests may double, as in owlcms.
 */
export class Reminder {
  readonly #clock: Clock
  readonly #voice: Voice
  /** Whether the state is one in which the legacy `off` goes out (TR, TS, DSV). */
  readonly #mayEnd: () => boolean
  readonly #waiting = new Set<CancelTimer>()
  readonly #lit = new Map<CancelTimer, number>()

  constructor(clock: Clock, voice: Voice, mayEnd: () => boolean) {
    this.#clock = clock
    this.#voice = voice
    this.#mayEnd = mayEnd
  }

  /** Two are known: asks the missing one in 1500 ms. */
  arm(missing: number): void {
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#waiting.delete(cancel)
      this.#voice.decisionRequest(missing)
      const cancelEnd = this.#clock.setTimer(lengthMs, () => {
        this.#lit.delete(cancelEnd)
        if (this.#mayEnd()) this.#voice.decisionRequestOff(missing)
      })
      this.#lit.set(cancelEnd, missing)
    })
    this.#waiting.add(cancel)
  }

  /** The third decision is here: a reminder that was given ends, one that was due is not given. */
  thirdArrived(): void {
    this.forget()
    const asked = new Set(this.#lit.values())
    for (const cancel of this.#lit.keys()) cancel()
    this.#lit.clear()
    for (const referee of asked) if (this.#mayEnd()) this.#voice.decisionRequestOff(referee)
  }

  /** The decisions were wiped: nobody is asked any more; a lamp that is lit ends in its own time. */
  forget(): void {
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
  }

  /** Ends every timer without a word. */
  stop(): void {
    this.forget()
    for (const cancel of this.#lit.keys()) cancel()
    this.#lit.clear()
  }
}
