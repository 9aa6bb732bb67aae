import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import type { BrokerAddress } from '../protocol/link/broker-address.ts'
import { defined } from '../protocol/defined.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { errorCode } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import { reconnectMs, type Wire, type WireEvents } from './wire.ts'

/** How to reach and enter the broker. */
export interface BrokerAccess {
  readonly address: BrokerAddress
  readonly username?: string
  readonly password?: string
  /** PEM text of an authority to trust instead of the built-in ones. */
  readonly ca?: string
}

export interface BrokerLinkOptions extends BrokerAccess, WireEvents {
  readonly clock: Clock
  readonly log: Logger
}

/**
 * One real MQTT 3.1.1 connection that behaves like owlcms's own, with keep alive 60 s and no will
 * (docs/owlcms.md 1.2, 1.5).
 */
export class BrokerLink implements Wire {
  readonly #options: BrokerLinkOptions
  #client: MqttClient | undefined
  #cancelRetry: CancelTimer | undefined
  #cutOff = false
  #closed = false

  constructor(options: BrokerLinkOptions) {
    this.#options = options
    this.#connect()
  }

  /** Publishes now or never, not retained. `lost` is what owlcms doesn't even notice. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    qos: 0 | 1,
    acknowledged?: () => void,
  ): 'sent' | 'lost' {
    const client = this.#client
    if (client?.connected !== true) return 'lost'
    const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
    client.publish(topic, bytes, { qos, retain: false }, (error) => {
      if (!(error instanceof Error) && client === this.#client) acknowledged?.()
    })
    return 'sent'
  }

  /** Whether something published now would be sent. */
  get connected(): boolean {
    return this.#client?.connected === true
  }

  /** Subscribes exact topics at QoS 0, without waiting for the answer. */
  subscribe(topics: readonly string[]): void {
    if (this.#client?.connected === true) this.#client.subscribe([...topics], { qos: 0 })
  }

  /** See {@link Wire.cut}. */
  cut(): void {
    this.#cutOff = true
    this.#cancelRetry?.()
    const client = this.#client
    if (client === undefined) return
    const wasConnected = client.connected
    // From here on nothing of this connection counts, whatever still arrives.
    this.#client = undefined
    client.stream.destroy()
    client.end(true)
    if (wasConnected) this.#options.onLost()
  }

  /** See {@link Wire.restore}. */
  restore(): void {
    if (!this.#cutOff || this.#closed) return
    this.#cutOff = false
    if (this.#client === undefined) this.#connect()
  }

  /** Ends the connection for good; done when the socket is closed. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelRetry?.()
    await this.#client?.endAsync(true)
  }

  #connect(): void {
    const { clientId, log, onConnected, onLost, onMessage } = this.#options
    const client = connect(brokerUrl(this.#options.address), this.#mqttOptions(clientId))
    this.#client = client
    let connected = false
    client.on('connect', () => {
      connected = true
      if (!this.#closed && client === this.#client) onConnected()
    })
    client.on('message', (topic, payload) => {
      if (!this.#closed && client === this.#client) onMessage(topic, payload)
    })
    // Only the code: the text of a network error may hold addresses.
    client.on('error', (error) => log.debug({ code: errorCode(error) }, 'simulated connection failed'))
    client.once('close', () => {
      if (this.#closed || client !== this.#client) return
      this.#client = undefined
      client.end(true)
      if (connected) onLost()
      this.#cancelRetry = this.#options.clock.setTimer(reconnectMs, () => this.#connect())
    })
  }

  #mqttOptions(clientId: string): IClientOptions {
    const { username, password, ca } = this.#options
    return {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      connectTimeout: 30_000,
      reconnectPeriod: 0,
      queueQoSZero: false,
      ...defined({ username, password, ca }),
    }
  }
}

function brokerUrl({ transport, host, port, path }: BrokerAddress): string {
  const scheme = { tls: 'mqtts', tcp: 'mqtt', wss: 'wss', ws: 'ws' }[transport]
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `${scheme}://${bracketed}:${port}${path ?? ''}`
}
