import type { Topic } from '../protocol/topic.ts'
import type { Logger } from '../support/logger.ts'

/** Log lines about stored publications that one connection may cause, however many topics there are (R7). */
const maxWarnings = 10

/** Whether retain means something on this topic: only the bridges' own state is meant to be stored. */
export function mayRetain(topic: Topic): boolean {
  return topic.startsWith('owlcms/bridge/')
}

/**
 * Keeps stored publications away: owlcms never retains, so one under `owlcms/` is a stray that a
 * broker would replay at each subscription, such as a decision of last week (docs/owlcms.md 5).
 */
export class RetainedFilter {
  readonly #log: Logger
  readonly #warned = new Set<string>()
  #ignored = 0

  constructor(log: Logger) {
    this.#log = log
  }

  /** How many were dropped so far. */
  get ignored(): number {
    return this.#ignored
  }

  /** Warnings may be given again, since the broker replays what it has stored. */
  nextConnection(): void {
    this.#warned.clear()
  }

  /** Whether a publication that came with retain set may pass. Warns once per connection and kind of topic. */
  passes(topic: Topic): boolean {
    if (mayRetain(topic)) return true
    this.#ignored += 1
    const kind = topic.slice(0, topic.lastIndexOf('/'))
    if (!this.#warned.has(kind) && this.#warned.size < maxWarnings) {
      this.#warned.add(kind)
      this.#log.warn({ topics: `${kind}/…` }, 'ignoring a publication that the broker has stored')
    }
    return false
  }
}
