import { isCommand, isKeptByBroker, readTopic, type OwlcmsTopic } from '../protocol/owlcms/topics.ts'
import type { Publication, QoS } from '../protocol/publication.ts'
import type { PressReport } from '../protocol/contract/press-report.ts'
import { leadingNumber } from '../protocol/contract/seat.ts'
import { topicOf, type Topic, type TopicFilter } from '../protocol/topic.ts'
import type { Clock } from '../support/clock.ts'
import { Account, type PlatformPresses } from './press/account.ts'
import type { Counters } from './press/counters.ts'
import { OtherBridges } from './people/other-bridges.ts'
import { Echoes } from './press/echoes.ts'
import { FanOut } from './routing/fan-out.ts'
import { defaultHubLimits, type HubLimits } from '../support/limits.ts'
import { fewClients, FlushTurn, Outbox, type FrameSink, type News } from './routing/outbox.ts'
import { OwlcmsWatch, bridgeQuestion } from './field/owlcms-watch.ts'
import { bridgeOf, hearing, isOwn, mayHear, onlyWatches, type Principal } from './people/permissions.ts'
import type { Platforms } from './field/platforms.ts'
import { Presence } from './people/presence.ts'
import { PressLedger } from './press/ledger.ts'
import { Publisher, type KeepBack } from './press/publisher.ts'
import { Roster } from './field/roster.ts'
import { RetainedStore } from './routing/retained.ts'
import type { SeatDesk } from './people/seat-desk.ts'
import type { Circumstances, Presser, PressOutcome, PressReceipt, Session } from './people/session.ts'
import {
  SubscriptionIndex,
  type Match,
  type MatchList,
  type SubscriptionOptions,
} from './routing/subscription-index.ts'
import { topicClassOf, Traffic } from './routing/traffic.ts'
import type { UpstreamLink } from './upstream-link.ts'

export type { Circumstances, Presser, PressOutcome, PressReceipt, Session } from './people/session.ts'

export interface HubOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  /** What each platform shows: with it presses are fenced and proved (R4). Fed by {@link Hub.receive}. */
  readonly platforms?: Platforms
  /** This bridge among others on the broker. */
  readonly identity?: { readonly name: string; readonly id: string }
  readonly limits?: Partial<HubLimits>
  /** How long what is read now may have waited, at most, in milliseconds; 0 unless given. */
  readonly waitedMs?: () => number
}

/** Bytes that fan-out collects for one write at most; more gains nothing. */
const maxRunBytes = 32 * 1024

const configRequest = topicOf('owlcms/config')
const configRequestPayload = new TextEncoder().encode(bridgeQuestion)

/**
 * Decides who gets what. What a client publishes goes up and comes back through {@link receive}, so
 * everybody sees the broker's order (R2). Knows no socket, and only the clock it is given.
 */
export class Hub {
  /** What went through, by direction and class of topic. */
  readonly traffic = new Traffic()
  readonly watch: OwlcmsWatch
  readonly presence = new Presence()
  /** Follows each press to owlcms's echo; listeners hear of each one's end. */
  readonly ledger: PressLedger
  readonly seats: SeatDesk
  readonly others: OtherBridges
  /** This bridge among others on the broker. */
  readonly identity: { readonly name: string; readonly id: string }
  readonly #options: HubOptions
  readonly #outboxBytes: number
  readonly #index: SubscriptionIndex<Session>
  readonly #fanOut: FanOut<Session>
  readonly #turn: FlushTurn
  readonly #viewersTurn: FlushTurn
  readonly #narrowed = new WeakMap<MatchList<Session>, Map<number, readonly Match<Session>[]>>()
  readonly #retained: RetainedStore
  readonly #echoes = new Echoes<Presser>()
  readonly #account: Account
  readonly #publisher: Publisher
  readonly #pressers = new Set<Presser>()
  #latest: { readonly publication: Publication; readonly origin: Presser | undefined } | undefined

  constructor(options: HubOptions) {
    const { clock, upstream, platforms, identity = { name: 'bridge', id: '' } } = options
    this.#options = options
    this.identity = identity
    this.others = new OtherBridges({
      clock,
      identity,
      upstream,
      presence: this.presence,
      isBelow: (name) => [...this.#pressers].some(({ principal }) => bridgeOf(principal) === name),
    })
    this.seats = this.others.desk
    const limits: HubLimits = { ...defaultHubLimits, ...options.limits }
    this.#outboxBytes = limits.outboxBytes
    this.#index = new SubscriptionIndex(limits.matchCacheTopics, (session, topic) =>
      hearing(session.principal, readTopic(topic)),
    )
    this.#fanOut = new FanOut(
      Math.min(maxRunBytes, limits.outboxBytes / 4),
      (session) => this.#slow(session),
      (news) => this.#turn.tell(news),
    )
    this.#turn = new FlushTurn(clock, () => this.#fanOut.endRun(true))
    this.#viewersTurn = new FlushTurn(clock)
    this.#retained = new RetainedStore(limits.retainedTopics, limits.retainedBytes)
    const roster = platforms?.roster ?? new Roster()
    this.watch = new OwlcmsWatch(clock, roster, () => this.#askConfig())
    this.#account = new Account(roster, this.presence)
    this.ledger = new PressLedger(clock, platforms, options.waitedMs)
    this.ledger.listen((report) => this.#pressEnded(report))
    const { watch, presence, ledger, traffic } = this
    this.#publisher = new Publisher({
      clock,
      upstream,
      limits,
      watch,
      presence,
      ledger,
      traffic,
      echoes: this.#echoes,
      account: this.#account,
      answerConfig: (presser, reply) => this.#answerConfig(presser, reply),
    })
  }

  get counters(): Counters {
    return this.#account.counters
  }

  get sessionCount(): number {
    return this.#pressers.size
  }

  get subscriptionCount(): number {
    return this.#index.size
  }

  /** Whether a press can get through right now. */
  get ready(): boolean {
    return this.#options.upstream.ready
  }

  /** Presses per platform; the platform's name is as the device wrote it. */
  get presses(): ReadonlyMap<string, PlatformPresses> {
    return this.#account.presses
  }

  /** The session that sent the publication received last; undefined for another one, and when it is nobody of ours. */
  senderOf(publication: Publication): Presser | undefined {
    return this.#latest?.publication === publication ? this.#latest.origin : undefined
  }

  /** A bounded outbox in front of an edge's socket. Officials' have a turn of their own: no crowd of viewers is written to before them. */
  createOutbox(sink: FrameSink, principal?: Principal): Outbox {
    const turn = principal?.kind === 'viewer' ? this.#viewersTurn : this.#turn
    return new Outbox(sink, turn, this.#outboxBytes)
  }

  /** Tells viewers something, a few of them in each turn of the event loop. */
  tellViewers(news: News): void {
    this.#viewersTurn.tell(news)
  }

  open(presser: Presser): void {
    this.#pressers.add(presser)
  }

  /** It is gone, and hears nothing more if it ever did. */
  close(presser: Presser): void {
    this.#fanOut.endRun()
    this.#index.removeAll(presser)
    this.#pressers.delete(presser)
  }

  /** Hands over what came so far: edges call it before a session changes hands. */
  settle(): void {
    this.#fanOut.endRun()
  }

  /** Keys of the sessions that have subscribed to something. */
  listening(): readonly string[] {
    return this.#index.sessions().map(({ key }) => key)
  }

  /** The filters a session holds. */
  filtersOf(session: Session): readonly TopicFilter[] {
    return this.#index.filtersOf(session)
  }

  subscribe(session: Session, filter: TopicFilter, options: SubscriptionOptions): 'new' | 'replaced' {
    // What came before the subscription is none of its business.
    this.#fanOut.endRun()
    return this.#index.add(session, filter, options)
  }

  unsubscribe(session: Session, filter: TopicFilter): boolean {
    this.#fanOut.endRun()
    return this.#index.remove(session, filter)
  }

  /** The connections of owlcms that get this topic: none, where this bridge isn't its broker. */
  owlcmsAt(topic: Topic): readonly Session[] {
    const { matches } = this.#index.match(topic)
    return matches.flatMap(({ session }) => (session.principal.kind === 'owlcms' ? [session] : []))
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
      this.watch.linkDown()
    }
    this.others.linkChanged(up)
    this.#options.platforms?.linkChanged(up)
  }

  /** A publication came down from the broker: the only way anything reaches a client (R2). */
  receive(publication: Publication): void {
    this.counters.received += 1
    const fannedOutBefore = this.counters.fannedOut
    const topic = readTopic(publication.topic)
    this.watch.hear(publication, topic)
    if (topic.kind === 'bridge') this.others.receive(publication)
    if (publication.retain || isKeptByBroker(topic, publication.topic)) this.#retained.keep(publication)
    // Clients get retain only from the store, or as they asked [MQTT-3.3.1-9].
    const live = publication.retain ? { ...publication, retain: false } : publication
    const origin = this.#originOf(publication, topic)
    this.#latest = { publication, origin }
    let matches = this.#audience(this.#index.match(publication.topic), publication)
    if (origin !== undefined && matches.some((match) => match.noLocal && match.session === origin)) {
      matches = matches.filter((match) => !match.noLocal || match.session !== origin)
    }
    if (isKeptByBroker(topic, publication.topic)) this.#offerKept(live, matches)
    else this.#offer(live, matches)
    const topicClass = topicClassOf(topic)
    this.traffic.count('fromBroker', topicClass)
    this.traffic.count('toClients', topicClass, this.counters.fannedOut - fannedOutBefore)
    // Last: who listens to the platforms asks whose it was.
    this.#options.platforms?.receive(publication)
    this.#turn.flushFew()
  }

  /**
   * Passes a client's publication on at once, or refuses it (R1). `settled` is called exactly once;
   * `delivered` only after the broker's acknowledgement (R3). Of a press that was delivered, `receipt` tells once
   * what owlcms made of it.
   */
  publish(
    presser: Presser,
    publication: Publication,
    circumstances: Circumstances,
    settled: (outcome: PressOutcome) => void,
    receipt?: (receipt: PressReceipt) => void,
  ): void {
    this.#publisher.publish(presser, publication, circumstances, settled, receipt)
    // After it, as all that a press need not wait for.
    if (!isCommand(readTopic(publication.topic)) || !onlyWatches(presser.principal)) {
      this.presence.pressed(presser.key, publication, this.#options.clock.now())
    }
  }

  /** The light check's way to keep presses from owlcms. */
  keepBack(keeps: KeepBack): void {
    this.#publisher.keepBack(keeps)
  }

  /** A client's publication whose topic no broker may get: counted, and beside that as if it had never come. */
  refuseTopic(presser: Presser): PressOutcome {
    const outcome: PressOutcome = { kind: 'denied', why: 'unsafeTopic' }
    this.#account.otherEnded(presser, outcome)
    return outcome
  }

  #originOf(publication: Publication, topic: OwlcmsTopic): Presser | undefined {
    // What owlcms says is never ours.
    if (topic.kind === 'fop' || topic.kind === 'config') return undefined
    const now = this.#options.clock.now()
    const origin = this.#echoes.origin(publication, now)
    if (origin === undefined && isCommand(topic)) this.presence.heardDirect(publication, now)
    return origin
  }

  #pressEnded(report: PressReport): void {
    this.#account.pressEnded(report)
    this.others.elsewhere.pressEnded(report)
    // Without platforms nobody hears an echo.
    if (report.outcome === 'notTaken' && this.#options.platforms !== undefined)
      this.watch.notTaken(report.platform, report.at)
  }

  /** To this client alone, if it has subscribed to it. */
  #answerConfig(presser: Presser, reply: Publication): void {
    this.counters.configAnswered += 1
    const { matches } = this.#index.match(reply.topic)
    this.#offer(
      reply,
      matches.filter(({ session }) => session === presser),
    )
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

  /** Everybody in the list who hears this publication; the same object for the same people, as fan-out wants. */
  #audience(list: MatchList<Session>, publication: Publication): readonly Match<Session>[] {
    if (!list.asks) return list.matches
    const number = leadingNumber(publication.payload) ?? -1
    let narrowed = this.#narrowed.get(list)
    if (narrowed === undefined) {
      narrowed = new Map()
      this.#narrowed.set(list, narrowed)
    }
    let matches = narrowed.get(number)
    if (matches === undefined) {
      matches = list.matches.filter(({ own, session }) => !own || isOwn(session.principal, publication))
      narrowed.set(number, matches)
    }
    return matches
  }

  #offer(publication: Publication, matches: readonly Match<Session>[]): void {
    if (matches.length === 0) return
    this.counters.fannedOut += matches.length
    this.#fanOut.offer(publication, matches)
    if (matches.length > fewClients) this.#turn.arm()
    else {
      this.#fanOut.endRun(true)
      this.#turn.flushFew()
    }
  }

  /** A live publication on a topic the broker keeps: with its flag for those who asked for it [MQTT-3.8.4-4]. */
  #offerKept(publication: Publication, matches: readonly Match<Session>[]): void {
    const asPublished = matches.filter((match) => match.retainAsPublished)
    if (asPublished.length === 0) {
      this.#offer(publication, matches)
      return
    }
    this.#offer(
      publication,
      matches.filter((match) => !match.retainAsPublished),
    )
    this.#fanOut.endRun()
    for (const { session, qos, identifiers } of asPublished) {
      this.counters.fannedOut += 1
      const kept = { ...publication, retain: true }
      if (session.deliver(kept, Math.min(kept.qos, qos) as QoS, identifiers) === 'slow') this.#slow(session)
    }
  }

  #slow(session: Session): void {
    this.counters.slowClients += 1
    session.slow()
  }
}
