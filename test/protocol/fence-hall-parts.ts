import type { PressKind } from '../../src/protocol/fence.ts'
import type { Lift, LiftingOrder } from '../../src/simulator/lifting-order.ts'

/** What a press may belong to; each number grows when presses made before belong to something else. */
export const contexts = [
  'attempt',
  'clock',
  'review',
  'pause',
  'break',
  'votes',
  'judged',
  'ran',
  'stood',
  'wiped',
  'owlcms',
] as const
export type Context = (typeof contexts)[number]
export type Marks = Readonly<Record<Context, number>>

export const contextOf: Readonly<Record<PressKind, Context>> = {
  refereeDecision: 'attempt',
  announcerDecision: 'attempt',
  downEmitted: 'attempt',
  clockStop: 'attempt',
  clockStart: 'clock',
  clockToggle: 'clock',
  clockSet: 'clock',
  technicalBreak: 'pause',
  deliberation: 'review',
  challenge: 'review',
  summonReferee: 'review',
  summonController: 'owlcms',
  breakStop: 'break',
  juryVote: 'votes',
  juryDecision: 'judged',
}

/** What became of the presses. */
export const tally = () => ({
  presses: 0,
  accepted: 0,
  refusedByOwlcms: 0,
  tooLate: 0,
  offline: 0,
  /** Taken by owlcms for something else than what the press was made for: must stay 0. */
  toAnotherAttempt: 0,
  /** Refused by the bridge though owlcms would have taken it for what it was made for: must stay 0. */
  validRefused: 0,
  /** Taken after a change that owlcms does not tell: the limits named in PROTOCOL.md part 3. */
  unseenChange: 0,
  /** Refused for safety where a message may mean another attempt: the ambiguities named in PROTOCOL.md part 3. */
  ambiguousRefused: 0,
  /** Let through before the edge reached the bridge: the hop between owlcms and bridge. */
  underWay: 0,
  underWayKinds: {} as Partial<Record<PressKind, number>>,
  firstFault: '',
})
export type Tally = ReturnType<typeof tally>

/** Keeps the order within each topic, and mixes topics at random. */
export function swapTopics<T extends readonly [string, string]>(
  said: readonly T[],
  random: () => number,
): T[] {
  if (random() < 0.6) return [...said]
  const byTopic = new Map<string, T[]>()
  for (const one of said) byTopic.set(one[0], [...(byTopic.get(one[0]) ?? []), one])
  const queues = [...byTopic.values()]
  const mixed: T[] = []
  while (queues.length > 0) {
    const index = Math.floor(random() * queues.length)
    const next = queues[index]?.shift()
    if (next !== undefined) mixed.push(next)
    if (queues[index]?.length === 0) queues.splice(index, 1)
  }
  return mixed
}

/** Athletes without end; now and then one follows himself. */
export class RandomOrder implements LiftingOrder {
  readonly #random: () => number
  #athlete = 1

  constructor(random: () => number) {
    this.#random = random
  }

  current(): Lift {
    const athleteId = this.#athlete
    return { athleteId, athleteName: `N${athleteId}, X`, attemptNumber: 1, liftType: 'SNATCH', session: 'W1' }
  }

  record(): void {
    if (this.#random() < 0.8) this.skip()
  }

  skip(): void {
    this.#athlete += 1
  }

  changeLast(): void {
    // What the result was does not matter here.
  }
}
