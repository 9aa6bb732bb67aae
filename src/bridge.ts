import { networkInterfaces } from 'node:os'
import type { Config } from './config/config.ts'
import { deviceAuthenticator } from './downstream/authenticate.ts'
import { clientAddress } from './downstream/client-address.ts'
import { defaultClientLimits, type ClientLimits } from './support/limits.ts'
import { JsonStream } from './downstream/json-stream/stream.ts'
import { defaultStreamLimits } from './downstream/json-stream/stream-limits.ts'
import { MqttGateway } from './downstream/mqtt-gateway/gateway.ts'
import { reachableFromInternet } from './downstream/public-address.ts'
import { mqttWebSocketAcceptor, textWebSocketAcceptor } from './downstream/socket.ts'
import { listenTcp, type TcpListener } from './downstream/tcp-listener.ts'
import { ownUpgrades } from './downstream/upgrade.ts'
import { bridgeMetrics, serveMetrics, type BridgeMetrics } from './bridge-metrics.ts'
import { logStates, PressLog } from './bridge-log.ts'
import { BridgeStop, type StopOptions, type StopReport } from './bridge-stop.ts'
import { bridgeViews } from './bridge-views.ts'
import { createApp } from './http/app.tsx'
import { addEventStream } from './http/event-stream.ts'
import { listen, type HttpServer } from './http/listen.ts'
import { addMetrics } from './http/metrics.ts'
import type { PageScripts } from './http/page-scripts.ts'
import type { StoppingView } from './http/views.ts'
import { Hub } from './hub/hub.ts'
import { Platforms } from './hub/platforms.ts'
import { stateOf } from './protocol/bridge-state.ts'
import type { ProcessUsage } from './metrics/runtime-metrics.ts'
import type { PressReport } from './protocol/press-report.ts'
import type { Publication } from './protocol/publication.ts'
import type { Clock } from './support/clock.ts'
import { errorText } from './support/errors.ts'
import type { Logger } from './support/logger.ts'
import { createUpstream, type Upstream } from './upstream/upstream.ts'

/** What the program gives its parts besides the settings. */
export interface BridgeDependencies {
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly log: Logger
  readonly version: string
  readonly pageScripts: PageScripts
  /** What the process costs at the moment. */
  readonly usage: () => ProcessUsage
}

export interface Bridge {
  /** The port really in use. */
  readonly port: number
  /** The port of plain MQTT in the hall, if there is one. */
  readonly venuePort: number | undefined
  /** The port of the metrics alone, if there is one. */
  readonly metricsPort: number | undefined
  /** Whether a press can get through right now. */
  readonly ready: boolean
  /** What became of each press is told here, once for each; goes to the metrics and the log. */
  pressEnded(report: PressReport): void
  /** Whether it was told to stop and waits for a break; everything works meanwhile. */
  readonly waitingForBreak: boolean
  /**
   * Waits for a break if it may, tells the clients, leaves the broker, closes everything; without the wait, done
   * within 4 s. Called again, it waits no longer.
   */
  stop(options?: StopOptions): Promise<StopReport>
}

/**
 * Builds the parts and starts them in order: listens first, connects to the broker after that, so that a
 * slow broker never costs a platform's start deadline. Rejects when the port can't be had.
 */
export async function startBridge(config: Config, dependencies: BridgeDependencies): Promise<Bridge> {
  const { clock, log } = dependencies
  const parts = buildParts(config, dependencies)
  const { gateway, stream, upstream, limits } = parts
  joinLink(parts)
  logStates(parts, log)
  const metrics = bridgeMetrics(config, dependencies, parts)
  const stop = new BridgeStop(parts, dependencies)
  const http = await serve(config, dependencies, parts, { metrics, stopping: () => stop.view() })
  stop.owns(http)
  const [metricsServer, venue] = await openOthers(config, dependencies, parts, metrics, stop)
  const addressOf = clientAddress(config.hosting)
  const mqtt = mqttWebSocketAcceptor(limits, clock, addressOf)
  const json = textWebSocketAcceptor(
    { ...defaultStreamLimits, closeTimeoutMs: limits.closeTimeoutMs, allowedOrigins: [] },
    clock,
    addressOf,
  )
  ownUpgrades(http.server, [
    {
      path: '/mqtt',
      accept: (...upgrade) => mqtt.accept(...upgrade, (transport) => gateway.accept(transport)),
    },
    { path: '/ws', accept: (...upgrade) => json.accept(...upgrade, (transport) => stream.accept(transport)) },
  ])
  log.info({ port: http.port }, 'listening')
  upstream.start()
  metrics?.start(clock, log)
  const presses = new PressLog(log.child({ part: 'presses' }), clock)
  return {
    port: http.port,
    venuePort: venue?.port,
    metricsPort: metricsServer?.port,
    get ready() {
      return upstream.ready
    },
    get waitingForBreak() {
      return stop.view() !== undefined
    },
    pressEnded: (report) => {
      metrics?.pressEnded(report)
      presses.ended(report)
    },
    stop: (options) => stop.stop(options),
  }
}

/** The listeners beside the web server; when one can't be had, all are closed. */
async function openOthers(
  config: Config,
  dependencies: BridgeDependencies,
  { limits, gateway }: Parts,
  metrics: BridgeMetrics | undefined,
  stop: BridgeStop,
): Promise<[HttpServer | undefined, TcpListener | undefined]> {
  try {
    const metricsServer = await serveMetrics(config, dependencies.log, metrics)
    if (metricsServer !== undefined) stop.owns(metricsServer)
    const venue = await openVenue(config, dependencies, limits, gateway)
    if (venue !== undefined) stop.owns(venue)
    return [metricsServer, venue]
  } catch (error) {
    await stop.abandon()
    throw error
  }
}

/** The parts with a life of their own, and what the bridge says of itself. */
export interface Parts {
  readonly upstream: Upstream
  readonly hub: Hub
  readonly platforms: Platforms
  readonly gateway: MqttGateway
  readonly stream: JsonStream
  readonly limits: ClientLimits
  readonly online: Publication
  readonly offline: Publication
}

function buildParts(config: Config, { clock, log, random, version }: BridgeDependencies): Parts {
  const id = randomId(random)
  const about = { version, since: Math.floor(clock.now() / 1000), id }
  const online = stateOf(config.name, { state: 'online', ...about })
  const offline = stateOf(config.name, { state: 'offline', ...about })
  const upstream = createUpstream({
    ...config.broker,
    // Readable, and never with `_owlcms_`, which owlcms takes for itself (protocol.md 1.7).
    clientId: `owlcms-bridge-${config.name}-${id}`,
    will: offline,
    clock,
    random,
    log: log.child({ part: 'upstream' }),
  })
  const hub = new Hub({ clock, upstream, identity: { name: config.name, id }, limits: config.limits })
  const platforms = new Platforms({ clock, random })
  const limits: ClientLimits = { ...defaultClientLimits, ...config.limits }
  const gateway = new MqttGateway({
    hub,
    clock,
    log: log.child({ part: 'gateway' }),
    limits,
    random,
    authenticate: deviceAuthenticator(config.broker.username, config.broker.password),
  })
  const stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: log.child({ part: 'stream' }),
    version,
    clientLimits: limits,
    // Seats' tokens come with the keypads; until then there are only viewers.
    authenticateToken: (token) =>
      token === undefined && config.viewers === 'open' ? { kind: 'viewer' } : undefined,
  })
  return { upstream, hub, platforms, gateway, stream, limits, online, offline }
}

/** What comes down the link goes to the hub; the hub and the gateway learn when the link changes. */
function joinLink({ upstream, hub, gateway, platforms, online }: Parts): void {
  let up = false
  upstream.onStatus(() => {
    if (upstream.ready === up) return
    up = upstream.ready
    hub.linkChanged(up)
    platforms.linkChanged(up)
    if (!up) return
    gateway.linkBack()
    // Refused where the broker is a bridge itself; then only that one shows there.
    upstream.publish(online, () => undefined)
  })
  upstream.onPublication((publication) => {
    hub.receive(publication)
    platforms.receive(publication)
  })
}

/** Plain MQTT for devices in the hall that know neither TLS nor WebSocket (design.md 2). */
async function openVenue(
  config: Config,
  { clock, log }: BridgeDependencies,
  limits: ClientLimits,
  gateway: MqttGateway,
): Promise<TcpListener | undefined> {
  if (config.venue === undefined) return undefined
  const { port, username, password } = config.venue
  const { host } = config.http
  const authenticate = deviceAuthenticator(username, password)
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const reachable = reachableFromInternet(
    host,
    own.map(({ address }) => address),
  )
  if (username === undefined && reachable) {
    const nextStep =
      'Set BRIDGE_VENUE_USERNAME and BRIDGE_VENUE_PASSWORD, or HOST to the address in the hall.'
    log.warn({ nextStep }, 'plain MQTT without a user name is open to the Internet')
  }
  const listener = await listenTcp({ host, port }, limits, clock, (transport) =>
    gateway.accept(transport, authenticate),
  )
  log.info({ venuePort: listener.port }, 'listening for plain MQTT in the hall')
  return listener
}

interface ServeExtras {
  readonly metrics: BridgeMetrics | undefined
  readonly stopping: () => StoppingView | undefined
}

async function serve(
  config: Config,
  dependencies: BridgeDependencies,
  parts: Parts,
  { metrics, stopping }: ServeExtras,
): Promise<HttpServer> {
  const { log, pageScripts } = dependencies
  const app = createApp(
    { ...bridgeViews({ config, dependencies, ...parts }), stopping },
    {
      hosting: config.hosting,
      pageScripts,
      onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
    },
  )
  if (metrics === undefined) addMetrics(app, { kind: 'off' }, () => Promise.reject(new Error('switched off')))
  else addMetrics(app, config.metrics.access, () => metrics.expose())
  const addressOf = clientAddress(config.hosting)
  addEventStream(app, {
    open: ({ incoming, ...wish }, sink) =>
      parts.stream.openFeed(
        { ...wish, address: incoming === undefined ? 'unknown' : addressOf(incoming) },
        sink,
      ),
  })
  return listen(app, config.http)
}

/** Tells this process from others of the same name. */
function randomId(random: () => number): string {
  return Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0')
}
