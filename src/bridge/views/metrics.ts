import type { BridgeDependencies } from '../dependencies.ts'
import type { Parts } from '../parts.ts'
import type { Config } from '../../config/config.ts'
import { listen, type HttpServer } from '../../http/door/listen.ts'
import { createMetricsApp } from '../../http/metrics.ts'
import { topicClasses, trafficDirections } from '../../hub/routing/traffic.ts'
import type { DeviceKind } from '../../hub/people/presence.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { Exposition, Metrics } from '../../metrics/metrics.ts'
import type { MetricsSources } from '../../metrics/sources.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import { defined } from '../../protocol/defined.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { errorText } from '../../support/errors.ts'
import type { Logger } from '../../support/logger.ts'

/** Milliseconds after the start: loading the Prometheus client must not delay the first answer to a platform's check. */
const loadAfterMs = 1_000

/** Presses remembered until it is loaded; a hall makes a handful in that second (R7). */
const maxEarlyPresses = 1_000

/** The metrics of a running bridge, loaded a moment after the start or with the first question. */
export class BridgeMetrics {
  readonly #sources: MetricsSources
  readonly #early: PressReport[] = []
  #cancelLoad: CancelTimer | undefined
  #loading: Promise<Metrics> | undefined
  #metrics: Metrics | undefined

  constructor(sources: MetricsSources) {
    this.#sources = sources
  }

  /** Loads in a moment. */
  start(clock: Clock, log: Logger): void {
    this.#cancelLoad = clock.setTimer(loadAfterMs, () => {
      this.#load().catch((error: unknown) => log.error({ err: errorText(error) }, 'no metrics'))
    })
  }

  /** Nothing is loaded any more that nobody asks for. */
  stopListening(): void {
    this.#cancelLoad?.()
  }

  /** Resolves when nothing of it is on its way. */
  async close(): Promise<void> {
    await this.#loading?.catch(() => undefined)
  }

  /** A press ended; to be called once for each. */
  pressEnded(report: PressReport): void {
    if (this.#metrics !== undefined) this.#metrics.pressEnded(report)
    else if (this.#early.length < maxEarlyPresses) this.#early.push(report)
  }

  /** All numbers as they are now, as text. */
  async expose(): Promise<Exposition> {
    return (await this.#load()).expose()
  }

  #load(): Promise<Metrics> {
    this.#loading ??= import('../../metrics/metrics.ts').then(({ createMetrics }) => {
      const metrics = createMetrics(this.#sources)
      this.#metrics = metrics
      for (const report of this.#early.splice(0)) metrics.pressEnded(report)
      return metrics
    })
    return this.#loading
  }
}

/** Nothing is loaded or counted where nobody may read it. */
export function bridgeMetrics(
  { metrics }: Config,
  dependencies: Pick<BridgeDependencies, 'clock' | 'version' | 'usage'>,
  parts: MeasuredParts,
): BridgeMetrics | undefined {
  if (metrics.access.kind === 'off' && metrics.port === undefined) return undefined
  return new BridgeMetrics(metricsSources(parts, dependencies))
}

/** A port for the metrics alone, which only the platform's private network reaches (fly.toml, `[metrics]`). */
export async function serveMetrics(
  { metrics: { port }, http: { host } }: Config,
  log: Logger,
  metrics: BridgeMetrics | undefined,
): Promise<HttpServer | undefined> {
  if (port === undefined || metrics === undefined) return undefined
  const app = createMetricsApp(
    () => metrics.expose(),
    (error) => log.error({ err: errorText(error) }, 'surprise in the metrics'),
  )
  const server = await listen(app, { host, port })
  log.info({ metricsPort: server.port }, 'listening for the collector of metrics')
  return server
}

type MeasuredParts = Pick<Parts, 'hub' | 'platforms' | 'gateway' | 'stream'> & {
  readonly upstream: Pick<Upstream, 'ready' | 'status' | 'counters'>
}

/** What the metrics are read from: totals and sizes, and no word from outside. */
export function metricsSources(
  parts: MeasuredParts,
  { clock, version, usage }: Pick<BridgeDependencies, 'clock' | 'version' | 'usage'>,
): MetricsSources {
  const { upstream, hub, platforms, gateway, stream } = parts
  return {
    version,
    usage,
    upstream: () => {
      const status = upstream.status()
      const roundTripMs = status.kind === 'connected' ? status.roundTripMs : undefined
      return {
        connected: upstream.ready,
        reconnects: upstream.counters().reconnects,
        ...defined({ roundTripMs }),
      }
    },
    owlcms: () => {
      const { presence, roundTripMs } = hub.watch
      return {
        answering: upstream.ready && presence.kind === 'answering',
        platforms: platforms.names.length,
        ...defined({ roundTripMs }),
      }
    },
    clients: () =>
      hub.presence
        .clients(clock.now())
        .filter(({ connected }) => connected)
        .map(({ kind, principal }) => ({ kind: kindWords[kind], role: roleOf(principal) })),
    edges: () => [
      {
        edge: 'mqtt',
        connections: gateway.connectionCount,
        waitingBytes: gateway.waitingBytes(),
        slowDisconnects: hub.counters.slowClients,
      },
      {
        edge: 'stream',
        connections: stream.connectionCount,
        waitingBytes: stream.waitingBytes(),
        slowDisconnects: stream.counters.streamSlow,
      },
    ],
    messages: () =>
      trafficDirections.flatMap((direction) =>
        topicClasses.map((topicClass) => ({
          labels: { direction: snakeCase(direction), topic_class: snakeCase(topicClass) },
          total: hub.traffic.total(direction, topicClass),
        })),
      ),
    refusals: () => refusals(parts),
  }
}

function refusals({ hub }: Pick<Parts, 'hub'>) {
  const { droppedOffline, lost, droppedDeaf, droppedRedelivered, heldBack, refused, tooFast } = hub.counters
  const totals = {
    offline: droppedOffline,
    lost,
    deaf: droppedDeaf,
    redelivered: droppedRedelivered,
    held: heldBack,
    denied: refused,
    too_fast: tooFast,
    too_late: hub.counters.tooLate,
  }
  return Object.entries(totals).map(([reason, total]) => ({ labels: { reason }, total }))
}

const kindWords: Readonly<Record<DeviceKind, string>> = {
  'ESP32 or M5Stack box': 'esp32_m5stack',
  'Blue Owl': 'blue_owl',
  Firmata: 'firmata',
  'Zephyr box': 'zephyr',
  replays: 'replays',
  owlcms: 'owlcms',
  unknown: 'unknown',
}

const roleOf = (principal: Principal): string =>
  snakeCase(principal.kind === 'seat' ? principal.role : principal.kind)

const snakeCase = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
