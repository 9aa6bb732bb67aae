import fc from 'fast-check'

// Lists and texts as long as a test allows: by themselves they end at ten, whatever `maxLength` says.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

/** Reproducible randomness (xorshift), so that a failure's seed brings it back. From 0 up to, not including, 1. */
export function randomFrom(seed: number): () => number {
  let x = (Math.imul(seed, 0x9e37_79b1) ^ 0x5bd1_e995) | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

/** The same, with what one makes of it. */
export class Random {
  /** From 0 up to, not including, 1. */
  readonly next: () => number

  constructor(seed: number) {
    this.next = randomFrom(seed)
    // Neighbouring seeds are to give unrelated cases.
    for (let round = 0; round < 8; round += 1) this.next()
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }
}
