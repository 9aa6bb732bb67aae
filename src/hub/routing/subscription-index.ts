import type { QoS } from '../../protocol/publication.ts'
import type { Hearing } from '../people/permissions.ts'
import { FilterTree, type Topic, type TopicFilter } from '../../protocol/topic.ts'

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
  /** The session hears only what is about its own number: ask for each publication. */
  readonly own: boolean
}

/** Who gets a topic. Equal lists of different topics are one object; nobody may modify one. */
export interface MatchList<S> {
  readonly matches: readonly Match<S>[]
  /** Whether any session must be asked for each publication. */
  readonly asks: boolean
}

const noIdentifiers: readonly number[] = []

/**
 * Filter → sessions. Looking a topic up costs its depth once; the list, without those who may not hear the
 * topic, is then remembered until a subscription changes, at most `cachedTopics` lists.
 */
export class SubscriptionIndex<S extends object> {
  readonly #filters = new FilterTree<Map<S, SubscriptionOptions>>()
  readonly #ofSession = new Map<S, TopicFilter[]>()
  readonly #cache = new Map<Topic, MatchList<S>>()
  readonly #cachedTopics: number
  readonly #hearing: (session: S, topic: Topic) => Hearing
  #lists: MatchList<S>[] = []
  #count = 0

  constructor(cachedTopics: number, hearing: (session: S, topic: Topic) => Hearing) {
    this.#cachedTopics = cachedTopics
    this.#hearing = hearing
  }

  /** Subscriptions in all. */
  get size(): number {
    return this.#count
  }

  filtersOf(session: S): readonly TopicFilter[] {
    return this.#ofSession.get(session) ?? []
  }

  /** Those that have subscribed to something. */
  sessions(): readonly S[] {
    return [...this.#ofSession.keys()]
  }

  /** Adds or replaces [MQTT-3.8.4-3]; says which it was. */
  add(session: S, filter: TopicFilter, options: SubscriptionOptions): 'new' | 'replaced' {
    this.#forget()
    let sessions = this.#filters.get(filter)
    if (sessions === undefined) {
      sessions = new Map()
      this.#filters.set(filter, sessions)
    }
    const outcome = sessions.has(session) ? 'replaced' : 'new'
    if (outcome === 'new') {
      this.#count += 1
      const own = this.#ofSession.get(session)
      // Most have one: room for sixteen more comes with a second.
      if (own === undefined) this.#ofSession.set(session, [filter])
      else own.push(filter)
    }
    sessions.set(session, options)
    return outcome
  }

  /** Removes one subscription; false when there was none [MQTT-3.10.4-1]. */
  remove(session: S, filter: TopicFilter): boolean {
    const sessions = this.#filters.get(filter)
    if (sessions?.delete(session) !== true) return false
    this.#forget()
    this.#count -= 1
    if (sessions.size === 0) this.#filters.delete(filter)
    const filters = this.#ofSession.get(session)
    filters?.splice(filters.indexOf(filter), 1)
    if (filters?.length === 0) this.#ofSession.delete(session)
    return true
  }

  /** Of whoever is gone, also if it never subscribed. */
  removeAll(leaver: object): void {
    if (!this.#holds(leaver)) return
    for (const filter of [...this.filtersOf(leaver)]) this.remove(leaver, filter)
  }

  #holds(leaver: object): leaver is S {
    return this.#ofSession.has(leaver as S)
  }

  /** The sessions that get this topic, each once, in the order of their first subscription. */
  match(topic: Topic): MatchList<S> {
    const known = this.#cache.get(topic)
    if (known !== undefined) return known
    const found = new Map<S, Match<S>>()
    this.#filters.match(topic, (sessions) => {
      for (const [session, options] of sessions)
        found.set(session, merge(found.get(session), session, options))
    })
    const matches: Match<S>[] = []
    for (const match of found.values()) {
      const hear = this.#hearing(match.session, topic)
      if (hear !== 'nothing') matches.push(hear === 'own' ? { ...match, own: true } : match)
    }
    const list = this.#shared({ matches, asks: matches.some(({ own }) => own) })
    if (this.#cache.size >= this.#cachedTopics) this.#forget()
    this.#cache.set(topic, list)
    return list
  }

  #forget(): void {
    this.#cache.clear()
    this.#lists = []
  }

  /** The list itself, or an equal one of another topic, so that fan-out can tell by identity. */
  #shared(list: MatchList<S>): MatchList<S> {
    const equal = this.#lists.find((other) => sameMatches(list.matches, other.matches))
    if (equal !== undefined) return equal
    // Few differ in practice; of more than these, later ones just aren't shared.
    if (this.#lists.length < maxSharedLists) this.#lists.push(list)
    return list
  }
}

const maxSharedLists = 20

function sameMatches<S>(a: readonly Match<S>[], b: readonly Match<S>[]): boolean {
  return a.length === b.length && a.every((match, at) => sameMatch(match, b[at]))
}

function sameMatch<S>(a: Match<S>, b: Match<S> | undefined): boolean {
  return (
    a.session === b?.session &&
    a.qos === b.qos &&
    a.own === b.own &&
    a.noLocal === b.noLocal &&
    a.retainAsPublished === b.retainAsPublished &&
    a.identifiers.length === 0 &&
    b.identifiers.length === 0
  )
}

function merge<S>(before: Match<S> | undefined, session: S, options: SubscriptionOptions): Match<S> {
  const noLocal = options.noLocal ?? false
  const retainAsPublished = options.retainAsPublished ?? false
  const identifiers = options.identifier === undefined ? noIdentifiers : [options.identifier]
  if (before === undefined) {
    return { session, qos: options.qos, noLocal, retainAsPublished, identifiers, own: false }
  }
  return {
    session,
    own: false,
    qos: Math.max(before.qos, options.qos) as QoS,
    noLocal: before.noLocal && noLocal,
    retainAsPublished: before.retainAsPublished || retainAsPublished,
    identifiers: identifiers.length === 0 ? before.identifiers : [...before.identifiers, ...identifiers],
  }
}
