import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { BrokerLink, type BrokerAccess } from './broker-link.ts'
import { FieldOfPlay, type FieldOfPlayOptions } from './field-of-play.ts'
import { configRequestTopic, readDeviceMessage, subscribedTopics } from './owlcms-input.ts'
import { Voice } from './voice.ts'

/** Length of the lamp test, and the pause after subscribing; protocol.md 1.5. */
const lampMs = 1000
const pauseMs = 1000

export interface SimulatedPlatformOptions extends BrokerAccess {
  /** The second part of the client id, shared by all platforms of one owlcms. */
  readonly startupId: string
  readonly clock: Clock
  readonly log: Logger
  readonly fieldOfPlay: Omit<FieldOfPlayOptions, 'publish' | 'clock'>
  /** Somebody asks on `owlcms/config`; every connection is asked (protocol.md 1.8). */
  readonly onConfigRequest: () => void
  /** Called once, a second after the first subscribing: the next platform may start. */
  readonly onStarted: () => void
}

/** One platform of the simulated owlcms: a field of play with an MQTT connection of its own. */
export class SimulatedPlatform {
  readonly fieldOfPlay: FieldOfPlay
  readonly #options: SimulatedPlatformOptions
  #link: BrokerLink | undefined
  readonly #voice: Voice
  #cancelStep: CancelTimer | undefined
  #started = false

  constructor(options: SimulatedPlatformOptions) {
    this.#options = options
    const publish = (topic: string, payload: string) => this.publish(topic, payload)
    this.fieldOfPlay = new FieldOfPlay({ ...options.fieldOfPlay, clock: options.clock, publish })
    this.#voice = new Voice(this.fieldOfPlay.platform, publish)
  }

  /** Connects, and stays at it. Call once. */
  start(): void {
    this.#link = new BrokerLink({
      ...this.#options,
      clientId: `${this.fieldOfPlay.platform}_owlcms_${this.#options.startupId}`,
      onConnected: () => this.#testLamps(),
      onMessage: (topic, payload) => this.#receive(topic, payload),
      onLost: () => this.#lost(),
    })
  }

  /** QoS 1, not retained; lost without a word while the connection is away. */
  publish(topic: string, payload: string): void {
    const outcome = this.#link?.publish(topic, payload, 1) ?? 'lost'
    this.#options.log.debug({ topic, bytes: payload.length, outcome }, 'simulated owlcms published')
  }

  async stop(): Promise<void> {
    this.#cancelStep?.()
    this.fieldOfPlay.stop()
    await this.#link?.close()
  }

  /** Deaf until the lamps are off again; protocol.md 4.8. */
  #testLamps(): void {
    const { clock } = this.#options
    this.#voice.startup('on')
    this.#cancelStep = clock.setTimer(lampMs, () => {
      this.#voice.startup('off')
      this.#link?.subscribe(subscribedTopics(this.fieldOfPlay.platform))
      this.#cancelStep = clock.setTimer(pauseMs, () => this.#reportStart())
    })
  }

  #reportStart(): void {
    if (this.#started) return
    this.#started = true
    this.#options.onStarted()
  }

  #receive(topic: string, payload: Uint8Array): void {
    if (topic === configRequestTopic) {
      this.#options.onConfigRequest()
      return
    }
    const { platform, abilities } = this.fieldOfPlay
    const input = readDeviceMessage(topic, payload, platform, abilities)
    const outcome = input === undefined ? 'ignored' : this.fieldOfPlay.handle(input)
    this.#options.log.debug({ topic, bytes: payload.byteLength, outcome }, 'simulated owlcms received')
  }

  #lost(): void {
    this.#cancelStep?.()
    this.fieldOfPlay.connectionLost()
    this.#options.log.info({ platform: this.fieldOfPlay.platform }, 'simulated owlcms lost the broker')
  }
}
