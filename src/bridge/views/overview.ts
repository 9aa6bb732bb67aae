import type { HttpViews } from '../../http/views.ts'
import { statusPicture } from '../../http/status/blocks.ts'
import type { Hub } from '../../hub/hub.ts'
import type { LightCheck } from '../../hub/press/light-check.ts'
import type { Platforms } from '../../hub/field/platforms.ts'
import { bridgeOf, passOf } from '../../hub/people/permissions.ts'
import type { ClientPresence, PressedSeat } from '../../hub/people/presence.ts'
import type { ForeignClaim } from '../../hub/people/shared-seats.ts'
import { deviceId } from '../../hub/people/device-id.ts'
import { percentile, type SeatStatistics, type SeatStatisticsBook } from '../../hub/press/seat-statistics.ts'
import type {
  DeviceOverview,
  Overview,
  PlatformOverview,
  SeatOverview,
} from '../../protocol/contract/console-api.ts'
import { deviceName, shortName } from '../../protocol/contract/device-name.ts'
import type { ToldDevice } from '../../protocol/contract/hall-news.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Language } from '../../texts/languages.ts'
import { statusTexts } from '../../texts/status-texts.ts'
import { seatKey, seatsOf } from '../../protocol/contract/seat.ts'
import { defined } from '../../protocol/defined.ts'

/** What the organiser's overview is made from. */
export interface OverviewSources {
  readonly hub: Hub
  readonly platforms: Platforms
  readonly lightCheck: LightCheck
  readonly statistics: SeatStatisticsBook
  readonly views: HttpViews
  readonly now: () => number
}

/** Milliseconds after which a client that has subscribed to nothing will hardly do so. */
const settledMs = 5_000

/** Everything the console shows beside the platforms' states (console-api.ts). For the organiser only; blocks in their language. */
export function overviewOf(sources: OverviewSources, language: Language): Overview {
  const { hub, platforms, views, now } = sources
  const clients = hub.presence.clients(now())
  const standing = standingOf(sources)
  const names = new Set<Platform>([...platforms.names, ...hub.seats.view().map(({ platform }) => platform)])
  const shown = [...names].map((platform) => platformOf(sources, platform, clients, standing))
  const seated = new Set(
    shown.flatMap(({ seats }) => seats.flatMap(({ devices }) => devices.map(({ id }) => id))),
  )
  return {
    at: now(),
    name: views.name,
    version: views.version,
    startedAt: views.wallTime(views.startedAt),
    blocks: statusPicture(views, statusTexts[language]).blocks,
    platforms: shown,
    others: clients.filter(({ id }) => !seated.has(id)).map((client) => deviceOf(client, standing)),
    counters: views.counters(),
  }
}

/** What the list of clients alone doesn't tell; all by their ids. */
interface Standing {
  /** Devices that wait for the organiser's word. */
  readonly waiting: ReadonlySet<string>
  readonly asking: ReadonlySet<string>
  readonly listening: ReadonlySet<string>
  readonly now: number
}

function standingOf({ hub, now }: Pick<OverviewSources, 'hub' | 'now'>): Standing {
  const asking = hub.seats.view().flatMap(({ devices }) => devices.filter(({ asks }) => asks))
  return {
    waiting: new Set(asking.filter(({ state }) => state === 'waiting').map(({ id }) => id)),
    asking: new Set(asking.map(({ id }) => id)),
    listening: new Set(hub.listening().map(deviceId)),
    now: now(),
  }
}

function platformOf(
  { hub, platforms, lightCheck, statistics }: OverviewSources,
  platform: Platform,
  clients: readonly ClientPresence[],
  standing: Standing,
): PlatformOverview {
  const bySeat = new Map<string, DeviceOverview[]>()
  const put = (seat: string, device: DeviceOverview): void => {
    const devices = bySeat.get(seat)
    if (devices === undefined) bySeat.set(seat, [device])
    else devices.push(device)
  }
  for (const client of clients) {
    for (const at of seatsOfClient(client))
      if (at.platform === platform) put(at.seat, deviceOf(client, standing))
  }
  for (const direct of hub.presence.directDevices()) {
    if (direct.platform === platform) put(direct.seat, directOf(direct.seat, platform, direct.lastAt))
  }
  const elsewhere = hub.others.elsewhere.devices().filter((device) => device.platform === platform)
  const claims = hub.others.seats.foreign().filter((claim) => claim.platform === platform)
  for (const { seat, device } of elsewhere) {
    const claim = claims.find((one) => one.seat === seat && one.id === device.id)
    put(seat, claim === undefined ? device : { ...device, waiting: waits(claim) })
  }
  for (const claim of claims) {
    const isTold = elsewhere.some(({ seat, device }) => seat === claim.seat && device.id === claim.id)
    if (!isTold) put(claim.seat, elsewhereOf(claim, standing.now))
  }
  const figures = new Map(statistics.of(platform).map((each) => [each.seat, each]))
  const jurySize = platforms.config?.jurySize ?? 5
  const order = seatsOf(platform, Math.max(jurySize, 5)).map(seatKey)
  const known = new Set([...bySeat.keys(), ...figures.keys()])
  const sorted = [
    ...order.filter((seat) => known.has(seat)),
    ...[...known].filter((seat) => !order.includes(seat)),
  ]
  const check = lightCheck.overview(platform)
  return {
    name: platform,
    seats: sorted.map((seat) => seatOf(seat, bySeat.get(seat) ?? [], figures.get(seat))),
    ...defined({ lightCheck: check }),
  }
}

/** Who has a seat's link sits there; of a device its presses tell. A bridge below tells itself of its devices. */
function seatsOfClient({ principal, pressedSeats }: ClientPresence): readonly PressedSeat[] {
  if (principal.kind === 'seat') return [{ platform: principal.platform, seat: seatKey(principal) }]
  return bridgeOf(principal) === undefined ? pressedSeats : []
}

/** All devices that sit or have pressed somewhere, for the other bridges. */
export function seatDevices(sources: Pick<OverviewSources, 'hub' | 'now'>): readonly ToldDevice[] {
  const standing = standingOf(sources)
  return sources.hub.presence.clients(standing.now).flatMap((client) =>
    seatsOfClient(client).map((at) => {
      const device = deviceOf(client, standing)
      return { ...at, device: { ...device, name: shortName(device.name) } }
    }),
  )
}

function seatOf(
  seat: string,
  devices: readonly DeviceOverview[],
  figures: SeatStatistics | undefined,
): SeatOverview {
  const recentMs = figures?.echoDelaysMs ?? []
  const p50Ms = percentile(recentMs, 0.5)
  const p95Ms = percentile(recentMs, 0.95)
  return {
    seat,
    devices,
    outcomes: figures?.outcomes ?? {},
    ...(p50Ms === undefined || p95Ms === undefined ? {} : { delay: { p50Ms, p95Ms, recentMs } }),
  }
}

function deviceOf(client: ClientPresence, standing: Standing): DeviceOverview {
  const { id, clientId, kind, transport, connected, since, lastPressAt } = client
  const { presses, dropped, held, flapping, duplicate } = client
  const tokenId = passOf(client.principal)?.tokenId
  const from = addressEnd(client.address)
  const isHere = connected && standing.now - since >= settledMs
  return {
    id,
    name: deviceName(clientId),
    kind,
    connected,
    since,
    presses,
    dropped,
    held,
    flapping,
    duplicate,
    way: transport === 'stream' ? 'phone' : transport,
    waiting: standing.waiting.has(id),
    asks: standing.asking.has(id),
    deaf: isHere && transport !== 'stream' && !standing.listening.has(id),
    ...defined({ from, tokenId, lastPressAt }),
  }
}

/** `1.23` of 192.168.1.23: enough to tell two boxes of one hall apart. */
function addressEnd(address: string): string | undefined {
  return /[0-9]{1,3}\.[0-9]{1,3}$/.exec(address)?.[0] ?? /[0-9a-f]{1,4}$/i.exec(address)?.[0]
}

/** Of a device that isn't at this bridge, as long as nobody tells more. */
const nothingTold = {
  kind: 'unknown',
  connected: true,
  deaf: false,
  presses: 0,
  dropped: 0,
  held: 0,
  flapping: false,
  duplicate: false,
} satisfies Partial<DeviceOverview>

/** Only its presses are seen, so nobody can tell whether it is still there. */
function directOf(seat: string, platform: Platform, lastAt: number): DeviceOverview {
  return {
    id: `broker ${seat} ${platform}`,
    name: '',
    ...nothingTold,
    way: 'broker',
    since: lastAt,
    lastPressAt: lastAt,
    waiting: false,
    asks: false,
  }
}

/** Its bridge hasn't told more of it yet, or never does. */
function elsewhereOf({ id, label, held, asks, bridge }: ForeignClaim, now: number): DeviceOverview {
  return {
    id,
    name: label,
    ...nothingTold,
    way: 'bridge',
    bridge,
    since: now,
    waiting: waits({ held, asks }),
    asks,
  }
}

function waits({ held, asks }: Pick<ForeignClaim, 'held' | 'asks'>): boolean {
  return asks && !held
}
