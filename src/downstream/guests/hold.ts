import type { MaybePromise } from '../../support/maybe-promise.ts'

/** Bytes that each item takes besides its own, as an object of Node's. */
const overheadBytes = 128

/** What comes from a guest while it is being looked up waits, in order; bounded in bytes (R7). */
export class Hold<Item> {
  readonly #maxBytes: number
  readonly #handle: (item: Item) => void
  #held: Item[] | undefined
  #bytes = 0

  constructor(maxBytes: number, handle: (item: Item) => void) {
    this.#maxBytes = maxBytes
    this.#handle = handle
  }

  /** Whether what comes has to wait. */
  get on(): boolean {
    return this.#held !== undefined
  }

  /** Holds everything until `known` is; then `use` gets that, and after it what waited is handled. */
  until<T>(known: MaybePromise<T>, use: (value: T) => void): void {
    if (!(known instanceof Promise)) {
      use(known)
      return
    }
    this.#held = []
    this.#bytes = 0
    void known.then((value) => {
      const held = this.#held ?? []
      this.#held = undefined
      use(value)
      for (const item of held) this.#handle(item)
    })
  }

  /** False: that is too much. */
  add(item: Item, bytes: number): boolean {
    this.#bytes += bytes + overheadBytes
    if (this.#bytes > this.#maxBytes) return false
    this.#held?.push(item)
    return true
  }
}
