import type { Principal } from '../hub/people/permissions.ts'
import type { UpstreamLink } from '../hub/upstream-link.ts'
import type { Publication } from '../protocol/publication.ts'
import { bridgeSaying, bridgeTopic } from '../protocol/contract/bridge-topic.ts'
import type { Topic } from '../protocol/topic.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { Revocations, type Revocation } from './revocations.ts'

/** Milliseconds after the link is up in which the broker has surely replayed what it has stored. */
const replayMs = 500
/** Milliseconds after the start that anybody with a token waits for that at most: a broken link locks nobody out. */
const startWaitMs = 3_000
/** Milliseconds between two changes of ours on the broker: a hand that revokes seat by seat is one change. */
const publishDelayMs = 100
/** HiveMQ Cloud forgets retained publications after three days (docs/platforms.md 3.3). */
const repeatMs = 86_400_000

const nothing = new Uint8Array()

export interface RevocationKeeperOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  readonly log: Logger
  /** This bridge's name on the broker. */
  readonly name: string
}

/**
 * Remembers what was revoked where a restart doesn't reach: retained at the broker, on `owlcms/bridge/<name>/revoked`.
 * Each bridge reads all of these topics and tells in its own everything it knows.
 *
 * What holds: a revocation counts at once on this bridge; on others when the broker has passed it on. After
 * a start tokens wait until the broker has replayed what it stored, 3 s at most; should the link come up later
 * than that, a revoked token may hold until then (no press gets through meanwhile), and is cut off at once after.
 * A revocation made while the link is down is lost if this process ends before the link is back.
 */
export class RevocationKeeper {
  /** Told when something new was revoked: who holds such a token must go. */
  onRevoked: () => void = () => undefined
  readonly #options: RevocationKeeperOptions
  readonly #topic: Topic
  readonly #revocations = new Revocations()
  #heardOwn = new Revocations()
  #known = false
  #waiting: (() => void)[] = []
  #cancelWait: CancelTimer
  #cancelPublish: CancelTimer | undefined
  #cancelRepeat: CancelTimer | undefined
  #refused = false

  constructor(options: RevocationKeeperOptions) {
    this.#options = options
    this.#topic = bridgeTopic(options.name, 'revoked')
    this.#cancelWait = options.clock.setTimer(startWaitMs, () => this.#nowKnown())
    this.#armRepeat()
  }

  /** The moment, in milliseconds, after which a new link must be issued so as not to be void from the start. */
  get newestAt(): number {
    return this.#revocations.newestAt
  }

  /** Whether this client's token is void. */
  voids(principal: Principal): boolean {
    return this.#revocations.voids(principal)
  }

  /** Whether the administrator signed out of this session. */
  hasSession(sessionId: string): boolean {
    return this.#revocations.hasSession(sessionId)
  }

  /** Resolves when what was revoked before the start is known, or can't be learnt in time. Never rejects. */
  whenRead(): Promise<void> {
    if (this.#known) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** `full`: nothing was revoked, since too many single records are kept already. */
  revoke(record: Revocation): 'revoked' | 'full' {
    const added = this.#revocations.add(record, this.#now())
    if (added === 'full') return 'full'
    if (added === 'added') {
      this.#options.log.info({ what: record.what }, 'revoked')
      this.#armPublish(publishDelayMs)
      this.onRevoked()
    }
    return 'revoked'
  }

  /** The link came up or went down. */
  linkChanged(up: boolean): void {
    this.#refused = false
    this.#cancelPublish?.()
    this.#cancelPublish = undefined
    if (!up) return
    this.#heardOwn = new Revocations()
    if (!this.#known) {
      this.#cancelWait()
      this.#cancelWait = this.#options.clock.setTimer(replayMs, () => this.#nowKnown())
    }
    // After the replay, so that what the broker knows is never overwritten by an empty memory.
    this.#armPublish(replayMs)
  }

  /** A publication came down from the broker; others than revocations are ignored. */
  receive(publication: Publication): void {
    if (bridgeSaying('revoked', publication.topic) === undefined) return
    const now = this.#now()
    const heard = Revocations.decode(publication.payload, now)
    if (heard === undefined) {
      this.#options.log.warn({}, 'somebody else writes on the topic of the revocations')
      return
    }
    if (publication.topic === this.#topic) this.#heardOwn = heard
    if (this.#revocations.merge(heard, now)) {
      this.#armPublish(publishDelayMs)
      this.onRevoked()
    } else if (publication.topic === this.#topic && this.#revocations.knowsMoreThan(heard)) {
      // Two instances of one name share the topic: what the other one didn't know is told again.
      this.#armPublish(publishDelayMs)
    }
  }

  stop(): void {
    this.#cancelWait()
    this.#cancelPublish?.()
    this.#cancelRepeat?.()
    // What was revoked in the last moment: without waiting, but not lost.
    if (this.#cancelPublish !== undefined) this.#publish()
    this.#nowKnown()
  }

  #armPublish(delayMs: number): void {
    if (this.#cancelPublish !== undefined || this.#refused) return
    this.#cancelPublish = this.#options.clock.setTimer(delayMs, () => this.#publish())
  }

  #publish(): void {
    const { upstream, log } = this.#options
    this.#cancelPublish = undefined
    this.#revocations.prune(this.#now())
    const payload = this.#revocations.size === 0 ? nothing : this.#revocations.encode()
    // Nothing to say, and nothing old to take back. Without a link, its return brings us here again.
    if ((payload.byteLength === 0 && this.#heardOwn.size === 0) || !upstream.ready) return
    upstream.publish({ topic: this.#topic, payload, qos: 1, retain: true }, ({ kind }) => {
      if (kind !== 'refused') return
      this.#refused = true
      const nextStep = 'Let the broker’s user publish on owlcms/bridge/#, with retain.'
      log.warn(
        { nextStep },
        'the broker does not keep what was revoked: it holds until the next restart only',
      )
    })
  }

  #armRepeat(): void {
    this.#cancelRepeat = this.#options.clock.setTimer(repeatMs, () => {
      this.#armRepeat()
      this.#armPublish(0)
    })
  }

  #nowKnown(): void {
    this.#known = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #now(): number {
    return this.#options.clock.wallTime()
  }
}
