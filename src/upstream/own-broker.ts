import type { Session } from '../hub/hub.ts'
import type { PublishOutcome } from '../hub/upstream-link.ts'
import { isCommand, readTopic, type Platform } from '../protocol/owlcms/topics.ts'
import type { Publication } from '../protocol/publication.ts'
import type { Topic } from '../protocol/topic.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { mayRetain } from './retained-filter.ts'
import type { LinkStatus } from '../protocol/link/link-status.ts'
import type { PublicationListener, Upstream, UpstreamCounters } from './upstream.ts'

/** Milliseconds within which owlcms's connection has to take a press; a line that stands still would deliver it late (R4). */
export const takenWithinMs = 1_500

export interface OwnBrokerOptions {
  readonly clock: Clock
  readonly log: Logger
  /** The connections of owlcms that get this topic. */
  readonly owlcmsAt: (topic: Topic) => readonly Session[]
  /** Hands what was published so far over to their outboxes. */
  readonly settle: () => void
}

/**
 * The link of a bridge that is the broker itself: nothing goes out, since owlcms is a client of this bridge's gateway. The
 * order in which publications are handed to {@link publish} is the broker's order (R2): each is heard by everybody
 * before the next.
 *
 * A press is `delivered` when a connection of owlcms that subscribed to it has taken its bytes, which a broker's
 * acknowledgement doesn't even say. Where none has subscribed, it is refused as `offline` and nobody hears it.
 */
export class OwnBroker implements Upstream {
  readonly #options: OwnBrokerOptions
  readonly #statusListeners: ((status: LinkStatus) => void)[] = []
  readonly #publicationListeners: PublicationListener[] = []
  #status: LinkStatus
  /** Connections that took a press of a platform of which owlcms has said nothing since. */
  readonly #unanswered = new Map<Platform, Set<Session>>()
  #received = 0
  #published = 0

  constructor(options: OwnBrokerOptions) {
    this.#options = options
    this.#status = { kind: 'starting', since: options.clock.now() }
  }

  get ready(): boolean {
    return this.#status.kind === 'connected'
  }

  readonly room = true

  start(): void {
    const { clock, log } = this.#options
    // Not before whoever calls has gone on, as with a broker elsewhere.
    clock.endOfTurn(() => {
      if (this.#status.kind !== 'starting') return
      log.info({}, 'this bridge is the broker')
      this.#change({ kind: 'connected', since: clock.now(), protocolVersion: 5, own: true })
    })
  }

  stop(): Promise<void> {
    this.#change({ kind: 'stopped', since: this.#options.clock.now() })
    return Promise.resolve()
  }

  tryNow(): void {
    // There is nothing to try.
  }

  stoodStill(): void {
    // owlcms is a client here, and is sent away with the others.
  }

  subscribeAgain(): void {
    // Nothing is stored here.
  }

  status(): LinkStatus {
    return this.#status
  }

  onStatus(listener: (status: LinkStatus) => void): void {
    this.#statusListeners.push(listener)
  }

  onPublication(listener: PublicationListener): void {
    this.#publicationListeners.push(listener)
  }

  counters(): UpstreamCounters {
    const [received, published] = [this.#received, this.#published]
    return { received, published, ignoredRetained: 0, ignoredInvalid: 0, reconnects: {}, losses: 0 }
  }

  publish(publication: Publication, settled: (outcome: PublishOutcome) => void): void {
    const { clock, owlcmsAt, settle } = this.#options
    const later = (outcome: PublishOutcome): void => clock.endOfTurn(() => settled(outcome))
    if (!this.ready) {
      later({ kind: 'offline' })
      return
    }
    const topic = readTopic(publication.topic)
    const press = isCommand(topic) ? topic : undefined
    const takers = press === undefined ? [] : owlcmsAt(publication.topic)
    if (press !== undefined && takers.length === 0) {
      later({ kind: 'offline', why: 'noOwlcms' })
      return
    }
    if (topic.kind === 'fop') this.#unanswered.delete(topic.platform)
    this.#published += 1
    const retain = publication.retain && mayRetain(publication.topic)
    this.#tell({ ...publication, retain })
    if (press === undefined) later({ kind: 'delivered' })
    else {
      settle()
      this.#unanswered.set(
        press.platform,
        new Set([...(this.#unanswered.get(press.platform) ?? []), ...takers]),
      )
      this.#whenTaken(takers, later)
    }
  }

  /**
   * owlcms, or one platform of it, answers nothing: the lines that took a press since its last word are cut, so that no
   * press that hangs in one arrives when the network is back (R4). An owlcms that is well connects again within a second.
   */
  silent(platform?: Platform): void {
    for (const [name, takers] of this.#unanswered) {
      if (platform !== undefined && name !== platform) continue
      this.#unanswered.delete(name)
      this.#options.log.warn({ platform: name }, 'owlcms does not answer: its line was cut')
      for (const taker of takers) taker.cut()
    }
  }

  /** Delivered as soon as one connection has it: a second one of the same platform is a second owlcms. */
  #whenTaken(takers: readonly Session[], settled: (outcome: PublishOutcome) => void): void {
    const { clock, log } = this.#options
    const waiting = new Set(takers)
    let told = false
    const tell = (outcome: PublishOutcome): void => {
      if (!told) settled(outcome)
      told = true
    }
    const cancel = clock.setTimer(takenWithinMs, () => {
      for (const taker of waiting) taker.cut()
      log.warn({}, 'owlcms did not take a press in time: its line was cut')
      tell({ kind: 'lost' })
    })
    for (const taker of takers) {
      taker.taken((taken) => {
        waiting.delete(taker)
        if (waiting.size === 0) cancel()
        if (taken) tell({ kind: 'delivered' })
        else if (waiting.size === 0) tell({ kind: 'lost' })
      })
    }
  }

  #tell(publication: Publication): void {
    this.#received += 1
    for (const listener of this.#publicationListeners) listener.receive(publication)
  }

  #change(status: LinkStatus): void {
    this.#status = status
    for (const listener of this.#statusListeners) listener(status)
  }
}
