import { createServer, type Server } from 'node:http'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import { clientAddress } from '../../src/downstream/transport/client-address.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { mqttWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { listenTcp } from '../../src/downstream/transport/tcp-listener.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { systemClock, type Clock } from '../../src/support/clock.ts'
import { defaultClientLimits, type ClientLimits } from '../../src/support/limits.ts'
import type { Logger } from '../../src/support/logger.ts'
import { publication } from '../support/fake-upstream.ts'

export const username = 'hall'
export const password = 'secret'

/** The real clock, but each second lasts only `1 / times` of one. */
export function fasterClock(times: number): Clock {
  return {
    now: () => systemClock.now() * times,
    wallTime: (moment) => systemClock.wallTime(moment === undefined ? undefined : moment / times),
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / times, callback),
    endOfTurn: (callback) => systemClock.endOfTurn(callback),
  }
}

export interface LogEntry {
  readonly level: 'warn' | 'info' | 'error'
  readonly facts: Record<string, unknown>
  readonly message: string
}

/** A log that hands each line but debug to `note`. */
export function watchedLog(note: (entry: LogEntry) => void): Logger {
  const write =
    (level: LogEntry['level']) =>
    (facts: object, message: string): void =>
      note({ level, facts: facts as Record<string, unknown>, message })
  const log: Logger = {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
    setLevel: () => undefined,
    recent: () => [],
  }
  return log
}

/** A broker that gives everything back at once, or says no now and then. */
class LoopbackUpstream implements UpstreamLink {
  readonly ready = true
  readonly room = true
  receive: (publication: Publication) => void = () => undefined
  readonly #outcome: () => PublishOutcome

  constructor(outcome: () => PublishOutcome) {
    this.#outcome = outcome
  }

  publish(sent: Publication, settled: (outcome: PublishOutcome) => void): void {
    const outcome = this.#outcome()
    setImmediate(() => {
      if (outcome.kind === 'delivered') this.receive(sent)
      settled(outcome)
    })
  }
}

export interface Rig {
  readonly hub: Hub
  readonly gateway: MqttGateway
  readonly port: number
  readonly tcpPort: number
  /** Open sockets of the HTTP server, upgraded ones included. */
  httpSockets(): Promise<number>
  /** As if owlcms had published it. */
  say(topic: string, payload: string, qos?: 0 | 1): void
  stop(): Promise<void>
}

export interface RigOptions {
  readonly limits?: Partial<ClientLimits>
  readonly clock?: Clock
  readonly log: Logger
  readonly random?: () => number
  /** What the broker answers to each publication; default: it always takes it. */
  readonly outcome?: () => PublishOutcome
}

/** Hub and gateway on real sockets (WebSocket and TCP, both with a password), with the broker in memory. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { log, clock = systemClock, random = Math.random } = options
  const limits: ClientLimits = { ...defaultClientLimits, flushWindowMs: 0, ...options.limits }
  const upstream = new LoopbackUpstream(options.outcome ?? (() => ({ kind: 'delivered' })))
  const hub = new Hub({ clock, upstream })
  upstream.receive = (received) => hub.receive(received)
  hub.linkChanged(true)
  const authenticate = deviceAuthenticator(username, password)
  const gateway = new MqttGateway({ hub, clock, log, limits, random, authenticate })
  const tcp = await listenTcp({ host: '127.0.0.1', port: 0 }, limits, clock, (transport) =>
    gateway.accept(transport),
  )
  const { server, port } = await listenHttp()
  const acceptor = mqttWebSocketAcceptor(limits, clock, clientAddress('other'))
  ownUpgrades(
    server,
    [
      {
        path: '/mqtt',
        accept: (request, socket, head) =>
          acceptor.accept(request, socket, head, (transport) => gateway.accept(transport)),
      },
    ],
    { ...limits, clock, allowedOrigins: [] },
  )
  return {
    hub,
    gateway,
    port,
    tcpPort: tcp.port,
    httpSockets: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    say: (topic, payload, qos = 0) => hub.receive(publication(topic, payload, qos)),
    stop: async () => {
      hub.linkChanged(false)
      gateway.close()
      gateway.destroy()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.all([closed, tcp.close()])
    },
  }
}

async function listenHttp(): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, port: address.port }
}
