import { createHash, timingSafeEqual } from 'node:crypto'

/** Tells whether a text is the wanted one, in a time that depends on neither (docs/platforms.md 3.3). */
export function secretComparer(wanted: string): (given: string | Uint8Array) => boolean {
  const digest = digestOf(wanted)
  return (given) => timingSafeEqual(digest, digestOf(given))
}

function digestOf(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest()
}
