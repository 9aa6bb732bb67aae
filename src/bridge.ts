import { networkInterfaces } from 'node:os'
import type { Config } from './config/config.ts'
import { accessView, buildAccess, guardDoors, type Access } from './bridge-access.ts'
import { deviceAuthenticator, deviceOrToken, type Authenticate } from './downstream/authenticate.ts'
import { clientAddress } from './downstream/client-address.ts'
import { defaultClientLimits, type ClientLimits } from './support/limits.ts'
import { JsonStream } from './downstream/json-stream/stream.ts'
import { defaultStreamLimits } from './downstream/json-stream/stream-limits.ts'
import { MqttGateway } from './downstream/mqtt-gateway/gateway.ts'
import { reachableFromInternet } from './downstream/public-address.ts'
import { mqttWebSocketAcceptor, textWebSocketAcceptor } from './downstream/socket.ts'
import { listenTcp, type TcpListener } from './downstream/tcp-listener.ts'
import { ownUpgrades } from './downstream/upgrade.ts'
import { lightCheckOf } from './bridge-light-check.ts'
import { buildJournal, type JournalParts, type Playback } from './bridge-journal.ts'
import { bridgeViews } from './bridge-views.ts'
import { addAccessApi } from './http/api/access-api.ts'
import type { LinkPlaceView } from './http/api/access-view.ts'
import { createApp } from './http/app.tsx'
import { adminOnly } from './http/api/guards.ts'
import { addEventStream } from './http/event-stream.ts'
import { addJournal } from './http/journal.tsx'
import { listen, type HttpServer } from './http/listen.ts'
import type { PageScripts } from './http/page-scripts.ts'
import { Hub } from './hub/hub.ts'
import type { LightCheck } from './hub/light-check.ts'
import { SeatStatisticsBook } from './hub/seat-statistics.ts'
import { stateOf } from './protocol/bridge-state.ts'
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
  /** A recording that is played in owlcms's place. */
  readonly playback?: Playback
}

export interface Bridge {
  /** The port really in use. */
  readonly port: number
  /** The port of plain MQTT in the hall, if there is one. */
  readonly venuePort: number | undefined
  /** Whether a press can get through right now. */
  readonly ready: boolean
  /** A token for a place, as the console hands them out. */
  issue(place: LinkPlaceView, days: number): Promise<string>
  /** Tells the clients, leaves the broker, closes everything; done within 4 s. May be called again. */
  stop(): Promise<void>
}

/** Milliseconds that clients get to leave by themselves at a stop. */
const drainMs = 1_500

/** Milliseconds that the journal's file gets to be written at a stop. */
const journalFlushMs = 1_000

/**
 * Builds the parts and starts them in order: listens first, connects to the broker after that, so that a
 * slow broker never costs a platform's start deadline. Rejects when the port can't be had.
 */
export async function startBridge(config: Config, dependencies: BridgeDependencies): Promise<Bridge> {
  const { clock, log } = dependencies
  const parts = buildParts(config, dependencies)
  const { gateway, stream, upstream, limits } = parts
  joinLink(parts, dependencies.playback)
  const unguard = guardDoors(parts, clock)
  const http = await serve(config, dependencies, parts)
  const venue = await openVenue(config, dependencies, parts).catch(async (error: unknown) => {
    unguard()
    await http.close()
    throw error
  })
  const addressOf = clientAddress(config.hosting)
  const mqtt = mqttWebSocketAcceptor(limits, clock, addressOf)
  const allowedOrigins = config.publicOrigin === undefined ? [] : [config.publicOrigin]
  const json = textWebSocketAcceptor(
    {
      ...defaultStreamLimits,
      closeTimeoutMs: limits.closeTimeoutMs,
      allowedOrigins,
    },
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
  let stopped: Promise<void> | undefined
  return {
    port: http.port,
    venuePort: venue?.port,
    get ready() {
      return upstream.ready
    },
    issue: async (place, days) => (await parts.access.doorkeeper.issue(place, days)).token,
    stop: () => (stopped ??= stop(clock, parts, http, venue, unguard)),
  }
}

/** The parts with a life of their own, and what the bridge says of itself. */
export interface Parts extends JournalParts {
  readonly upstream: Upstream
  readonly hub: Hub
  readonly access: Access
  readonly lightCheck: LightCheck
  readonly statistics: SeatStatisticsBook
  readonly gateway: MqttGateway
  readonly stream: JsonStream
  readonly limits: ClientLimits
  readonly online: Publication
  readonly offline: Publication
  /** Of this process, as in its state; tells it from others of the same name. */
  readonly id: string
}

function buildParts(config: Config, dependencies: BridgeDependencies): Parts {
  const { clock, log, random, version } = dependencies
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
  const access = buildAccess(config, dependencies, upstream)
  const journalParts = buildJournal(config, dependencies, () => hub)
  const { platforms } = journalParts
  const hub: Hub = new Hub({
    clock,
    upstream,
    platforms,
    identity: { name: config.name, id },
    limits: config.limits,
  })
  hub.ledger.listen((report) => journalParts.journal.pressed(report))
  const lightCheck = lightCheckOf(clock, hub, platforms)
  const statistics = new SeatStatisticsBook()
  hub.ledger.listen((report) => statistics.note(report))
  const limits: ClientLimits = { ...defaultClientLimits, ...config.limits }
  const gateway = new MqttGateway({
    hub,
    clock,
    log: log.child({ part: 'gateway' }),
    limits,
    random,
    authenticate: authenticator(config.broker, access),
  })
  const stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: log.child({ part: 'stream' }),
    version,
    clientLimits: limits,
    drills: lightCheck,
    authenticateToken: (token) => access.authenticateToken(token),
  })
  return {
    ...journalParts,
    ...{ upstream, hub, access, lightCheck, statistics, gateway, stream, limits },
    ...{ online, offline, id },
  }
}

/** What comes down the link goes to the hub; the hub and the gateway learn when the link changes. */
function joinLink(parts: Parts, playback?: Playback): void {
  const { upstream, hub, access, gateway, platforms, journal, online } = parts
  let up = false
  upstream.onStatus(() => {
    if (upstream.ready === up) return
    up = upstream.ready
    hub.linkChanged(up)
    journal.linkChanged(up)
    platforms.linkChanged(up)
    access.revocations.linkChanged(up)
    if (!up) return
    gateway.linkBack()
    // Refused where the broker is a bridge itself; then only that one shows there.
    upstream.publish(online, () => undefined)
  })
  upstream.onPublication((publication) => {
    hub.receive(publication)
    if (playback?.admits(publication) ?? true) platforms.receive(publication)
    access.revocations.receive(publication)
  })
}

/** Device credentials or a seat's token; without a user name any device gets in, as owlcms has it. */
function authenticator(
  { username, password }: { readonly username?: string; readonly password?: string },
  access: Access,
): Authenticate {
  const device = deviceAuthenticator(username, password)
  return deviceOrToken(device, (token) => access.verifyPassword(token), { open: username === undefined })
}

/** Plain MQTT for devices in the hall that know neither TLS nor WebSocket (design.md 2). */
async function openVenue(
  config: Config,
  { clock, log }: BridgeDependencies,
  { limits, gateway, access }: Parts,
): Promise<TcpListener | undefined> {
  if (config.venue === undefined) return undefined
  const { port, username } = config.venue
  const { host } = config.http
  const authenticate = authenticator({ ...config.venue }, access)
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

async function serve(config: Config, dependencies: BridgeDependencies, parts: Parts): Promise<HttpServer> {
  const { log, pageScripts } = dependencies
  const app = createApp(bridgeViews({ config, dependencies, ...parts }), {
    hosting: config.hosting,
    pageScripts,
    onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
  })
  const addressOf = clientAddress(config.hosting)
  const access = accessView(config, dependencies, parts, addressOf)
  addAccessApi(app, access)
  addJournal(app, parts.journal, adminOnly(access))
  addEventStream(app, {
    open: ({ incoming, ...wish }, sink) =>
      parts.stream.openFeed(
        { ...wish, address: incoming === undefined ? 'unknown' : addressOf(incoming) },
        sink,
      ),
  })
  return listen(app, config.http)
}

/** No new clients, tell the connected ones, leave the broker with a DISCONNECT, close what is left. */
async function stop(
  clock: Clock,
  parts: Parts,
  http: HttpServer,
  venue: TcpListener | undefined,
  unguard: () => void,
): Promise<void> {
  const { gateway, stream, upstream, offline } = parts
  const closed = venue?.close()
  unguard()
  // A DISCONNECT makes the broker forget the will, so the same is said in person.
  upstream.publish(offline, () => undefined)
  gateway.close()
  stream.close()
  const drained = new Promise<void>((resolve) => {
    const until = clock.now() + drainMs
    const look = (): void => {
      if (gateway.connectionCount + stream.connectionCount === 0 || clock.now() >= until) resolve()
      else clock.setTimer(20, look)
    }
    look()
  })
  await Promise.all([drained, upstream.stop()])
  await parts.journalFile?.stop(journalFlushMs)
  gateway.destroy()
  stream.destroy()
  await Promise.all([closed, http.close()])
}

/** Tells this process from others of the same name. */
function randomId(random: () => number): string {
  return Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0')
}
