import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { defaultFaults, type Faults } from './faults.ts'
import { FieldOfPlay, type FieldOfPlayOptions } from './field-of-play.ts'
import { configRequestTopic, readDeviceMessage } from './owlcms-input.ts'
import { PlatformClient } from './platform-client.ts'
import type { OpenWire } from './wire.ts'

export interface SimulatedPlatformOptions {
  readonly openWire: OpenWire
  /** The second part of the client id, shared by all platforms of one owlcms. */
  readonly startupId: string
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly log: Logger
  readonly fieldOfPlay: Omit<FieldOfPlayOptions, 'publish' | 'clock' | 'faults'>
  /** What is answered on `owlcms/config`, by every client that hears the question (docs/owlcms.md 1.8). */
  readonly config: () => { readonly topic: string; readonly payload: string }
  /** Called once, a second after the first subscribing: the next platform may start. */
  readonly onStarted: () => void
}

/** One platform of the simulated owlcms: a field of play with an MQTT client of its own, at times two. */
export class SimulatedPlatform {
  readonly fieldOfPlay: FieldOfPlay
  readonly faults: Faults = { ...defaultFaults }
  readonly #options: SimulatedPlatformOptions
  readonly #clients: PlatformClient[] = []

  constructor(options: SimulatedPlatformOptions) {
    this.#options = options
    this.fieldOfPlay = new FieldOfPlay({
      ...options.fieldOfPlay,
      clock: options.clock,
      faults: this.faults,
      publish: (topic, payload) => this.publish(topic, payload),
    })
  }

  /** Connects, and stays at it. Call once. */
  start(): void {
    this.#addClient(() => this.#options.onStarted())
  }

  /**
   * A second client for the same platform, as after a database re-import: each device message is then
   * processed twice, and each config request answered twice (docs/owlcms.md 1.3). It tests the lamps, too.
   */
  addTwin(): void {
    this.#addClient(() => undefined)
  }

  /** QoS 1, not retained; lost without a word while the connection is away. */
  publish(topic: string, payload: string): void {
    this.#clients[0]?.publish(topic, payload)
  }

  /** The network fails for this platform alone, until {@link reconnect}. */
  disconnect(): void {
    for (const client of this.#clients) client.cut()
  }

  /** The network is back: connects at once, and is deaf for a second. */
  reconnect(): void {
    for (const client of this.#clients) client.restore()
  }

  async stop(): Promise<void> {
    this.fieldOfPlay.stop()
    await Promise.all(this.#clients.map((client) => client.close()))
  }

  #addClient(onStarted: () => void): void {
    const isFirst = this.#clients.length === 0
    const client: PlatformClient = new PlatformClient({
      ...this.#options,
      platform: this.fieldOfPlay.platform,
      clientId: this.#clientId(this.#clients.length),
      faults: this.faults,
      onStarted,
      onMessage: (topic, payload) => this.#receive(client, topic, payload),
      onLost: () => {
        if (isFirst) this.#lost()
      },
      onOutcome: (topic, bytes, outcome) =>
        this.#options.log.debug({ topic, bytes, outcome }, 'simulated owlcms published'),
    })
    this.#clients.push(client)
  }

  /** docs/owlcms.md 1.7. A twin's id differs, so that the two do not take each other's place. */
  #clientId(index: number): string {
    const { abilities, platform } = this.fieldOfPlay
    const { clock, startupId } = this.#options
    const twin = index === 0 ? '' : `_${index + 1}`
    return abilities.namesItselfOwlcms
      ? `${platform}_owlcms_${startupId}${twin}`
      : `${platform}_${Math.floor(clock.now())}${twin}`
  }

  #receive(client: PlatformClient, topic: string, payload: Uint8Array): void {
    if (topic === configRequestTopic) {
      const config = this.#options.config()
      client.publish(config.topic, config.payload)
      return
    }
    const { platform, abilities } = this.fieldOfPlay
    const input = readDeviceMessage(topic, payload, platform, abilities)
    const outcome = input === undefined ? 'ignored' : this.fieldOfPlay.handle(input)
    this.#options.log.debug({ topic, bytes: payload.byteLength, outcome }, 'simulated owlcms received')
  }

  #lost(): void {
    this.fieldOfPlay.connectionLost()
    this.#options.log.info({ platform: this.fieldOfPlay.platform }, 'simulated owlcms lost the broker')
  }
}
