import { publicationBytes, type Publication } from '../../protocol/publication.ts'
import { FilterTree, type Topic, type TopicFilter } from '../../protocol/topic.ts'

/** The last retained publication of each topic, for late joiners. Bounded in topics and bytes: what would not fit is not kept. */
export class RetainedStore {
  readonly #kept = new Map<Topic, Publication>()
  readonly #maxTopics: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxTopics: number, maxBytes: number) {
    this.#maxTopics = maxTopics
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#kept.size
  }

  /** Keeps a publication instead of its predecessor; an empty payload forgets the topic [MQTT-3.3.1-6]. */
  keep(publication: Publication): void {
    const { topic, payload } = publication
    const before = this.#kept.get(topic)
    if (before !== undefined) this.#bytes -= publicationBytes(before)
    this.#kept.delete(topic)
    const bytes = publicationBytes(publication)
    if (payload.byteLength === 0 || this.size >= this.#maxTopics || this.#bytes + bytes > this.#maxBytes)
      return
    this.#kept.set(topic, { ...publication, retain: true })
    this.#bytes += bytes
  }

  clear(): void {
    this.#kept.clear()
    this.#bytes = 0
  }

  /** Calls `visit` for each kept publication that the filter matches [MQTT-4.7]. */
  match(filter: TopicFilter, visit: (publication: Publication) => void): void {
    const wanted = new FilterTree<true>()
    wanted.set(filter, true)
    for (const publication of this.#kept.values()) wanted.match(publication.topic, () => visit(publication))
  }
}
