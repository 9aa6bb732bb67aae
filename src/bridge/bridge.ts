import { networkInterfaces } from 'node:os'
import { guardDoors } from './access.ts'
import type { BridgeDependencies } from './dependencies.ts'
import { logStates, PressLog } from './log.ts'
import { bridgeMetrics, serveMetrics, type BridgeMetrics } from './views/metrics.ts'
import { hallEntrance, owlcmsEntrance } from './edges.ts'
import { buildParts, followClock, joinLink, type Parts } from './parts.ts'
import { publicAnswer } from './views/serve.ts'
import { BridgeStop, type StopOptions, type StopReport } from './stop.ts'
import type { Config } from '../config/config.ts'
import { clientAddress } from '../downstream/transport/client-address.ts'
import { defaultStreamLimits } from '../downstream/json-stream/stream-limits.ts'
import { reachableFromInternet } from '../downstream/transport/public-address.ts'
import { mqttWebSocketAcceptor, textWebSocketAcceptor } from '../downstream/transport/socket.ts'
import { listenTcp, type TcpListener } from '../downstream/transport/tcp-listener.ts'
import { ownUpgrades, type UpgradeRoute } from '../downstream/transport/upgrade.ts'
import type { LinkPlaceView } from '../http/api/access-view.ts'
import { closedDoor, type FrontDoor, type HttpServer } from '../http/door/front-door.ts'
import type { Clock } from '../support/clock.ts'

/** A bridge that runs: its ports, and the way to stop it. */
export interface Bridge {
  /** The port really in use. */
  readonly port: number
  /** The port of plain MQTT in the hall, if there is one. */
  readonly venuePort: number | undefined
  /** The port for owlcms, where this bridge is the broker. */
  readonly owlcmsPort: number | undefined
  /** The port of the metrics alone, if there is one. */
  readonly metricsPort: number | undefined
  /** Whether a press can get through right now. */
  readonly ready: boolean
  /** A token for a place, as the console hands them out. */
  issue(place: LinkPlaceView, days: number): Promise<string>
  /** Whether it was told to stop and waits for a break; everything works meanwhile. */
  readonly waitingForBreak: boolean
  /**
   * Waits for a break if it may, tells the clients, leaves the broker, closes everything; without the wait, done
   * within 4 s. Called again, it waits no longer.
   */
  stop(options?: StopOptions): Promise<StopReport>
}

/**
 * Builds the parts and starts them in order: listens first (or opens `door`, which listens already), connects to the
 * broker after that, so that a slow broker never costs a platform's start deadline. Rejects when a port can't be had.
 */
export async function startBridge(
  config: Config,
  dependencies: BridgeDependencies,
  door?: FrontDoor,
): Promise<Bridge> {
  const { clock, log } = dependencies
  const parts = buildParts(config, dependencies)
  const { hub, upstream } = parts
  joinLink(parts)
  logStates(parts, log)
  followClock(parts, log)
  const metrics = bridgeMetrics(config, dependencies, parts)
  const presses = new PressLog(log.child({ part: 'presses' }), clock)
  hub.ledger.listen((report) => {
    metrics?.pressEnded(report)
    presses.ended(report)
  })
  const stop = new BridgeStop(parts, guardDoors(parts, clock), dependencies)
  const { http, metricsServer, venue, owlcms } = await openListeners(config, dependencies, parts, {
    metrics,
    stop,
    door,
  })
  takeUpgrades(config, http, parts, clock)
  const stopping = () => stop.view()
  http.open(publicAnswer(config, dependencies, parts, { metrics, stopping }))
  log.info({ port: http.port }, 'listening')
  upstream.start()
  if (metrics !== undefined) {
    metrics.start(clock, log)
    stop.owns(metrics)
  }
  return {
    port: http.port,
    venuePort: venue?.port,
    owlcmsPort: config.broker.own === undefined ? undefined : (owlcms ?? venue)?.port,
    metricsPort: metricsServer?.port,
    get ready() {
      return upstream.ready
    },
    get waitingForBreak() {
      return stop.view() !== undefined
    },
    issue: async (place, days) => (await parts.access.doorkeeper.issue(place, days)).token,
    stop: (options) => stop.stop(options),
  }
}

interface Listeners {
  readonly http: FrontDoor
  readonly metricsServer: HttpServer | undefined
  readonly venue: TcpListener | undefined
  readonly owlcms: TcpListener | undefined
}

/** Every port; when one can't be had, all are closed. The door of the public one is closed yet. */
async function openListeners(
  config: Config,
  dependencies: BridgeDependencies,
  parts: Parts,
  {
    metrics,
    stop,
    door,
  }: {
    readonly metrics: BridgeMetrics | undefined
    readonly stop: BridgeStop
    readonly door: FrontDoor | undefined
  },
): Promise<Listeners> {
  try {
    const http = door ?? (await closedDoor(config.http))
    stop.owns(http)
    const metricsServer = await serveMetrics(config, dependencies.log, metrics)
    if (metricsServer !== undefined) stop.owns(metricsServer)
    const venue = await openVenue(config, dependencies, parts)
    if (venue !== undefined) stop.owns(venue)
    const owlcms = await openOwlcmsPort(config, dependencies, parts)
    if (owlcms !== undefined) stop.owns(owlcms)
    return { http, metricsServer, venue, owlcms }
  } catch (error) {
    await stop.abandon()
    throw error
  }
}

/** Sockets that upgrade go to the edge of their path. */
function takeUpgrades(
  config: Config,
  http: HttpServer,
  { gateway, stream, limits }: Parts,
  clock: Clock,
): void {
  const addressOf = clientAddress(config.hosting, config.trustedProxies)
  const mqtt = mqttWebSocketAcceptor(limits, clock, addressOf)
  const allowedOrigins = config.publicOrigin === undefined ? [] : [config.publicOrigin]
  const { closeTimeoutMs } = limits
  const json = textWebSocketAcceptor({ ...defaultStreamLimits, closeTimeoutMs }, clock, addressOf)
  const routes: readonly UpgradeRoute[] = [
    {
      path: '/mqtt',
      accept: (...upgrade) => mqtt.accept(...upgrade, (transport) => gateway.accept(transport)),
    },
    { path: '/ws', accept: (...upgrade) => json.accept(...upgrade, (transport) => stream.accept(transport)) },
  ]
  ownUpgrades(http.server, routes, { clock, closeTimeoutMs, allowedOrigins })
}

/** Plain MQTT for devices in the hall that know neither TLS nor WebSocket. */
async function openVenue(
  config: Config,
  { clock, log }: BridgeDependencies,
  { limits, gateway, access }: Parts,
): Promise<TcpListener | undefined> {
  if (config.venue === undefined) return undefined
  const { port, username } = config.venue
  const { broker } = config
  const { host } = config.http
  const authenticate = hallEntrance(config, access)
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
  const owlcmsToo = broker.own !== undefined && broker.own.listen === undefined
  log.info(
    { venuePort: listener.port, ...(owlcmsToo ? { owlcmsPort: listener.port } : {}) },
    'listening for plain MQTT in the hall',
  )
  return listener
}

/** Plain MQTT for owlcms alone, where this bridge is its broker. */
async function openOwlcmsPort(
  { broker }: Config,
  { clock, log }: BridgeDependencies,
  { limits, gateway }: Parts,
): Promise<TcpListener | undefined> {
  const where = broker.own?.listen
  if (where === undefined) return undefined
  const authenticate = owlcmsEntrance(broker)
  const listener = await listenTcp(where, limits, clock, (transport) =>
    gateway.accept(transport, authenticate),
  )
  log.info({ owlcmsPort: listener.port }, 'listening for owlcms')
  return listener
}
