import type { Publication } from '../../protocol/publication.ts'
import type { Topic } from '../../protocol/topic.ts'

/** Milliseconds after which a publication that never came back is forgotten: far beyond any round trip. */
const forgetAfterMs = 10_000

/** Publications on their way up and back, at most; a hall has a handful (R7). */
const maxUnderWay = 1_000

interface UnderWay<S> {
  readonly payload: Uint8Array
  readonly session: S
  readonly at: number
}

/**
 * Recognises our own clients' publications when the broker sends them back (R2): by topic and payload, in
 * order, since a broker keeps the order of one topic. What isn't recognised came from a device that is
 * connected to the broker directly.
 */
export class Echoes<S> {
  readonly #underWay = new Map<Topic, UnderWay<S>[]>()
  #count = 0

  /** A session's publication went up. */
  sent(publication: Publication, session: S, now: number): void {
    if (this.#count >= maxUnderWay) this.#forgetOld(now)
    if (this.#count >= maxUnderWay) return
    const queue = this.#underWay.get(publication.topic)
    const item = { payload: publication.payload, session, at: now }
    if (queue === undefined) this.#underWay.set(publication.topic, [item])
    else queue.push(item)
    this.#count += 1
  }

  /** The session whose publication this is, or undefined: nobody of ours. */
  origin(publication: Publication, now: number): S | undefined {
    const queue = this.#underWay.get(publication.topic)
    if (queue === undefined) return undefined
    const at = queue.findIndex(
      (item) => now - item.at < forgetAfterMs && sameBytes(item.payload, publication.payload),
    )
    if (at === -1) return undefined
    // What was sent before it did not come back: it was lost on the way.
    const [found] = queue.splice(0, at + 1).slice(-1)
    this.#count -= at + 1
    if (queue.length === 0) this.#underWay.delete(publication.topic)
    return found?.session
  }

  /** Nothing that was under way when the link broke comes back. */
  clear(): void {
    this.#underWay.clear()
    this.#count = 0
  }

  #forgetOld(now: number): void {
    for (const [topic, queue] of this.#underWay) {
      const kept = queue.filter((item) => now - item.at < forgetAfterMs)
      this.#count -= queue.length - kept.length
      if (kept.length === 0) this.#underWay.delete(topic)
      else this.#underWay.set(topic, kept)
    }
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  for (let at = 0; at < a.byteLength; at += 1) if (a[at] !== b[at]) return false
  return true
}
