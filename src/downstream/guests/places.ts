import type { ClientLimits } from '../../support/limits.ts'

/**
 * Who gives way when places become few: first the public, then devices that had to show nothing, and never before them
 * who showed a code or a password.
 */
export const ranks = { public: 0, anonymous: 1, proved: 2 } as const
/** Higher ones have places that lower ones can't take. */
export type Rank = (typeof ranks)[keyof typeof ranks]

/** The share of all places that is kept from a rank and those below it, for the ones above. */
const keptFrom: readonly [number, number, number] = [0.2, 0.1, 0]

type Count = [number, number, number]

/** Who sits where. A seat's name only where one was shown. */
export interface Occupant {
  readonly network: string
  readonly rank: Rank
  readonly seat: string | undefined
}

export type PlaceLimits = Pick<ClientLimits, 'maxClients' | 'maxClientsPerAddress' | 'maxClientsPerSeat'>

/** The places of those who are known, in all, by network and by seat. */
export class Places {
  readonly #limits: PlaceLimits
  readonly #all: Count = [0, 0, 0]
  readonly #networks = new Map<string, Count>()
  readonly #seats = new Map<string, number>()

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  has({ network, rank, seat }: Occupant): boolean {
    const { maxClients, maxClientsPerAddress, maxClientsPerSeat } = this.#limits
    const here = this.#networks.get(network) ?? [0, 0, 0]
    const onSeat = seat === undefined ? 0 : (this.#seats.get(seat) ?? 0)
    return (
      hasRoom(this.#all, rank, maxClients) &&
      hasRoom(here, rank, maxClientsPerAddress) &&
      onSeat < maxClientsPerSeat
    )
  }

  take({ network, rank, seat }: Occupant): void {
    const here = this.#networks.get(network) ?? [0, 0, 0]
    this.#networks.set(network, here)
    this.#all[rank] += 1
    here[rank] += 1
    if (seat !== undefined) this.#seats.set(seat, (this.#seats.get(seat) ?? 0) + 1)
  }

  free({ network, rank, seat }: Occupant): void {
    const here = this.#networks.get(network) ?? [1, 1, 1]
    this.#all[rank] -= 1
    here[rank] -= 1
    if (here.every((count) => count <= 0)) this.#networks.delete(network)
    if (seat === undefined) return
    const left = (this.#seats.get(seat) ?? 1) - 1
    if (left > 0) this.#seats.set(seat, left)
    else this.#seats.delete(seat)
  }
}

/** Whether one more of this rank leaves everybody above it what is kept for them. */
function hasRoom(count: Count, rank: Rank, most: number): boolean {
  let below = 0
  return count.every((here, at) => {
    below += here
    return at < rank || below < most - Math.floor(most * (keptFrom[at] ?? 0))
  })
}
