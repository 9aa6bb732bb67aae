import type { Lift, LiftingOrder } from '../../src/simulator/lifting-order.ts'
import { keepsOrder, latenessMs } from '../../src/simulator/outlet.ts'

/** How far apart owlcms's messages of one event may come, in milliseconds. */
const spanMs = 10

/** When each message of one event comes, in milliseconds: swapped as owlcms does, now and then at will. */
export function swapMessages<T extends readonly [topic: string, ...rest: unknown[]]>(
  said: readonly T[],
  random: () => number,
): { readonly late: number; readonly message: T }[] {
  const isWild = random() < 0.2
  let guarded = 0
  const due = said.map((message) => {
    let late = isWild ? random() * spanMs : latenessMs(random, spanMs)
    if (keepsOrder(message[0])) guarded = late = Math.max(late, guarded)
    return { late, message }
  })
  return due.sort((a, b) => a.late - b.late)
}

/** Athletes without end; now and then one follows himself, and one who was passed over is called again. */
export class RandomOrder implements LiftingOrder {
  readonly #random: () => number
  #newest = 1
  #due: Due = { athleteId: 1, attempt: 1 }
  #passedOver: Due | undefined

  constructor(random: () => number) {
    this.#random = random
  }

  current(): Lift {
    const { athleteId, attempt } = this.#due
    return {
      athleteId,
      athleteName: `N${athleteId}, X`,
      attemptNumber: attempt,
      liftType: 'SNATCH',
      session: 'W1',
    }
  }

  record(): void {
    const { athleteId, attempt } = this.#due
    if (attempt < 3 && this.#random() < 0.2) {
      this.#due = { athleteId, attempt: attempt === 1 ? 2 : 3 }
    } else {
      this.#due = { athleteId: (this.#newest += 1), attempt: 1 }
    }
    this.#passedOver = undefined
  }

  /** Somebody else is due. */
  skip(): void {
    const before = this.#due
    const back = this.#random() < 0.5 ? this.#passedOver : undefined
    this.#due = back ?? { athleteId: (this.#newest += 1), attempt: 1 }
    this.#passedOver = before
  }

  changeLast(): void {
    // What the result was does not matter here.
  }
}

interface Due {
  readonly athleteId: number
  readonly attempt: Lift['attemptNumber']
}
