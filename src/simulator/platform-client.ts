import type { CancelTimer, Clock } from '../support/clock.ts'
import { Outlet, type OutletOptions } from './outlet.ts'
import { subscribedTopics } from './owlcms-input.ts'
import { Voice } from './voice.ts'
import type { OpenWire, Wire } from './wire.ts'

/** Length of the lamp test, and the pause after subscribing, in milliseconds; docs/owlcms.md 1.5. */
const lampMs = 1000
const pauseMs = 1000

export interface PlatformClientOptions extends Omit<OutletOptions, 'send'> {
  readonly platform: string
  readonly clientId: string
  readonly clock: Clock
  readonly openWire: OpenWire
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  readonly onLost: () => void
  /** Called once, a second after the first subscribing. */
  readonly onStarted: () => void
}

/** One MQTT client of owlcms: connects, tests the lamps while it is deaf, then listens; docs/owlcms.md 1.5, 4.8. */
export class PlatformClient {
  readonly #options: PlatformClientOptions
  readonly #wire: Wire
  readonly #outlet: Outlet
  readonly #voice: Voice
  #cancelStep: CancelTimer | undefined
  #started = false

  /** Connects, and stays at it. */
  constructor(options: PlatformClientOptions) {
    const { clientId, onMessage, openWire, platform } = options
    this.#options = options
    this.#outlet = new Outlet({
      ...options,
      send: (topic, payload, acknowledged) => this.#wire.publish(topic, payload, 1, acknowledged),
    })
    this.#voice = new Voice(platform, (topic, payload) => this.publish(topic, payload))
    this.#wire = openWire({
      clientId,
      onMessage,
      onConnected: () => this.#testLamps(),
      onLost: () => this.#lost(),
    })
  }

  /** QoS 1, not retained; lost without a word while the connection is away. */
  publish(topic: string, payload: string): void {
    this.#outlet.publish(topic, payload)
  }

  /** See {@link Wire.cut}. */
  cut(): void {
    this.#wire.cut()
  }

  /** See {@link Wire.restore}. */
  restore(): void {
    this.#wire.restore()
  }

  async close(): Promise<void> {
    this.#cancelStep?.()
    this.#outlet.stop()
    await this.#wire.close()
  }

  /** Deaf until the lamps are off again. */
  #testLamps(): void {
    const { clock, platform } = this.#options
    this.#voice.startup('on')
    this.#cancelStep = clock.setTimer(lampMs, () => {
      this.#voice.startup('off')
      this.#wire.subscribe(subscribedTopics(platform))
      this.#cancelStep = clock.setTimer(pauseMs, () => this.#reportStart())
    })
  }

  #reportStart(): void {
    if (this.#started) return
    this.#started = true
    this.#options.onStarted()
  }

  #lost(): void {
    this.#cancelStep?.()
    this.#outlet.connectionLost()
    this.#options.onLost()
  }
}
