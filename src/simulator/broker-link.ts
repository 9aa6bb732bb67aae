import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import type { BrokerAddress } from '../protocol/broker-address.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { errorCode } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'

/** protocol.md 1.5. */
const reconnectMs = 1000
/** Unacknowledged publications that owlcms's library allows; one more is lost silently (protocol.md 1.2). */
const maxInFlight = 10

/** How to reach and enter the broker. */
export interface BrokerAccess {
  readonly address: BrokerAddress
  readonly username?: string
  readonly password?: string
  /** PEM text of an authority to trust instead of the built-in ones. */
  readonly ca?: string
}

export interface BrokerLinkOptions extends BrokerAccess {
  readonly clientId: string
  readonly clock: Clock
  readonly log: Logger
  /** Called after each CONNACK. */
  readonly onConnected: () => void
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  /** Called once for each connection that had been made and is gone. */
  readonly onLost: () => void
}

/**
 * One MQTT 3.1.1 connection that behaves like owlcms's own: clean session, keep alive 60 s, no will,
 * a new try every second for ever, nothing stored while it is away (protocol.md 1.2, 1.5).
 */
export class BrokerLink {
  readonly #options: BrokerLinkOptions
  #client: MqttClient | undefined
  #cancelRetry: CancelTimer | undefined
  #inFlight = 0
  #closed = false

  constructor(options: BrokerLinkOptions) {
    this.#options = options
    this.#connect()
  }

  /** Publishes now or never, not retained. `lost` is what owlcms doesn't even notice. */
  publish(topic: string, payload: string, qos: 0 | 1): 'sent' | 'lost' {
    const client = this.#client
    if (client?.connected !== true || this.#inFlight >= maxInFlight) return 'lost'
    if (qos === 1) this.#inFlight += 1
    client.publish(topic, payload, { qos, retain: false }, () => {
      if (qos === 1 && client === this.#client) this.#inFlight -= 1
    })
    return 'sent'
  }

  /** Subscribes exact topics at QoS 0, without waiting for the answer. */
  subscribe(topics: readonly string[]): void {
    if (this.#client?.connected === true) this.#client.subscribe([...topics], { qos: 0 })
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
    this.#inFlight = 0
    let connected = false
    client.on('connect', () => {
      connected = true
      if (!this.#closed) onConnected()
    })
    client.on('message', (topic, payload) => {
      if (!this.#closed) onMessage(topic, payload)
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
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
    }
  }
}

function brokerUrl({ transport, host, port, path }: BrokerAddress): string {
  const scheme = { tls: 'mqtts', tcp: 'mqtt', wss: 'wss', ws: 'ws' }[transport]
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `${scheme}://${bracketed}:${port}${path ?? ''}`
}
