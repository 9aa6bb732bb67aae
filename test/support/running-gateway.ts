import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import { MqttGateway, type GatewayOptions } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { mqttWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { listenTcp } from '../../src/downstream/transport/tcp-listener.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { UpstreamLink } from '../../src/hub/upstream-link.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits, type ClientLimits } from '../../src/support/limits.ts'
import { silentLog } from './silent-log.ts'

/** Hub and gateway alone, on real sockets. */
export type RunningGateway = Awaited<ReturnType<typeof startGateway>>

interface RunningGatewayOptions extends Partial<Pick<GatewayOptions, 'authenticate' | 'clock' | 'log'>> {
  readonly limits?: Partial<ClientLimits>
}

/** Starts it on free ports of 127.0.0.1, below this link, which is up; anybody may come in unless told. */
export async function startGateway(upstream: UpstreamLink, options: RunningGatewayOptions = {}) {
  const { clock = systemClock, log = silentLog } = options
  const { authenticate = deviceAuthenticator(undefined, undefined) } = options
  const limits = { ...defaultClientLimits, ...options.limits }
  const hub = new Hub({ clock, upstream })
  hub.linkChanged(true)
  const gateway = new MqttGateway({ hub, clock, log, limits, random: Math.random, authenticate })
  const tcp = await listenTcp({ host: '127.0.0.1', port: 0 }, limits, clock, (transport) =>
    gateway.accept(transport),
  )
  const acceptor = mqttWebSocketAcceptor(limits, clock, () => '127.0.0.1')
  const http = createServer((_request, response) => response.writeHead(404).end())
  const path = '/mqtt'
  ownUpgrades(
    http,
    [{ path, accept: (...upgrade) => acceptor.accept(...upgrade, (transport) => gateway.accept(transport)) }],
    { ...limits, clock, allowedOrigins: [] },
  )
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    ...{ hub, gateway, http },
    /** MQTT over WebSocket, at /mqtt. */
    webSocketPort: (http.address() as AddressInfo).port,
    /** Plain MQTT. */
    tcpPort: tcp.port,
    async stop() {
      hub.linkChanged(false)
      gateway.destroy()
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await Promise.all([closed, tcp.close()])
    },
  }
}
