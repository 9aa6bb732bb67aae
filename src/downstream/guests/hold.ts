/** Bytes that each item takes besides its own, as an object of Node's. */
const overheadBytes = 128

/** What comes from a guest while it is being looked up waits, in order; bounded in bytes (R7). */
export class Hold<Item> {
  readonly #maxBytes: number
  #held: Item[] | undefined
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether what comes has to wait. */
  get on(): boolean {
    return this.#held !== undefined
  }

  /** Holds everything until `known` is; then `use` gets that, and all that waited. */
  until<T>(known: Promise<T>, use: (value: T, held: readonly Item[]) => void): void {
    this.#held = []
    this.#bytes = 0
    void known.then((value) => {
      const held = this.#held ?? []
      this.#held = undefined
      use(value, held)
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
