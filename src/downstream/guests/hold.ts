import type { MaybePromise } from '../../support/maybe-promise.ts'

/** Bytes that each item takes besides its own, as an object of Node's. */
const overheadBytes = 128

/** What comes from a guest while it is being looked up waits, in order; bounded in bytes (R7). */
export class Hold<Item> {
  readonly #maxBytes: number
  #held: Item[] | undefined = []
  #bytes = 0

  private constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Holds everything until `known` is; then `use` gets that, and `handle` what waited. Undefined: nothing has to wait. */
  static until<T, Item>(
    known: MaybePromise<T>,
    use: (value: T) => void,
    { maxBytes, handle }: { readonly maxBytes: number; readonly handle: (item: Item) => void },
  ): Hold<Item> | undefined {
    if (!(known instanceof Promise)) {
      use(known)
      return undefined
    }
    const hold = new Hold<Item>(maxBytes)
    void known.then((value) => {
      const held = hold.#held ?? []
      hold.#held = undefined
      use(value)
      for (const item of held) handle(item)
    })
    return hold
  }

  /** Whether what comes has to wait. */
  get on(): boolean {
    return this.#held !== undefined
  }

  /** False: that is too much. */
  add(item: Item, bytes: number): boolean {
    this.#bytes += bytes + overheadBytes
    if (this.#bytes > this.#maxBytes) return false
    this.#held?.push(item)
    return true
  }
}
