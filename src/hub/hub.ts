import {
  isCommand,
  normaliseCommand,
  readTopic,
  type CommandFault,
  type OwlcmsTopic,
} from '../protocol/owlcms.ts'
import type { Publication } from '../protocol/publication.ts'
import { parseTopic, type Topic, type TopicFilter } from '../protocol/topic.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { newCounters, type Counters } from './counters.ts'
import { fanOut, type Recipient } from './fan-out.ts'
import { defaultHubLimits, type HubLimits } from './limits.ts'
import { FlushTurn, Outbox, type FrameSink } from './outbox.ts'
import { OwlcmsWatch, defaultWatchTimings, type WatchTimings } from './owlcms-watch.ts'
import { Pacer } from './pacer.ts'
import { mayHear, publishDenial, type Principal, type PublishDenial } from './permissions.ts'
import { SubscriptionIndex, type Match, type SubscriptionOptions } from './subscription-index.ts'
import type { PublishOutcome, UpstreamLink } from './upstream-link.ts'

/** One client, as the hub knows it. Edges make it and keep it as long as the client is there. */
export interface Session extends Recipient {
  readonly principal: Principal
  /** Told once when the client reads too slowly; the edge ends it. */
  slow(): void
}

/** What became of a client's publication; reported exactly once. */
export type PressOutcome =
  | PublishOutcome
  | { readonly kind: 'denied'; readonly why: PublishDenial }
  | { readonly kind: 'invalid'; readonly why: CommandFault }
  /** owlcms has just (re)connected and does not listen yet (R11). */
  | { readonly kind: 'deaf' }
  /** A redelivered command, perhaps minutes old (R3). */
  | { readonly kind: 'redelivered' }
  | { readonly kind: 'tooFast' }

export interface HubOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  readonly log: Logger
  readonly limits?: Partial<HubLimits>
  readonly watchTimings?: Partial<WatchTimings>
}

/** Presses of one platform that did not get through, for the status page. */
export interface PlatformPresses {
  lastPressAt: number | undefined
  dropped: number
}

const configRequest = topicOf('owlcms/config')
const configRequestPayload = new TextEncoder().encode('owlcms-bridge')

/** As many platforms as any competition has, and a bound for invented names (R7). */
const maxPlatforms = 64

/**
 * Decides who gets what. What a client publishes goes up and comes back through {@link receive}, so
 * everybody sees the broker's order (R2). Knows no socket, and only the clock it is given.
 */
export class Hub {
  readonly counters: Counters = newCounters()
  readonly watch: OwlcmsWatch
  readonly #options: HubOptions
  readonly #limits: HubLimits
  readonly #index: SubscriptionIndex<Session>
  readonly #turn: FlushTurn
  readonly #pacer: Pacer
  readonly #sessions = new Set<Session>()
  readonly #presses = new Map<string, PlatformPresses>()

  constructor(options: HubOptions) {
    this.#options = options
    this.#limits = { ...defaultHubLimits, ...options.limits }
    this.#index = new SubscriptionIndex(this.#limits.matchCacheTopics)
    this.#turn = new FlushTurn(options.clock)
    this.#pacer = new Pacer(options.clock, this.#limits.paceMs, this.#limits.pacedMessages)
    this.watch = new OwlcmsWatch(options.clock, () => this.#askConfig(), {
      ...defaultWatchTimings,
      ...options.watchTimings,
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
    return this.#presses
  }

  /** A bounded outbox in front of an edge's socket. */
  createOutbox(sink: FrameSink): Outbox {
    return new Outbox(sink, this.#turn, this.#limits.outboxBytes)
  }

  open(session: Session): void {
    this.#sessions.add(session)
  }

  close(session: Session): void {
    this.#index.removeAll(session)
    this.#sessions.delete(session)
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

  /** The link came up or went down. Nothing that waits survives the change (R1). */
  linkChanged(up: boolean): void {
    if (up) {
      this.watch.linkUp()
    } else {
      this.#pacer.dropAll()
      this.watch.linkDown()
    }
  }

  /** A publication came down from the broker: the only way anything reaches a client (R2). */
  receive(publication: Publication): void {
    this.counters.received += 1
    const topic = readTopic(publication.topic)
    this.watch.hear(publication, topic)
    this.#offer(publication, topic, this.#index.match(publication.topic))
  }

  /**
   * Passes a client's publication on at once, or refuses it (R1). `settled` is called exactly once;
   * `delivered` only after the broker's acknowledgement (R3).
   */
  publish(
    session: Session,
    publication: Publication,
    redelivered: boolean,
    settled: (outcome: PressOutcome) => void,
  ): void {
    const denial = publishDenial(session.principal, publication.topic)
    if (denial !== undefined) {
      this.counters.refused += 1
      settled({ kind: 'denied', why: denial })
      return
    }
    const topic = readTopic(publication.topic)
    if (isCommand(topic)) {
      const press = this.#notePress(topic.platform)
      this.#command(publication, topic, redelivered, (outcome) => {
        if (outcome.kind !== 'delivered' && press !== undefined) press.dropped += 1
        settled(outcome)
      })
      return
    }
    if (topic.kind === 'configRequest') {
      this.#answerConfigRequest(session, publication, settled)
      return
    }
    if (topic.kind === 'unknown') this.counters.unknownPassedOn += 1
    this.#send({ ...publication, retain: false }, settled)
  }

  #command(
    publication: Publication,
    topic: OwlcmsTopic & { readonly platform: string },
    redelivered: boolean,
    settled: (outcome: PressOutcome) => void,
  ): void {
    if (!isCommand(topic)) return
    if (redelivered) {
      this.counters.droppedRedelivered += 1
      settled({ kind: 'redelivered' })
      return
    }
    const payload = normaliseCommand(topic.kind, publication.payload)
    if (!payload.ok) {
      this.counters.refused += 1
      settled({ kind: 'invalid', why: payload.error })
      return
    }
    const refusal = this.#notNow(topic)
    if (refusal !== undefined) {
      settled(refusal)
      return
    }
    // QoS 1 whatever the device used: the broker's acknowledgement is the first half of the proof.
    const press: Publication = { topic: publication.topic, payload: payload.value, qos: 1, retain: false }
    const outcome = this.#pacer.offer(
      topic.platform,
      () => {
        const late = this.#notNow(topic)
        if (late === undefined) this.#send(press, settled)
        else settled(late)
      },
      () => {
        this.counters.droppedOffline += 1
        settled({ kind: 'offline' })
      },
    )
    if (outcome === 'full') {
      this.counters.tooFast += 1
      settled({ kind: 'tooFast' })
    }
  }

  #notNow(topic: Extract<OwlcmsTopic, { readonly platform: unknown }>): PressOutcome | undefined {
    if (!this.#options.upstream.ready) {
      this.counters.droppedOffline += 1
      return { kind: 'offline' }
    }
    if (this.watch.isDeaf(topic.platform)) {
      this.counters.droppedDeaf += 1
      return { kind: 'deaf' }
    }
    return undefined
  }

  #send(publication: Publication, settled: (outcome: PressOutcome) => void): void {
    this.#options.upstream.publish(publication, (outcome) => {
      if (outcome.kind === 'delivered') this.counters.passedOn += 1
      else if (outcome.kind === 'offline') this.counters.droppedOffline += 1
      else if (outcome.kind === 'lost') this.counters.lost += 1
      else this.counters.refused += 1
      settled(outcome)
    })
  }

  /** The one exception of R2: answered at once from owlcms's last reply of this connection. */
  #answerConfigRequest(
    session: Session,
    publication: Publication,
    settled: (outcome: PressOutcome) => void,
  ): void {
    if (!this.ready) {
      this.counters.droppedOffline += 1
      settled({ kind: 'offline' })
      return
    }
    const reply = this.watch.lastReply
    if (reply !== undefined) {
      this.counters.configAnswered += 1
      const mine = this.#index.match(reply.topic).filter((match) => match.session === session)
      this.#offer(reply, readTopic(reply.topic), mine)
    }
    if (this.watch.mayForwardRequest()) this.#send({ ...publication, retain: false }, settled)
    // One that was passed on within the last 2 s answers this one too.
    else settled({ kind: 'delivered' })
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

  #offer(publication: Publication, topic: OwlcmsTopic, matches: readonly Match<Session>[]): void {
    if (matches.length === 0) return
    this.counters.fannedOut += fanOut(
      publication,
      matches,
      (match) => !mayHear(match.session.principal, topic),
      (session) => {
        this.counters.slowClients += 1
        session.slow()
      },
    )
  }

  #notePress(platform: string): PlatformPresses | undefined {
    let press = this.#presses.get(platform)
    if (press === undefined) {
      if (this.#presses.size >= maxPlatforms) return undefined
      press = { lastPressAt: undefined, dropped: 0 }
      this.#presses.set(platform, press)
    }
    press.lastPressAt = this.#options.clock.now()
    return press
  }
}

function topicOf(text: string): Topic {
  const topic = parseTopic(text)
  if (!topic.ok) throw new Error(`not a topic: ${text}`)
  return topic.value
}
