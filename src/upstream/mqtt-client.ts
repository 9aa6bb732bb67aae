import type * as mqtt from 'mqtt'
import type { IClientOptions, MqttClient } from 'mqtt'
import type { Socket } from 'node:net'
import type { BrokerAddress } from '../protocol/link/broker-address.ts'
import type { Publication } from '../protocol/publication.ts'
import { defined } from '../protocol/defined.ts'
import type { UpstreamTimings } from './timings.ts'

export interface ClientOptions {
  readonly address: BrokerAddress
  readonly protocolVersion: 4 | 5
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly will?: Publication | undefined
  readonly timings: UpstreamTimings
}

/** MQTT.js itself, which is a third of the program. */
export type MqttLibrary = typeof mqtt

/** Loads MQTT.js at the first call, so that the web server answers before; later calls share it. */
export function loadMqttLibrary(): Promise<MqttLibrary> {
  return import('mqtt')
}

/**
 * An MQTT.js client on an open socket, for one connection: it never reconnects, stores nothing for later and
 * prints nothing. Its own keep-alive only pings after 30 s without an answer to anything, where ours has long
 * done so. `connecting` is called when the CONNECT is on its way, after the WebSocket handshake if there is
 * one. The caller listens to `error`.
 */
export function createClient(
  library: MqttLibrary,
  socket: Socket,
  options: ClientOptions,
  connecting: () => void,
): MqttClient {
  const { address, timings } = options
  const shared: IClientOptions = {
    clientId: options.clientId,
    protocolVersion: options.protocolVersion,
    clean: true,
    keepalive: timings.keepAliveSeconds,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Ours fires first; this one only keeps MQTT.js from waiting longer than we do.
    connectTimeout: 2 * timings.connectTimeoutMs,
    // MQTT.js would print whole packets, passwords included, under DEBUG=mqttjs* (R10).
    log: () => undefined,
    ...defined({ username: options.username, password: options.password }),
    ...(options.will === undefined ? {} : { will: willOf(options.will) }),
    ...(options.protocolVersion === 5
      ? { properties: { maximumPacketSize: timings.maxInboundPacketBytes } }
      : {}),
  }
  if (address.transport === 'tls' || address.transport === 'tcp') {
    connecting()
    return new library.MqttClient(() => socket, shared)
  }
  return library.connect({
    ...shared,
    protocol: address.transport,
    host: address.host,
    port: address.port,
    path: address.path ?? '/mqtt',
    wsOptions: {
      createConnection: () => socket,
      perMessageDeflate: false,
      finishRequest(request) {
        request.once('upgrade', connecting)
        request.end()
      },
    },
  })
}

function willOf({ topic, payload, qos, retain }: Publication): NonNullable<IClientOptions['will']> {
  return { topic, payload: Buffer.from(payload), qos, retain }
}
