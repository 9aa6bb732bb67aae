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
