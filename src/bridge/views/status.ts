import type { BridgeDependencies } from '../dependencies.ts'
import type { Parts } from '../parts.ts'
import type { Config } from '../../config/config.ts'
import type { HttpViews, LinkView, OwlcmsView, PlatformView } from '../../http/views.ts'
import type { Hub } from '../../hub/hub.ts'
import { parseTopic } from '../../protocol/topic.ts'
import { defined } from '../../protocol/defined.ts'

type Sources = Pick<
  Parts,
  'upstream' | 'replay' | 'hub' | 'gateway' | 'stream' | 'journal' | 'journalFile' | 'clockWatch'
> & {
  readonly config: Config
  readonly dependencies: BridgeDependencies
}

/** The read-only views of the HTTP side: what the parts know, without hosts, client IDs or addresses. */
export function bridgeViews(parts: Sources): HttpViews {
  const { clock, version } = parts.dependencies
  return {
    name: parts.config.name,
    version,
    startedAt: clock.now(),
    now: () => clock.now(),
    wallTime: (moment) => clock.wallTime(moment),
    link: () => linkView(parts),
    owlcms: () => owlcmsView(parts),
    platforms: () => platformViews(parts),
    otherBridges: () => {
      const { company, seats } = parts.hub.others
      const unheard = seats.isUnheard
      return company.told().map((bridge) => ({ ...bridge, unheard }))
    },
    clockChange: () => parts.clockWatch.latest,
    journalFile: () => parts.journalFile?.status,
    counters: () => counters(parts),
  }
}

function linkView({ upstream, replay, config }: Sources): LinkView {
  const forgets = replay.replays === false && config.journal.directory === undefined
  return { ...upstream.status(), losses: upstream.counters().losses, ...(forgets && { forgets }) }
}

function owlcmsView({ hub, upstream }: Sources): OwlcmsView {
  const { presence, lastHeardAt } = hub.watch
  const config = presence.kind === 'unknown' ? undefined : presence.config
  return {
    kind: upstream.ready ? presence.kind : 'unreachable',
    since: presence.since,
    platforms: config?.platforms ?? [],
    ...defined({ version: config?.version, jurySize: config?.jurySize, lastHeardAt }),
    ...(config?.platforms.some((platform) => owlcmsLines(hub, platform) > 1) === true && { twice: true }),
  }
}

/** How many connections of owlcms take a platform's presses, where this bridge is its broker. */
function owlcmsLines(hub: Hub, platform: string): number {
  const topic = parseTopic(`owlcms/refbox/decision/${platform}`)
  return topic.ok ? hub.owlcmsAt(topic.value).length : 0
}

function platformViews({ hub, upstream }: Sources): readonly PlatformView[] {
  const link = upstream.status()
  const isOwn = link.kind === 'connected' && link.own === true
  const traffic = new Map(hub.watch.platforms().map((platform) => [platform.platform as string, platform]))
  // A press on a platform that owlcms doesn't have shows too: it is lost, and somebody should see it.
  const names = new Set([...traffic.keys(), ...hub.presses.keys()])
  return [...names].toSorted().map((name) => {
    const heard = traffic.get(name)
    const press = hub.presses.get(name)
    const state =
      !upstream.ready || heard?.silent === true
        ? 'offline'
        : heard?.deafUntil !== undefined
          ? 'starting'
          : isOwn && owlcmsLines(hub, name) === 0
            ? 'offline'
            : heard?.lastHeardAt === undefined
              ? 'quiet'
              : 'ready'
    return {
      name,
      state,
      droppedPresses: press?.dropped ?? 0,
      ...defined({ lastHeardAt: heard?.lastHeardAt, lastPressAt: press?.lastPressAt }),
    }
  })
}

function counters({
  dependencies,
  hub,
  gateway,
  stream,
  upstream,
  journal,
  journalFile,
}: Sources): Readonly<Record<string, number>> {
  const { ignoredRetained, ignoredInvalid } = upstream.counters()
  const here = hub.presence.clients(dependencies.clock.now()).filter(({ connected }) => connected)
  return {
    clients: gateway.connectionCount,
    streamListeners: stream.connectionCount,
    clientsFlapping: here.filter(({ flapping }) => flapping).length,
    clientsWithDoubledId: here.filter(({ duplicate }) => duplicate).length,
    devicesAtBroker: hub.presence.directDevices().length,
    sessions: hub.sessionCount,
    subscriptions: hub.subscriptionCount,
    ...hub.counters,
    ...gateway.counters,
    ignoredRetained,
    ignoredInvalid,
    journalRecords: journal.recordCount,
    journalLinesLost: journalFile?.status.linesLost ?? 0,
  }
}
