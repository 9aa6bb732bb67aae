import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { startBridge } from '../../../src/bridge/bridge.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { deviceAuthenticator } from '../../../src/downstream/guests/authenticate.ts'
import { defaultClientLimits, type ClientLimits, type Limits } from '../../../src/support/limits.ts'
import { MqttGateway } from '../../../src/downstream/mqtt-gateway/gateway.ts'
import { mqttWebSocketAcceptor } from '../../../src/downstream/transport/socket.ts'
import { listenTcp } from '../../../src/downstream/transport/tcp-listener.ts'
import { ownUpgrades } from '../../../src/downstream/transport/upgrade.ts'
import { Hub } from '../../../src/hub/hub.ts'
import type { UpstreamLink } from '../../../src/hub/upstream-link.ts'
import type { Logger } from '../../../src/support/logger.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { testUsage } from '../../support/running-bridge.ts'
import { silentLog } from '../../support/silent-log.ts'
import { password, user } from './hivemq.ts'

/** A bridge that foreign clients connect to. */
export interface BridgeUnderTest {
  /** MQTT over WebSocket, at /mqtt. */
  readonly webSocketPort: number
  /** Plain MQTT. */
  readonly tcpPort: number
  /** Whether a press can get through now. */
  readonly ready: () => boolean
  /** Presses on a platform that were not passed on, as the public status tells. */
  droppedPresses(platform: string): Promise<number>
  stop(): Promise<void>
}

/** Where the broker is, and whom to trust. */
export interface Broker {
  readonly port: number
  readonly ca: string
}

/** The whole bridge: settings in, HTTP server and venue listener up, one TLS link to the broker. */
export async function startBridgeUnderTest(
  broker: Broker,
  { log = silentLog, limits = {} }: { log?: Logger; limits?: Partial<Limits> } = {},
): Promise<BridgeUnderTest> {
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: user,
      OWLCMS_MQTTPASSWORD: password,
      BRIDGE_MQTT_CA: broker.ca,
      HOST: '127.0.0.1',
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error(loaded.faults.map(({ what }) => what).join(' '))
  const { config } = loaded
  const bridge = await startBridge(
    // Any free ports, which the settings can't ask for.
    { ...config, http: { ...config.http, port: 0 }, venue: { port: 0, username: user, password } },
    {
      // Small numbers: it tries again soon, so that a test of an outage takes seconds.
      ...{ clock: systemClock, random: () => Math.random() / 10, log },
      ...{ version: 'interop', pageFiles: new Map(), usage: testUsage, limits },
    },
  )
  const status = `http://127.0.0.1:${bridge.port}/status`
  return {
    webSocketPort: bridge.port,
    tcpPort: bridge.venuePort ?? 0,
    ready: () => bridge.ready,
    droppedPresses: async (platform) => {
      const { checks } = (await (await fetch(status)).json()) as PublicStatus
      const { platforms } = checks['owlcms:answers'][0]
      return platforms.find(({ name }) => name === platform)?.droppedPresses ?? 0
    },
    stop: async () => {
      await bridge.stop()
    },
  }
}

interface PublicStatus {
  readonly checks: {
    readonly 'owlcms:answers': readonly [
      { readonly platforms: readonly { readonly name: string; readonly droppedPresses: number }[] },
    ]
  }
}

/** The gateway alone, with any link above it and any limits. */
export interface RunningGateway {
  readonly hub: Hub
  readonly gateway: MqttGateway
  readonly webSocketPort: number
  readonly tcpPort: number
  /** The sockets of its WebSockets, for tests that write what the gateway wouldn't. */
  readonly upgraded: readonly Duplex[]
  stop(): Promise<void>
}

/** Starts it on free ports of 127.0.0.1, on the real clock. */
export async function startGateway(
  upstream: UpstreamLink,
  authenticate = deviceAuthenticator(undefined, undefined),
  changed: Partial<ClientLimits> = {},
): Promise<RunningGateway> {
  const shared = { clock: systemClock, log: silentLog }
  const limits = { ...defaultClientLimits, ...changed }
  const hub = new Hub({ ...shared, upstream })
  const gateway = new MqttGateway({ ...shared, hub, limits, random: Math.random, authenticate })
  const tcp = await listenTcp({ host: '127.0.0.1', port: 0 }, limits, systemClock, (transport) =>
    gateway.accept(transport),
  )
  const acceptor = mqttWebSocketAcceptor(limits, systemClock, () => '127.0.0.1')
  const http = createServer()
  ownUpgrades(
    http,
    [
      {
        path: '/mqtt',
        accept: (request, socket, head) =>
          acceptor.accept(request, socket, head, (transport) => gateway.accept(transport)),
      },
    ],
    { ...limits, clock: systemClock, allowedOrigins: [] },
  )
  const upgraded: Duplex[] = []
  http.on('upgrade', (_request, socket: Duplex) => upgraded.push(socket))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    ...{ hub, gateway, upgraded },
    webSocketPort: (http.address() as AddressInfo).port,
    tcpPort: tcp.port,
    async stop() {
      gateway.close()
      gateway.destroy()
      http.closeAllConnections()
      await Promise.all([tcp.close(), new Promise((resolve) => http.close(resolve))])
    },
  }
}
