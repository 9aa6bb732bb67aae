import { readState } from '../../protocol/contract/bridge-state.ts'
import { maxBridges } from '../../protocol/contract/bridge-topic.ts'
import type { Publication } from '../../protocol/publication.ts'

/** Another bridge on the same broker. */
export interface OtherBridge {
  readonly name: string
  readonly version: string
  /** Seconds since the epoch. */
  readonly since: number
  /** It has our own name: a second machine of the same app, by decision or by accident. */
  readonly sameName: boolean
}

/** The bridges that share our broker, from their retained states. Two are supported and shown. */
export class Instances {
  readonly #own: { readonly name: string; readonly id: string }
  readonly #others = new Map<string, OtherBridge & { readonly id: string }>()

  constructor(own: { readonly name: string; readonly id: string }) {
    this.#own = own
  }

  /** Whether another bridge has come by this. */
  hear(publication: Publication): boolean {
    const heard = readState(publication)
    if (heard === undefined || heard.state.id === this.#own.id) return false
    const { name, state } = heard
    if (state.state === 'offline') {
      // Only its own process may sign it off: two of one name share the topic.
      if (this.#others.get(name)?.id === state.id) this.#others.delete(name)
      return false
    }
    if (!this.#others.has(name) && this.#others.size >= maxBridges) return false
    const { version, since, id } = state
    const isNew = this.#others.get(name)?.id !== id
    this.#others.set(name, { name, version, since, id, sameName: name === this.#own.name })
    return isNew
  }

  /** What was known belongs to the connection that broke. */
  clear(): void {
    this.#others.clear()
  }

  others(): readonly OtherBridge[] {
    return [...this.#others.values()].map(({ name, version, since, sameName }) => ({
      name,
      version,
      since,
      sameName,
    }))
  }
}
