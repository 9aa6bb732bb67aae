import { isCommand, isKeptByBroker, readTopic, type OwlcmsTopic } from '../protocol/owlcms.ts'
import type { Publication } from '../protocol/publication.ts'
import { parseTopic, type Topic, type TopicFilter } from '../protocol/topic.ts'
import type { Clock } from '../support/clock.ts'
import { newCounters, type Counters } from './counters.ts'
import { Instances } from './instances.ts'
import { Echoes } from './echoes.ts'
import { fanOut } from './fan-out.ts'
import { defaultHubLimits, type HubLimits } from '../support/limits.ts'
import { FlushTurn, Outbox, type FrameSink } from './outbox.ts'
import { OwlcmsWatch, defaultWatchTimings, type WatchTimings } from './owlcms-watch.ts'
import { mayHear } from './permissions.ts'
import { Presence } from './presence.ts'
import { Publisher, type PlatformPresses } from './publisher.ts'
import { RetainedStore } from './retained.ts'
import type { Circumstances, PressOutcome, Session } from './session.ts'
import { SubscriptionIndex, type Match, type SubscriptionOptions } from './subscription-index.ts'
import type { UpstreamLink } from './upstream-link.ts'

export type { Circumstances, PressOutcome, Session } from './session.ts'

export interface HubOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  /** This bridge among others on the broker. */
  readonly identity?: { readonly name: string; readonly id: string }
  readonly limits?: Partial<HubLimits>
  readonly watchTimings?: Partial<WatchTimings>
}

const configRequest = topicOf('owlcms/config')
const configRequestPayload = new TextEncoder().encode('owlcms-bridge')

/**
 * Decides who gets what. What a client publishes goes up and comes back through {@link receive}, so
 * everybody sees the broker's order (R2). Knows no socket, and only the clock it is given.
 */
export class Hub {
  readonly counters: Counters = newCounters()
  readonly watch: OwlcmsWatch
  readonly presence = new Presence()
  readonly instances: Instances
  readonly #options: HubOptions
  readonly #limits: HubLimits
  readonly #index: SubscriptionIndex<Session>
  readonly #turn: FlushTurn
  readonly #retained: RetainedStore
  readonly #echoes = new Echoes<Session>()
  readonly #publisher: Publisher
  readonly #sessions = new Set<Session>()
  /** Sessions that don't hear everything; while there are none, nobody needs to be asked. */
  #restricted = 0

  constructor(options: HubOptions) {
    this.#options = options
    this.instances = new Instances(options.identity ?? { name: '', id: '' })
    this.#limits = { ...defaultHubLimits, ...options.limits }
    this.#index = new SubscriptionIndex(this.#limits.matchCacheTopics)
    this.#turn = new FlushTurn(options.clock)
    this.#retained = new RetainedStore(this.#limits.retainedTopics, this.#limits.retainedBytes)
    this.watch = new OwlcmsWatch(options.clock, () => this.#askConfig(), {
      ...defaultWatchTimings,
      ...options.watchTimings,
    })
    this.#publisher = new Publisher({
      clock: options.clock,
      upstream: options.upstream,
      limits: this.#limits,
      counters: this.counters,
      watch: this.watch,
      presence: this.presence,
      echoes: this.#echoes,
      answerConfig: (session, reply) => {
        const mine = this.#index.match(reply.topic).filter((match) => match.session === session)
        this.#offer(reply, readTopic(reply.topic), mine, undefined)
      },
    })
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  get subscriptionCount(): number {
    return this.#index.size
  }

  /** Whether a press can get through right now. */
  get ready(): boolean {
    return this.#options.upstream.ready
  }

  /** Presses per platform; the platform's name is as the device wrote it. */
  get presses(): ReadonlyMap<string, Readonly<PlatformPresses>> {
    return this.#publisher.presses
  }

  /** A bounded outbox in front of an edge's socket. */
  createOutbox(sink: FrameSink): Outbox {
    return new Outbox(sink, this.#turn, this.#limits.outboxBytes)
  }

  open(session: Session): void {
    if (this.#sessions.has(session)) return
    this.#sessions.add(session)
    if (session.principal.kind !== 'device') this.#restricted += 1
  }

  close(session: Session): void {
    this.#index.removeAll(session)
    if (this.#sessions.delete(session) && session.principal.kind !== 'device') this.#restricted -= 1
  }

  /** The filters a session holds. */
  filtersOf(session: Session): ReadonlySet<TopicFilter> {
    return this.#index.filtersOf(session)
  }

  subscribe(session: Session, filter: TopicFilter, options: SubscriptionOptions): 'new' | 'replaced' {
    return this.#index.add(session, filter, options)
  }

  unsubscribe(session: Session, filter: TopicFilter): boolean {
    return this.#index.remove(session, filter)
  }

  /** The retained publications that a filter of this session matches and that it may hear. */
  retainedFor(session: Session, filter: TopicFilter): readonly Publication[] {
    const found: Publication[] = []
    this.#retained.match(filter, (publication) => {
      if (mayHear(session.principal, readTopic(publication.topic), publication)) found.push(publication)
    })
    return found
  }

  /** The link came up or went down. Nothing that waits survives the change (R1). */
  linkChanged(up: boolean): void {
    if (up) {
      this.watch.linkUp()
    } else {
      this.#publisher.linkLost()
      this.#retained.clear()
      this.instances.clear()
      this.watch.linkDown()
    }
  }

  /** A publication came down from the broker: the only way anything reaches a client (R2). */
  receive(publication: Publication): void {
    this.counters.received += 1
    const topic = readTopic(publication.topic)
    this.watch.hear(publication, topic)
    if (topic.kind === 'bridge') this.instances.hear(publication)
    if (publication.retain || isKeptByBroker(topic, publication.topic)) this.#retained.keep(publication)
    const origin = this.#originOf(publication, topic)
    this.#offer(publication, topic, this.#index.match(publication.topic), origin)
  }

  /**
   * Passes a client's publication on at once, or refuses it (R1). `settled` is called exactly once;
   * `delivered` only after the broker's acknowledgement (R3).
   */
  publish(
    session: Session,
    publication: Publication,
    circumstances: Circumstances,
    settled: (outcome: PressOutcome) => void,
  ): void {
    this.#publisher.publish(session, publication, circumstances, settled)
  }

  #originOf(publication: Publication, topic: OwlcmsTopic): Session | undefined {
    // What owlcms says is never ours.
    if (topic.kind === 'fop' || topic.kind === 'config') return undefined
    const now = this.#options.clock.now()
    const origin = this.#echoes.origin(publication, now)
    if (origin === undefined && isCommand(topic)) this.presence.heardDirect(publication, now)
    return origin
  }

  #askConfig(): void {
    const question: Publication = {
      topic: configRequest,
      payload: configRequestPayload,
      qos: 1,
      retain: false,
    }
    this.#options.upstream.publish(question, () => undefined)
  }

  #offer(
    publication: Publication,
    topic: OwlcmsTopic,
    matches: readonly Match<Session>[],
    origin: Session | undefined,
  ): void {
    if (matches.length === 0) return
    // Clients get retain only from the store [MQTT-3.3.1-9].
    const live = publication.retain ? { ...publication, retain: false } : publication
    const kept = isKeptByBroker(topic, publication.topic) ? { ...publication, retain: true } : undefined
    const askEach = this.#restricted > 0 || topic.kind === 'legacySummon' || origin !== undefined
    this.counters.fannedOut += fanOut(
      live,
      matches,
      askEach
        ? ({ session, noLocal }) =>
            (noLocal && session === origin) || !mayHear(session.principal, topic, publication)
        : undefined,
      (session) => {
        this.counters.slowClients += 1
        session.slow()
      },
      kept,
    )
  }
}

function topicOf(text: string): Topic {
  const topic = parseTopic(text)
  if (!topic.ok) throw new Error(`not a topic: ${text}`)
  return topic.value
}
