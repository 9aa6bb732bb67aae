import type { PublishOutcome, UpstreamLink } from '../hub/upstream-link.ts'
import { adviceFor } from '../protocol/link/advice.ts'
import type { BrokerAddress } from '../protocol/link/broker-address.ts'
import type { Publication, QoS } from '../protocol/publication.ts'
import { parseTopic } from '../protocol/topic.ts'
import { defined } from '../protocol/defined.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { isRefusedLogin, retryDelayMs } from './backoff.ts'
import { ConnectionPair, type PairOptions } from './connection-pair.ts'
import { hungUpOnConnect, linkFault, refusesVersion, type LinkEvidence } from './faults.ts'
import { RetainedFilter, mayRetain } from './retained-filter.ts'
import { createScrubber } from './scrub.ts'
import { refineFault, type LinkFault, type LinkFaultCode } from '../protocol/link/link-fault.ts'
import type { LinkStatus } from '../protocol/link/link-status.ts'
import { defaultUpstreamTimings, type UpstreamTimings } from './timings.ts'
import { trust, type Trust } from './transport.ts'

export interface UpstreamOptions {
  readonly address: BrokerAddress
  readonly username?: string
  readonly password?: string
  /** PEM certificates to trust besides those that Node trusts. */
  readonly ca?: string
  /** Asked for by itself too: a topic of ours that the broker keeps. */
  readonly exactTopic?: string
  /** What the broker publishes for us when this connection breaks. */
  readonly will?: Publication
  /** Different for each instance, or two of them evict each other (docs/platforms.md 3.3). */
  readonly clientId: string
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Logger
  readonly timings?: Partial<UpstreamTimings>
}

/** Totals since the start of the program. */
export interface UpstreamCounters {
  /** Publications handed on to the listeners. */
  readonly received: number
  /** Publications sent to the broker, whatever became of them. */
  readonly published: number
  /** Stored publications that the broker replayed and that were dropped (docs/owlcms.md 5: never honour retain). */
  readonly ignoredRetained: number
  /** Publications whose topic isn't a valid one. */
  readonly ignoredInvalid: number
  /** How often a link that stood was lost. */
  readonly losses: number
  /** How often a connection failed or broke, by reason. */
  readonly reconnects: Readonly<Partial<Record<LinkFaultCode, number>>>
}

/** Told of each publication in the turn in which it was read. */
export interface PublicationListener {
  receive(publication: Publication): void
}

/** The link to the broker: connects, subscribes, and does both again for as long as it runs. */
export interface Upstream extends UpstreamLink {
  /** Begins to connect; once only. */
  start(): void
  /** Ends the link for good, in the stop timeout at most; a second call waits for the same end. */
  stop(): Promise<void>
  /** Connects now if it is waiting for its next try; otherwise does nothing. */
  tryNow(): void
  /** The process stood still for so long: nothing that hangs in the link may arrive any more (R4). Connects again. */
  stoodStill(stoodMs: number): void
  /** Subscribes once more, so that the broker says again what it has stored; calls back when it granted that. */
  subscribeAgain(granted: () => void): void
  status(): LinkStatus
  /** Calls at each change of kind, attempt or fault, not for each round trip. */
  onStatus(listener: (status: LinkStatus) => void): void
  /** Tells each publication that the broker sends, in its order (R2), to its listeners in theirs. */
  onPublication(listener: PublicationListener): void
  counters(): UpstreamCounters
}

/** Failures in a row after which the delays of a link that comes up and breaks again stop growing. */
const flappingFailures = 4

/** How a broker ends a connection that it doesn't want beside another one. */
const cuts: ReadonlySet<LinkFaultCode> = new Set([
  'takenOver',
  'closedByBroker',
  'reset',
  'serverBusy',
  'connectionLimit',
])

/** Throws when `ca` isn't PEM; everything else that can go wrong shows in the status. */
export function createUpstream(options: UpstreamOptions): Upstream {
  return new BrokerLink(options)
}

class BrokerLink implements Upstream {
  readonly #options: UpstreamOptions
  readonly #timings: UpstreamTimings
  readonly #trust: Trust
  readonly #safe: (text: string) => string
  readonly #statusListeners: ((status: LinkStatus) => void)[] = []
  readonly #publicationListeners: PublicationListener[] = []
  readonly #reconnects: Partial<Record<LinkFaultCode, number>> = {}
  readonly #retained: RetainedFilter
  #status: LinkStatus
  #connection: ConnectionPair | undefined
  #cancelRetry: CancelTimer = () => undefined
  #failures = 0
  /** Refused logins since the broker last let us in. */
  #refusals = 0
  #lastFault: LinkFault | undefined
  /** Links in a row that were cut as soon as they had two connections. */
  #briefPairs = 0
  #version: { readonly number: 4 | 5; readonly proven: boolean } = { number: 5, proven: false }
  /** Whether a link stood since the start. */
  #worked = false
  #stopped: Promise<void> | undefined
  #losses = 0
  #downSince: number | undefined
  #started = false
  #received = 0
  #published = 0
  #ignoredInvalid = 0

  constructor(options: UpstreamOptions) {
    const { address, username, password } = options
    this.#options = options
    this.#timings = { ...defaultUpstreamTimings, ...options.timings }
    this.#trust = trust(options.ca)
    this.#safe = createScrubber({
      host: address.host,
      ...defined({ username, password }),
    })
    this.#retained = new RetainedFilter(options.log)
    this.#status = { kind: 'starting', since: options.clock.now() }
  }

  get ready(): boolean {
    return this.#connection?.ready ?? false
  }

  get room(): boolean {
    return this.#connection?.sender.room ?? false
  }

  start(): void {
    if (this.#started) throw new Error('an upstream starts once')
    this.#started = true
    this.#connect()
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#started = true
      this.#cancelRetry()
      this.#change({ kind: 'stopped', since: this.#now() })
      this.#options.log.info({}, 'broker link stopped')
      if (this.#connection === undefined) resolve()
      else this.#connection.stop(resolve)
    })
    return this.#stopped
  }

  tryNow(): void {
    if (this.#status.kind !== 'waiting') return
    this.#cancelRetry()
    this.#connect()
  }

  stoodStill(silentMs: number): void {
    this.#connection?.cut({ kind: 'silent', silentMs })
  }

  subscribeAgain(granted: () => void): void {
    this.#connection?.subscribeAgain(granted)
  }

  status(): LinkStatus {
    const roundTripMs = this.#connection?.sender.roundTripMs
    if (this.#status.kind !== 'connected' || roundTripMs === undefined) return this.#status
    return { ...this.#status, roundTripMs }
  }

  onStatus(listener: (status: LinkStatus) => void): void {
    this.#statusListeners.push(listener)
  }

  onPublication(listener: PublicationListener): void {
    this.#publicationListeners.push(listener)
  }

  counters(): UpstreamCounters {
    return {
      received: this.#received,
      published: this.#published,
      ignoredRetained: this.#retained.ignored,
      ignoredInvalid: this.#ignoredInvalid,
      losses: this.#losses,
      reconnects: { ...this.#reconnects },
    }
  }

  publish(publication: Publication, settled: (outcome: PublishOutcome) => void): void {
    const connection = this.#connection
    if (connection?.ready !== true) {
      this.#options.clock.endOfTurn(() => settled({ kind: 'offline' }))
      return
    }
    const retain = publication.retain && mayRetain(publication.topic)
    if (connection.sender.publish({ ...publication, retain }, settled) === 'sent') this.#published += 1
  }

  #connect(): void {
    const { address, log } = this.#options
    const attempt = this.#failures + 1
    const facts = { host: address.host, port: address.port, transport: address.transport }
    log.info({ ...facts, attempt, protocolVersion: this.#version.number }, 'connecting to the broker')
    const lastFault = this.#lastFault === undefined ? {} : { lastFault: this.#lastFault }
    this.#change({ kind: 'connecting', since: this.#now(), attempt, ...lastFault, ...this.#outage() })
    this.#open()
  }

  /** One link with the MQTT version that is up; a change of version makes a second one in the same try. */
  #open(): void {
    if (this.#stopped !== undefined) return
    const { address, clientId, username, password, clock, will, exactTopic } = this.#options
    const protocolVersion = this.#version.number
    this.#retained.nextConnection()
    this.#connection = new ConnectionPair({
      address,
      clientId,
      clock,
      protocolVersion,
      timings: this.#timings,
      trust: this.#trust,
      alone: this.#alone,
      ...this.#timeouts(),
      ...defined({ username, password, will, exactTopic }),
      accepted: () => (this.#version = { number: protocolVersion, proven: true }),
      ready: (grantedQos, refusal) => this.#connected(protocolVersion, grantedQos, refusal),
      received: (topic, payload, qos, retain) => this.#receive(topic, payload, qos, retain),
      down: (evidence) => this.#down(evidence),
    })
  }

  /** Short steps after a link that worked, so that a try into a black hole doesn't hold up the next one. */
  #timeouts(): Pick<PairOptions, 'timeoutMs' | 'stepTimeoutMs'> {
    const { connectTimeoutMs: timeoutMs, stepTimeoutMs, patientTryEvery } = this.#timings
    const patient = !this.#worked || (this.#failures + 1) % patientTryEvery === 0
    return patient ? { timeoutMs } : { timeoutMs, stepTimeoutMs }
  }

  /** Whether this broker has cut two links in a row that had two connections: then one is better than none. */
  get #alone(): boolean {
    return this.#briefPairs >= this.#timings.briefPairs
  }

  #connected(protocolVersion: 4 | 5, grantedQos: number, refusal: LinkEvidence | undefined): void {
    const alone =
      refusal === undefined ? (this.#alone ? this.#lastFault : undefined) : this.#faultOf(refusal, false)
    this.#worked = true
    this.#refusals = 0
    // It came up, so a long outage is over: what is left of the count only keeps a flapping link from hammering.
    this.#failures = Math.min(this.#failures, flappingFailures)
    const { log } = this.#options
    log.info({ protocolVersion, grantedQos }, 'connected to the broker')
    if (alone !== undefined) log.warn({ fault: alone, ...adviceFor('oneConnection') }, 'only one connection')
    this.#change({
      kind: 'connected',
      since: this.#now(),
      protocolVersion,
      ...defined({ alone }),
    })
  }

  #receive(text: string, payload: Uint8Array, qos: QoS, retain: boolean): void {
    const topic = parseTopic(text)
    if (!topic.ok) {
      this.#ignoredInvalid += 1
      return
    }
    if (retain && !this.#retained.passes(topic.value)) return
    this.#received += 1
    const publication = { topic: topic.value, payload, qos, retain }
    for (const listener of this.#publicationListeners) listener.receive(publication)
  }

  #down(evidence: LinkEvidence): void {
    const paired = this.#connection?.paired === true
    this.#connection = undefined
    if (this.#changesVersion(evidence)) {
      this.#options.log.info({ protocolVersion: this.#version.number }, 'trying the older MQTT version')
      this.#open()
      return
    }
    const now = this.#now()
    const fault = this.#faultOf(evidence)
    const livedMs = this.#status.kind === 'connected' ? now - this.#status.since : 0
    if (this.#status.kind === 'connected') {
      this.#losses += 1
      this.#downSince = now
    }
    const stable = livedMs >= this.#timings.stableAfterMs
    if (stable) this.#briefPairs = 0
    else if (paired && cuts.has(fault.code) && livedMs < this.#timings.briefPairMs) this.#briefPairs += 1
    this.#failures = stable ? 1 : this.#failures + 1
    this.#lastFault = fault
    this.#reconnects[fault.code] = (this.#reconnects[fault.code] ?? 0) + 1
    const refused = isRefusedLogin(fault.code)
    if (refused) this.#refusals += 1
    const count = refused ? this.#refusals : this.#failures
    const delayMs = retryDelayMs(fault.code, count, this.#options.random, this.#timings)
    this.#options.log.warn(
      { fault, ...adviceFor(fault.code), failures: this.#failures, nextTryMs: Math.round(delayMs) },
      'broker link down',
    )
    this.#cancelRetry = this.#options.clock.setTimer(delayMs, () => this.#connect())
    const waiting = {
      kind: 'waiting',
      since: now,
      attempt: this.#failures,
      nextTryAt: now + delayMs,
    } as const
    this.#change({ ...waiting, fault, ...this.#outage() })
  }

  #outage(): { readonly downSince?: number } {
    return this.#downSince === undefined ? {} : { downSince: this.#downSince }
  }

  /** `anonymous`: nobody is named in the settings; a second connection is not refused for that. */
  #faultOf(evidence: LinkEvidence, anonymous = this.#options.username === undefined): LinkFault {
    const { address } = this.#options
    const rough = linkFault(evidence, this.#safe)
    const context = {
      address,
      protocolVersion: this.#version.number,
      workedBefore: this.#worked,
      anonymous,
      beforeMqtt: evidence.kind === 'error' && evidence.stage === 'transport',
    }
    return { ...rough, code: refineFault(rough, context) }
  }

  /** Goes from MQTT 5 to 3.1.1 at most once in a try; a try that fails in both begins with 5 again. */
  #changesVersion(evidence: LinkEvidence): boolean {
    const { number, proven } = this.#version
    if (number === 5 && (refusesVersion(evidence) || (!proven && hungUpOnConnect(evidence)))) {
      this.#version = { number: 4, proven: false }
      return true
    }
    if (number === 4 && (refusesVersion(evidence) || (!proven && hungUpOnConnect(evidence)))) {
      this.#version = { number: 5, proven: false }
    }
    return false
  }

  #change(status: LinkStatus): void {
    this.#status = status
    for (const listener of this.#statusListeners) listener(status)
  }

  #now(): number {
    return this.#options.clock.now()
  }
}
