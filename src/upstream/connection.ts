import type { IConnackPacket, MqttClient } from 'mqtt'
import type { LookupFunction, Socket } from 'node:net'
import type { PublishOutcome } from '../hub/upstream-link.ts'
import type { Publication } from '../protocol/publication.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { errorCode } from '../support/errors.ts'
import type { LinkEvidence, LinkStage } from './faults.ts'
import { brokerLimits, packetBytes, type BrokerLimits } from './broker-limits.ts'
import { createClient, loadMqttLibrary, type ClientOptions, type MqttLibrary } from './mqtt-client.ts'
import { Pending } from './pending.ts'
import { Probe } from './probe.ts'
import { openTransport, type Transport, type Trust } from './transport.ts'

/** One filter covers owlcms and the other bridges; the broker sends each publication once. */
const coveringFilter = 'owlcms/#'

/** MQTT 5 reason codes that we give to publications we don't even send. */
const receiveMaximumExceeded = 0x93
const packetTooLarge = 0x95
const quotaExceeded = 0x97
const notAuthorised = 0x87

export interface ConnectionOptions extends ClientOptions {
  readonly trust: Trust
  readonly clock: Clock
  /** How long it may take until it is ready, in milliseconds, without what the caller waits after `accepted`. */
  readonly timeoutMs: number
  /** How long each step of it may take; no limit of its own unless given. */
  readonly stepTimeoutMs?: number
  /** Looks names up; Node's own unless given. */
  readonly lookup?: LookupFunction
  /**
   * The broker answered CONNECT with a yes, so this version is the one it speaks. The caller goes on with
   * {@link Connection.subscribe} or {@link Connection.begin}, at once or later.
   */
  readonly accepted: (connack: IConnackPacket) => void
  /** One of our own topics, asked for by itself too, where a broker gives what it has stored only to who does that. */
  readonly exactTopic?: string
  /** From now on publications may leave; the subscription, if it was asked for, is granted at this QoS. */
  readonly ready: (grantedQos: number) => void
  readonly received: (topic: string, payload: Uint8Array, qos: 0 | 1 | 2, retain: boolean) => void
  /** The end, called exactly once unless `stop` was called before. */
  readonly down: (evidence: LinkEvidence) => void
}

/**
 * One try to reach the broker, with an MQTT.js client of its own that is never used twice: what a
 * client has stored dies with it, and nothing of one connection can be sent on the next (R1).
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #transport: Transport
  readonly #pending: Pending
  #stage: LinkStage = 'transport'
  /** Milliseconds left until it must be ready. */
  #leftMs: number
  readonly #startedAt: number
  #client: MqttClient | undefined
  #socket: Socket | undefined
  #limits: BrokerLimits = brokerLimits(undefined)
  #probe: Probe | undefined
  #cancelTimeout: CancelTimer
  #cancelStep: CancelTimer = () => undefined
  #publishRefusedAt: number | undefined
  #ended = false
  #stopping: { readonly finished: () => void } | undefined

  /** Starts to connect at once. */
  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#pending = new Pending(options.clock)
    this.#leftMs = options.timeoutMs
    this.#startedAt = options.clock.now()
    this.#cancelTimeout = this.#limit(this.#leftMs)
    this.#stepDone()
    const library = loadMqttLibrary()
    const handlers = {
      progress: () => this.#stepDone(),
      open: (socket: Socket) => void library.then((mqtt) => this.#speakMqtt(mqtt, socket)),
      failed: (error: unknown) => this.#end({ kind: 'error', stage: this.#stage, error }),
    }
    this.#transport = openTransport(options.address, options.trust, handlers, options.lookup)
  }

  #limit(waitedMs: number): CancelTimer {
    return this.#options.clock.setTimer(waitedMs, () =>
      this.#end({ kind: 'timeout', stage: this.#stage, waitedMs }),
    )
  }

  /** One step of connecting is done; the next one gets its time. */
  #stepDone(): void {
    this.#cancelStep()
    const { stepTimeoutMs } = this.#options
    if (stepTimeoutMs !== undefined && !this.#ended) this.#cancelStep = this.#limit(stepTimeoutMs)
  }

  get ready(): boolean {
    return this.#stage === 'ready' && !this.#ended && this.#stopping === undefined
  }

  /** Whether one more publication above QoS 0 fits into the broker's Receive Maximum. */
  get room(): boolean {
    return this.#pending.unacked < this.#limits.receiveMaximum
  }

  get roundTripMs(): number | undefined {
    return this.#probe?.roundTripMs
  }

  /** Asks for everything of owlcms, and is ready once that is granted. Once, and only after `accepted`. */
  subscribe(): void {
    if (this.#client === undefined || this.#ended || this.#stopping !== undefined) return
    this.#cancelTimeout = this.#limit(this.#leftMs)
    this.#stepDone()
    this.#askForAll((error, granted) => {
      if (granted !== undefined && granted >= 0x80) this.#end({ kind: 'suback', reasonCode: granted })
      else if (granted === undefined && error !== null)
        this.#end({ kind: 'error', stage: this.#stage, error })
      else this.#begin(granted ?? 0)
    })
  }

  /** Asks for the same again while `ready`, and the broker for what it has stored [MQTT-3.8.4-3]. */
  subscribeAgain(granted: () => void): void {
    if (!this.ready) return
    this.#askForAll((error) => {
      if (error === null && this.ready) granted()
    })
  }

  #askForAll(answered: (error: Error | null, granted: number | undefined) => void): void {
    const options =
      this.#options.protocolVersion === 5
        ? ({ qos: 1, nl: false, rap: false, rh: 0 } as const)
        : ({ qos: 1 } as const)
    const { exactTopic } = this.#options
    const filters = exactTopic === undefined ? [coveringFilter] : [coveringFilter, exactTopic]
    this.#client?.subscribe(filters, options, (error, _subscriptions, suback) => {
      const granted = suback?.granted[0]
      answered(error, typeof granted === 'number' ? granted : undefined)
    })
  }

  /** Listens to nothing, and is ready at once. Once, and only after `accepted`. */
  begin(): void {
    this.#begin(0)
  }

  /** Sends now, or says why not; only while `ready`. Outcomes as {@link PublishOutcome} promises. */
  publish(publication: Publication, settled: (outcome: PublishOutcome) => void): 'sent' | 'refused' {
    const client = this.#client
    if (!this.ready || client === undefined) throw new Error('publish on a connection that is not ready')
    const qos = Math.min(publication.qos, this.#limits.maximumQos) as 0 | 1 | 2
    const refusal = this.#refusal(publication, qos)
    if (refusal !== undefined) {
      this.#options.clock.endOfTurn(() => settled({ kind: 'refused', reasonCode: refusal }))
      return 'refused'
    }
    const retain = publication.retain && this.#limits.retainAvailable
    const { topic, payload } = publication
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    const sentAt = this.#options.clock.now()
    const done = this.#pending.add(qos, settled)
    client.publish(topic, bytes, { qos, retain }, (error?: Error | null) => {
      if (this.#ended) return
      if (qos > 0) this.#probe?.measured(sentAt)
      const reasonCode = reasonOf(error)
      if (reasonCode === notAuthorised) this.#publishRefusedAt = this.#options.clock.now()
      done(outcomeOf(error, reasonCode), qos === 0)
    })
    return 'sent'
  }

  /**
   * Ends the connection with a DISCONNECT once what is under way is acknowledged, or with a reset
   * when that takes longer than the stop timeout. Then calls back, and never calls `down`.
   */
  stop(finished: () => void): void {
    this.#cancelTimeout()
    this.#cancelStep()
    this.#stopping = { finished }
    if (this.#ended || this.#client === undefined || this.#stage !== 'ready') {
      this.#end({ kind: 'closed', stage: this.#stage, publishRefused: false })
      return
    }
    this.#cancelTimeout = this.#options.clock.setTimer(this.#options.timings.stopTimeoutMs, () =>
      this.#end({ kind: 'closed', stage: this.#stage, publishRefused: false }),
    )
    this.#client.end(false)
  }

  /** Cuts the connection with a reset. Settles what is under way as lost, and never calls `down`. */
  abort(): void {
    this.#stopping = { finished: () => undefined }
    this.#end({ kind: 'closed', stage: this.#stage, publishRefused: false })
  }

  #refusal(publication: Publication, qos: 0 | 1 | 2): number | undefined {
    const { protocolVersion, timings } = this.#options
    if (packetBytes(publication, qos, protocolVersion) > this.#limits.maximumPacketBytes)
      return packetTooLarge
    if (qos > 0 && !this.room) return receiveMaximumExceeded
    // A socket that doesn't drain is a queue that would be delivered late.
    if ((this.#socket?.writableLength ?? 0) > timings.maxBufferedBytes) return quotaExceeded
    return undefined
  }

  #speakMqtt(library: MqttLibrary, socket: Socket): void {
    if (this.#ended) return
    // It may have closed while the library was loading, and tells nobody any more.
    if (socket.destroyed) {
      this.#closed()
      return
    }
    this.#socket = socket
    this.#stepDone()
    const client = createClient(library, socket, this.#options, () => (this.#stage = 'connack'))
    this.#client = client
    const failed = (error: unknown): void => this.#failed(error)
    client.on('error', failed)
    // MQTT.js keeps errors without a code to itself, such as a refused WebSocket upgrade.
    client.stream.on('error', failed)
    client.on('close', () => this.#closed())
    client.on('disconnect', ({ reasonCode }) => this.#disconnected(reasonCode ?? 0))
    client.on('packetreceive', (packet) => {
      this.#probe?.heard()
      if (packet.cmd === 'pingresp') this.#probe?.pingAnswered()
    })
    client.on('message', (topic, payload, packet) => {
      if (!this.#ended) this.#options.received(topic, payload, packet.qos, packet.retain)
    })
    client.on('connect', (connack) => this.#accepted(connack))
  }

  #failed(error: unknown): void {
    const reasonCode = errorCode(error)
    const refused = this.#stage === 'connack' && typeof reasonCode === 'number'
    this.#end(refused ? { kind: 'connack', reasonCode } : { kind: 'error', stage: this.#stage, error })
  }

  #accepted(connack: IConnackPacket): void {
    if (this.#ended) return
    this.#stage = 'subscribing'
    this.#cancelTimeout()
    this.#cancelStep()
    this.#leftMs -= this.#options.clock.now() - this.#startedAt
    this.#limits = brokerLimits(connack.properties)
    this.#options.accepted(connack)
  }

  #begin(qos: number): void {
    const client = this.#client
    if (client === undefined || this.#ended || this.#stopping !== undefined) return
    this.#cancelTimeout()
    this.#cancelStep()
    this.#stage = 'ready'
    this.#probe = new Probe({
      clock: this.#options.clock,
      timings: this.#options.timings,
      ping: () => client.sendPing(),
      oldestUnackedAt: () => this.#pending.oldestUnackedAt,
      dead: (evidence) => this.#end(evidence),
    })
    this.#options.ready(qos)
  }

  #disconnected(reasonCode: number): void {
    this.#end({
      kind: 'disconnect',
      reasonCode,
      publishRefused: this.#cutByRefusal() || this.#pending.unacked > 0,
    })
  }

  #closed(): void {
    this.#end({ kind: 'closed', stage: this.#stage, publishRefused: this.#cutByRefusal() })
  }

  #cutByRefusal(): boolean {
    const { clock, timings } = this.#options
    return (
      this.#publishRefusedAt !== undefined &&
      clock.now() - this.#publishRefusedAt < timings.refusedPublishCutMs
    )
  }

  #end(evidence: LinkEvidence): void {
    // Taken at once: what is ended below may close, and come back here, before it returns.
    const stopping = this.#stopping
    this.#stopping = undefined
    if (!this.#ended) {
      this.#ended = true
      this.#cancelTimeout()
      this.#cancelStep()
      this.#probe?.stop()
      this.#transport.abort()
      this.#client?.end(true)
      this.#pending.lose()
      if (stopping === undefined) this.#options.down(evidence)
    }
    stopping?.finished()
  }
}

function outcomeOf(error: Error | null | undefined, reasonCode: number | undefined): PublishOutcome {
  if (error === undefined || error === null) return { kind: 'delivered' }
  return reasonCode === undefined ? { kind: 'lost' } : { kind: 'refused', reasonCode }
}

function reasonOf(error: Error | null | undefined): number | undefined {
  const code = errorCode(error)
  return typeof code === 'number' ? code : undefined
}
