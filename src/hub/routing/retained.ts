import { publicationBytes, type Publication } from '../../protocol/publication.ts'
import type { Topic, TopicFilter } from '../../protocol/topic.ts'

interface Node {
  readonly children: Map<string, Node>
  publication: Publication | undefined
}

/**
 * The last retained publication of each topic, for late joiners. Bounded in topics and bytes: what would not
 * fit is not kept. Looked up level by level, so a filter's cost depends on what it matches.
 */
export class RetainedStore {
  readonly #root: Node = { children: new Map(), publication: undefined }
  readonly #maxTopics: number
  readonly #maxBytes: number
  #topics = 0
  #bytes = 0

  constructor(maxTopics: number, maxBytes: number) {
    this.#maxTopics = maxTopics
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#topics
  }

  /** Keeps a publication instead of its predecessor; an empty payload forgets the topic [MQTT-3.3.1-6]. */
  keep(publication: Publication): void {
    this.#forget(publication.topic)
    if (publication.payload.byteLength === 0) return
    const bytes = publicationBytes(publication)
    if (this.#topics >= this.#maxTopics || this.#bytes + bytes > this.#maxBytes) return
    let node = this.#root
    for (const level of publication.topic.split('/')) {
      let child = node.children.get(level)
      if (child === undefined) {
        child = { children: new Map(), publication: undefined }
        node.children.set(level, child)
      }
      node = child
    }
    node.publication = { ...publication, retain: true }
    this.#topics += 1
    this.#bytes += bytes
  }

  has(topic: Topic): boolean {
    let node: Node | undefined = this.#root
    for (const level of topic.split('/')) {
      node = node.children.get(level)
      if (node === undefined) return false
    }
    return node.publication !== undefined
  }

  clear(): void {
    this.#root.children.clear()
    this.#topics = 0
    this.#bytes = 0
  }

  /** Calls `visit` for each kept publication that the filter matches [MQTT-4.7]. */
  match(filter: TopicFilter, visit: (publication: Publication) => void): void {
    this.#walk(this.#root, filter.split('/'), 0, visit)
  }

  #walk(
    node: Node,
    levels: readonly string[],
    depth: number,
    visit: (publication: Publication) => void,
  ): void {
    const level = levels[depth]
    if (level === undefined) {
      if (node.publication !== undefined) visit(node.publication)
      return
    }
    if (level === '#') {
      this.#all(node, depth === 0, visit)
      return
    }
    if (level !== '+') {
      const child = node.children.get(level)
      if (child !== undefined) this.#walk(child, levels, depth + 1, visit)
      return
    }
    for (const [name, child] of node.children) {
      if (depth === 0 && name.startsWith('$')) continue // [MQTT-4.7.2-1]
      this.#walk(child, levels, depth + 1, visit)
    }
  }

  #all(node: Node, top: boolean, visit: (publication: Publication) => void): void {
    if (node.publication !== undefined) visit(node.publication)
    for (const [name, child] of node.children)
      if (!top || !name.startsWith('$')) this.#all(child, false, visit)
  }

  #forget(topic: Topic): void {
    const levels = topic.split('/')
    const path: Node[] = [this.#root]
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (child === undefined) return
      path.push(child)
    }
    const last = path.at(-1)
    if (last?.publication === undefined) return
    this.#topics -= 1
    this.#bytes -= publicationBytes(last.publication)
    last.publication = undefined
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth]
      if (node === undefined || node.publication !== undefined || node.children.size > 0) return
      path[depth - 1]?.children.delete(levels[depth - 1] ?? '')
    }
  }
}
