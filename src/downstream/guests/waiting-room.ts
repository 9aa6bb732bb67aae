import type { ClientLimits } from '../../support/limits.ts'

/** A connection, as who sees to its place knows it. */
export interface Visitor {
  /** Must go, to make room. */
  giveWay(): void
}

/** Somebody of whom nothing is known but the address. */
export interface Stranger extends Visitor {
  readonly network: string
}

/**
 * Sockets that have not said yet who they are: they count apart from everybody else, few, and the oldest gives way to
 * the newest. So whoever speaks up at once gets a hearing, however many come to fill the room.
 */
export class WaitingRoom {
  readonly #limits: Pick<ClientLimits, 'maxSilent' | 'maxSilentPerAddress'>
  readonly #strangers = new Set<Stranger>()
  readonly #networks = new Map<string, number>()

  constructor(limits: Pick<ClientLimits, 'maxSilent' | 'maxSilentPerAddress'>) {
    this.#limits = limits
  }

  enter(stranger: Stranger): void {
    const { network } = stranger
    const fromHere = this.#networks.get(network) ?? 0
    const { maxSilent, maxSilentPerAddress } = this.#limits
    if (fromHere >= maxSilentPerAddress) this.#oldest((other) => other.network === network)?.giveWay()
    else if (this.#strangers.size >= maxSilent) this.#oldest(() => true)?.giveWay()
    this.#strangers.add(stranger)
    this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
  }

  leave(stranger: Stranger): void {
    if (!this.#strangers.delete(stranger)) return
    const left = (this.#networks.get(stranger.network) ?? 1) - 1
    if (left > 0) this.#networks.set(stranger.network, left)
    else this.#networks.delete(stranger.network)
  }

  #oldest(fits: (stranger: Stranger) => boolean): Stranger | undefined {
    for (const stranger of this.#strangers) if (fits(stranger)) return stranger
    return undefined
  }
}
