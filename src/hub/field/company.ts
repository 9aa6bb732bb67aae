import {
  bridgeGoneMs,
  maxBridges,
  readBridgeWord,
  type BridgeWord,
} from '../../protocol/contract/bridge-topic.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Clock } from '../../support/clock.ts'

/** Where the words of bridges name the process that says them; what is retained may be of one long gone. */
const namedBy = { state: 'id', seats: 'bridge', revoked: 'bridge' } as const satisfies Partial<
  Record<BridgeWord, string>
>

/**
 * The other bridges that are connected to the broker now, each process by itself: what it says comes to us. Any with
 * company speaks every 3 s, so one that is silent for {@link bridgeGoneMs} has gone, or can't be heard.
 */
export class Company {
  readonly #clock: Clock
  readonly #ownId: string
  readonly #others = new Map<string, { readonly name: string; heardAt: number }>()

  constructor(clock: Clock, ownId: string) {
    this.#clock = clock
    this.#ownId = ownId
  }

  /** A publication came down from the broker. Whether another bridge has come by it. */
  hear(publication: Publication): boolean {
    if (publication.retain) return false
    for (const word of ['state', 'seats', 'revoked'] as const) {
      const heard = readBridgeWord(word, publication)
      if (heard === undefined) continue
      const id = heard.said[namedBy[word]]
      if (typeof id !== 'string' || id === this.#ownId) return false
      if (heard.said['state'] === 'offline') {
        this.#others.delete(id)
        return false
      }
      return this.#met(id.slice(0, 32), heard.name)
    }
    return false
  }

  /** What was known belongs to the connection that broke. */
  clear(): void {
    this.#others.clear()
  }

  others(): readonly { readonly name: string; readonly id: string }[] {
    this.#forgetGone()
    return [...this.#others].map(([id, { name }]) => ({ id, name }))
  }

  #met(id: string, name: string): boolean {
    this.#forgetGone()
    const heardAt = this.#clock.now()
    const before = this.#others.get(id)
    if (before !== undefined) {
      before.heardAt = heardAt
      return false
    }
    if (this.#others.size >= maxBridges) return false
    this.#others.set(id, { name, heardAt })
    return true
  }

  #forgetGone(): void {
    const now = this.#clock.now()
    for (const [id, { heardAt }] of this.#others) {
      if (now - heardAt >= bridgeGoneMs) this.#others.delete(id)
    }
  }
}
