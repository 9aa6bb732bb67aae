import type { QoS } from '../protocol/publication.ts'
import { FilterTree, type Topic, type TopicFilter } from '../protocol/topic.ts'

/** What a session asked for with one filter. */
export interface SubscriptionOptions {
  readonly qos: QoS
  /** MQTT 5 No Local: not the session's own publications [MQTT-3.8.3-3]. */
  readonly noLocal?: boolean
  /** MQTT 5 Retain As Published [MQTT-3.8.3-4]. */
  readonly retainAsPublished?: boolean
  /** MQTT 5 Subscription Identifier [MQTT-3.3.4-3]. */
  readonly identifier?: number
}

/** One session that gets a topic: one copy, at the highest QoS of its matching filters [MQTT-3.3.4-2]. */
export interface Match<S> {
  readonly session: S
  readonly qos: QoS
  /** True when no matching filter wants the session's own publications. */
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** Identifiers of all matching filters that have one; empty for most. */
  readonly identifiers: readonly number[]
}

const noIdentifiers: readonly number[] = []

/**
 * Filter → sessions. Looking a topic up costs its depth once; the list is then remembered until a
 * subscription changes, at most `cachedTopics` lists.
 */
export class SubscriptionIndex<S extends object> {
  readonly #filters = new FilterTree<Map<S, SubscriptionOptions>>()
  readonly #ofSession = new Map<S, Set<TopicFilter>>()
  readonly #cache = new Map<Topic, readonly Match<S>[]>()
  readonly #cachedTopics: number
  #count = 0

  constructor(cachedTopics: number) {
    this.#cachedTopics = cachedTopics
  }

  /** Subscriptions in all. */
  get size(): number {
    return this.#count
  }

  filtersOf(session: S): ReadonlySet<TopicFilter> {
    return this.#ofSession.get(session) ?? new Set()
  }

  /** Adds or replaces [MQTT-3.8.4-3]; says which it was. */
  add(session: S, filter: TopicFilter, options: SubscriptionOptions): 'new' | 'replaced' {
    this.#cache.clear()
    let sessions = this.#filters.get(filter)
    if (sessions === undefined) {
      sessions = new Map()
      this.#filters.set(filter, sessions)
    }
    let filters = this.#ofSession.get(session)
    if (filters === undefined) {
      filters = new Set()
      this.#ofSession.set(session, filters)
    }
    const outcome = sessions.has(session) ? 'replaced' : 'new'
    if (outcome === 'new') this.#count += 1
    sessions.set(session, options)
    filters.add(filter)
    return outcome
  }

  /** Removes one subscription; false when there was none [MQTT-3.10.4-1]. */
  remove(session: S, filter: TopicFilter): boolean {
    const sessions = this.#filters.get(filter)
    if (sessions?.delete(session) !== true) return false
    this.#cache.clear()
    this.#count -= 1
    if (sessions.size === 0) this.#filters.delete(filter)
    const filters = this.#ofSession.get(session)
    filters?.delete(filter)
    if (filters?.size === 0) this.#ofSession.delete(session)
    return true
  }

  removeAll(session: S): void {
    for (const filter of [...this.filtersOf(session)]) this.remove(session, filter)
  }

  /** The sessions that get this topic, each once, in the order of their first subscription. */
  match(topic: Topic): readonly Match<S>[] {
    const known = this.#cache.get(topic)
    if (known !== undefined) return known
    const matches = new Map<S, Match<S>>()
    this.#filters.match(topic, (sessions) => {
      for (const [session, options] of sessions)
        matches.set(session, merge(matches.get(session), session, options))
    })
    const list = [...matches.values()]
    if (this.#cache.size >= this.#cachedTopics) this.#cache.clear()
    this.#cache.set(topic, list)
    return list
  }
}

function merge<S>(before: Match<S> | undefined, session: S, options: SubscriptionOptions): Match<S> {
  const noLocal = options.noLocal ?? false
  const retainAsPublished = options.retainAsPublished ?? false
  const identifiers = options.identifier === undefined ? noIdentifiers : [options.identifier]
  if (before === undefined) return { session, qos: options.qos, noLocal, retainAsPublished, identifiers }
  return {
    session,
    qos: Math.max(before.qos, options.qos) as QoS,
    noLocal: before.noLocal && noLocal,
    retainAsPublished: before.retainAsPublished || retainAsPublished,
    identifiers: identifiers.length === 0 ? before.identifiers : [...before.identifiers, ...identifiers],
  }
}
