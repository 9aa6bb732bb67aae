import type { DeployedMemory } from './deployed-memory.ts'
import type { Run, Scenario } from './fan-out.ts'
import { scenarios } from './fan-out.ts'
import type { HallRun } from './hall.ts'
import type { IdleMemory } from './idle-memory.ts'
import { logPlot, type Series } from './plot.ts'
import type { DeviceName, RoundTrips, Way } from './round-trip.ts'
import type { StartUps } from './start-up.ts'
import { serverLabels, serverNames, type ServerName } from './servers.ts'
import type { Smallest } from './smallest-machine.ts'
import { streamLabels, streamLoads, type StreamLoad, type StreamRun } from './stream.ts'

interface FanOutEntry {
  readonly server: ServerName
  readonly size: number
  readonly scenario: Scenario
  readonly repetition: number
  readonly run: Run
}

/** The ratios of the repetitions. */
export interface Ratios {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Everything a run of the bench has measured, all repetitions. */
export class Results {
  readonly fanOut: FanOutEntry[] = []
  readonly idle: { server: ServerName; clients: number; memory: IdleMemory }[] = []
  readonly roundTrips: RoundTrips[] = []
  readonly starts: { liveMs: number; readyMs: number }[] = []
  readonly streams: StreamRun[] = []
  readonly startUps: StartUps[] = []
  readonly deployed: DeployedMemory[] = []
  readonly smallest: Smallest[] = []
  /** Milliseconds of processor time a second with 100 silent clients. */
  readonly quiet: { readonly server: ServerName; readonly cpuMs: number }[] = []
  readonly stadium: HallRun[] = []
  /** On one broker. */
  readonly bridges: HallRun[] = []
  /** Milliseconds of processor time. */
  readonly guesses: number[] = []
  readonly missing: string[] = []

  runsOf(server: ServerName, size: number, scenario: Scenario): readonly Run[] {
    return this.fanOut
      .filter((entry) => entry.server === server && entry.size === size && entry.scenario === scenario)
      .map(({ run }) => run)
  }

  /** The median over the repetitions; undefined when it was not measured. */
  fanOutMedian(
    server: ServerName,
    size: number,
    scenario: Scenario,
    value: (run: Run) => number,
  ): number | undefined {
    return median(this.runsOf(server, size, scenario).map(value))
  }

  /** One server to another in the same repetition, where they took turns. */
  ratios(
    [own, other]: readonly [ServerName, ServerName],
    size: number,
    scenario: Scenario,
    value: (run: Run) => number,
  ): Ratios | undefined {
    const of = (server: ServerName) =>
      this.fanOut.filter((at) => at.server === server && at.size === size && at.scenario === scenario)
    const ratios = of(own).flatMap(({ repetition, run }) => {
      const pair = of(other).find((entry) => entry.repetition === repetition)
      return pair === undefined ? [] : [value(run) / value(pair.run)]
    })
    const middle = median(ratios)
    if (middle === undefined) return undefined
    return { median: middle, least: Math.min(...ratios), most: Math.max(...ratios) }
  }

  streamMedian(load: StreamLoad, value: (run: StreamRun) => number): number | undefined {
    return median(this.streams.filter((run) => run.load === load).map(value))
  }

  trip(way: Way, device: DeviceName): RoundTrips | undefined {
    return this.roundTrips.find((found) => found.way === way && found.device === device)
  }

  idleMedian(server: ServerName, clients: number, value: (memory: IdleMemory) => number): number | undefined {
    const entries = this.idle.filter((entry) => entry.server === server && entry.clients === clients)
    return median(entries.map(({ memory }) => value(memory)))
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : mean(sorted[middle - 1], sorted[middle])
}

export function over(own: number | undefined, other: number | undefined): number | undefined {
  return own === undefined || other === undefined ? undefined : own / other
}

const mean = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : (a + b) / 2

/** Markdown of all that was measured. */
export function resultTables(results: Results): string {
  return [
    '## Fan-out',
    '',
    ...scenarios.flatMap((scenario) => fanOutTable(results, scenario)),
    ...quietTable(results),
    ...streamTable(results),
    ...hallTables(results),
    '## Memory of an idle client',
    '',
    ...idleTable(results),
    '## Press to echo',
    '',
    ...tripTable(results),
    '## Start',
    '',
    ...otherTable(results),
  ].join('\n')
}

const scenarioTitles: Readonly<Record<Scenario, string>> = {
  single: 'Single messages, 20/s',
  burst: 'Bursts of 4, 20 messages/s',
  flood: 'Flood: closed loop, 32 messages in flight',
  overload: 'Overload: 400 messages/s',
}

function fanOutTable(results: Results, scenario: Scenario): string[] {
  const rows = sizesOf(results, scenario).flatMap((size) =>
    serverNames
      .filter((server) => results.runsOf(server, size, scenario).length > 0)
      .map((server) => fanOutRow(results, scenario, size, server)),
  )
  if (rows.length === 0) return []
  return [
    `### ${scenarioTitles[scenario]}`,
    '',
    '| Subscribers | Server | Deliveries/s | CPU µs/delivery (least–most) | p50 ms | p99 ms | Lost or > 8 s late | Load busy | Bridge: deliveries | Bridge: CPU |',
    '|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ]
}

function fanOutRow(results: Results, scenario: Scenario, size: number, server: ServerName): string {
  const runs = results.runsOf(server, size, scenario)
  const of = (value: (run: Run) => number) => results.fanOutMedian(server, size, scenario, value)
  const bridge = (value: (run: Run) => number) => results.ratios(['bridge', server], size, scenario, value)
  const cpu = runs.map((run) => run.cpuMicros)
  const cells = [
    size,
    serverLabels[server],
    whole(of((run) => run.deliveriesPerSecond)),
    `${short(of((run) => run.cpuMicros))} (${short(Math.min(...cpu))}–${short(Math.max(...cpu))})`,
    short(of((run) => run.p50Ms)),
    short(of((run) => run.p99Ms)),
    `${runs.reduce((sum, run) => sum + run.lost, 0)}${disorderNote(runs)}`,
    `${whole((of((run) => run.loadBusy) ?? NaN) * 100)} %`,
    spread(bridge((run) => run.deliveriesPerSecond)),
    spread(bridge((run) => run.cpuMicros)),
  ]
  return `| ${cells.join(' | ')} |`
}

function disorderNote(runs: readonly Run[]): string {
  const disorder = runs.reduce((sum, run) => sum + run.disorder, 0)
  return disorder === 0 ? '' : ` (${disorder} out of order)`
}

/** Messages from the broker, per second of CPU time of all threads. */
function streamTable(results: Results): string[] {
  if (results.streams.length === 0) return []
  return [
    '## Meaning: reducer and stream encoding',
    '',
    'Lifts of two platforms, presses included; messages from the broker per second of CPU time, all threads counted, so',
    'that other work on the machine changes little. No sockets.',
    '',
    '| Audiences | Messages per CPU second (least–most) | Bytes encoded per message | Processor got |',
    '|---|--:|--:|--:|',
    ...streamLoads.map((load) => {
      const of = (value: (run: StreamRun) => number) => results.streamMedian(load, value)
      const rates = results.streams.filter((run) => run.load === load).map((run) => run.messagesPerSecond)
      const cells = [
        streamLabels[load],
        `${whole(of((run) => run.messagesPerSecond))} (${whole(Math.min(...rates))}–${whole(Math.max(...rates))})`,
        whole(of((run) => run.bytesPerMessage)),
        `${whole((of((run) => run.share) ?? NaN) * 100)} %`,
      ]
      return `| ${cells.join(' | ')} |`
    }),
    '',
  ]
}

/** How a stadium grows; undefined where fewer than two sizes were measured. */
export function stadiumPlot({ stadium }: Results): string | undefined {
  const sizes = [...new Set(stadium.map(({ viewers }) => viewers))].toSorted((a, b) => a - b)
  if (sizes.length < 2) return undefined
  const line = (name: string, colour: string, value: (run: HallRun) => number): Series => ({
    ...{ name, colour },
    points: sizes.map((size) => {
      return [size, median(stadium.filter(({ viewers }) => viewers === size).map(value)) ?? NaN]
    }),
  })
  return logPlot('A stadium: how it grows', { x: 'viewers', y: 'ms; CPU in ms a second' }, [
    line('event, p99', '#b00', (run) => run.eventP99Ms),
    line('event, p50', '#e80', (run) => run.eventP50Ms),
    line('press to echo, p99', '#06c', (run) => run.pressP99Ms),
    line('CPU', '#484', (run) => run.cpuMs),
  ])
}

/** Medians over the repetitions. */
function hallTables({ smallest, stadium, bridges }: Results): string[] {
  const smallestRows = smallest.length === 0 ? [] : [hallCells('1/16 processor, 256 MB', smallest)]
  const sizes = [...new Set(stadium.map(({ viewers }) => viewers))]
  const stadiumRows = sizes.map((viewers) =>
    hallCells(
      'one processor',
      stadium.filter((run) => run.viewers === viewers),
    ),
  )
  const bridgeRows = bridges.map((run) => hallCells(bridgesOf(run), [run]))
  if (smallestRows.length + stadiumRows.length + bridgeRows.length === 0) return []
  return [
    '## A hall that lifts, and a stadium that looks on',
    '',
    'A session that the real owlcms held, on two platforms in its own time; 20 officials press on others in turn; viewers half on',
    'each platform, nine of ten on `/ws`, one on `/events`. Event: from owlcms to each viewer. Press: from an official to owlcms’s echo at the same one.',
    'Back: until all are in again after all lines broke at once. The stadium is drawn in [stadium.svg](stadium.svg).',
    '',
    '| Machine | Viewers | Event p50, ms | Event p99, ms | Missing | Press p50, ms | Press p99, ms | Lost | CPU ms/s | MiB | KiB/viewer | Back, ms |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...smallestRows,
    ...stadiumRows,
    ...bridgeRows,
    '',
  ]
}

const bridgesOf = ({ bridges }: HallRun): string =>
  bridges === 1 ? 'one bridge, Mosquitto' : `${bridges} bridges on one Mosquitto`

function hallCells(machine: string, runs: readonly HallRun[]): string {
  const of = (value: (run: HallRun) => number) => median(runs.map(value))
  const cells = [
    machine,
    whole(of((run) => run.viewers)),
    short(of((run) => run.eventP50Ms)),
    short(of((run) => run.eventP99Ms)),
    runs.reduce((sum, run) => sum + run.missing, 0),
    short(of((run) => run.pressP50Ms)),
    short(of((run) => run.pressP99Ms)),
    runs.reduce((sum, run) => sum + run.pressesLost, 0),
    short(of((run) => run.cpuMs)),
    short((of((run) => run.residentBytes) ?? NaN) / 2 ** 20),
    kilobytes(of((run) => run.bytesPerViewer)),
    whole(of((run) => run.backMs)),
  ]
  return `| ${cells.join(' | ')} |`
}

function quietTable({ quiet }: Results): string[] {
  if (quiet.length === 0) return []
  const rows = serverNames.flatMap((name) => {
    const of = quiet.filter(({ server }) => server === name).map(({ cpuMs }) => cpuMs)
    return of.length === 0 ? [] : [`| ${serverLabels[name]} | ${short(median(of))} |`]
  })
  return ['### 100 silent clients', '', '| Server | CPU ms/s |', '|---|--:|', ...rows, '']
}

function idleTable(results: Results): string[] {
  const rows = [...new Set(results.idle.map(({ clients }) => clients))].flatMap((clients) =>
    serverNames
      .filter(
        (server) => results.idleMedian(server, clients, ({ bytesPerClient }) => bytesPerClient) !== undefined,
      )
      .map((server) => {
        const of = (value: (memory: IdleMemory) => number) => results.idleMedian(server, clients, value)
        const cells = [
          whole(clients),
          serverLabels[server],
          kilobytes(of((memory) => memory.bytesPerClient)),
          kilobytes(of((memory) => memory.collectedBytesPerClient)),
          short((of((memory) => memory.totalBytes) ?? NaN) / 2 ** 20),
        ]
        return `| ${cells.join(' | ')} |`
      }),
  )
  return [
    '| Clients | Server | KiB/client | KiB/client after garbage collection | MiB in all |',
    '|--:|---|--:|--:|--:|',
    ...rows,
    '',
  ]
}

/** Stock brokers, all lanes in turn. */
function tripTable(results: Results): string[] {
  const both = ({ p50, p99 }: RoundTrips['through']): string => `${short(p50)} | ${short(p99)}`
  const rows = results.roundTrips.map(({ way, device, through, same, quickest, lost }) => {
    const more = `${short(through.p50 - same.p50)} | ${short(through.p50 - quickest.p50)}`
    return `| ${brokerLabels[way]} | ${device} | ${both(through)} | ${both(same)} | ${both(quickest)} | ${more} | ${lost} |`
  })
  return [
    'Milliseconds. At the broker itself: the device as clubs have it, with one connection (most send at QoS 0, Firmata at QoS 1); and the',
    'quickest there can be, which hears on a connection of its own. `mqtt` is plain TCP, `/mqtt` and `/ws` are the bridge’s WebSockets.',
    'Beside the bridge that is the broker runs a stock Mosquitto on the same processor.',
    '',
    '| Broker | Device | Bridge p50 | p99 | Club’s device at the broker p50 | p99 | Quickest at the broker p50 | p99 | More than the club’s | More than the quickest | Lost |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ]
}

export const brokerLabels: Readonly<Record<Way, string>> = {
  bridge: 'Mosquitto',
  hivemq: 'HiveMQ CE',
  own: 'the bridge',
}

function otherTable(results: Results): string[] {
  const { starts, startUps, deployed } = results
  const megabytes = (bytes: number | undefined) => short(bytes === undefined ? undefined : bytes / 1e6)
  return [
    '| Measure | Median |',
    '|---|--:|',
    `| Start to /livez | ${whole(median(starts.map((start) => start.liveMs)))} ms |`,
    `| Start to /livez, wall (processor time): bridge | ${whole(median(startUps.map(({ bridge }) => bridge.liveMs)))} ms (${whole(median(startUps.map(({ bridge }) => bridge.cpuMs)))} ms) |`,
    `| Start to the first page (/status), wall: bridge | ${whole(median(startUps.map(({ bridge }) => bridge.pageMs)))} ms |`,
    `| Start to an answer: bare Node web server | ${whole(median(startUps.map(({ bare }) => bare.liveMs)))} ms (${whole(median(startUps.map(({ bare }) => bare.cpuMs)))} ms) |`,
    `| Peak RSS as deployed, bridge with 200 MQTT clients under a flood | ${megabytes(median(deployed.map(({ bridgeBytes }) => bridgeBytes)))} MB |`,
    `| Peak RSS as deployed, whole demo with 200 viewers | ${megabytes(median(deployed.map(({ demoBytes }) => demoBytes)))} MB |`,
    `| Start to /readyz | ${whole(median(starts.map((start) => start.readyMs)))} ms |`,
    '',
  ]
}

function sizesOf(results: Results, scenario: Scenario): readonly number[] {
  const sizes = results.fanOut.filter((entry) => entry.scenario === scenario).map(({ size }) => size)
  return [...new Set(sizes)].toSorted((a, b) => a - b)
}

export const short = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value >= 1000 ? whole(value) : value.toPrecision(3)

const whole = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en')

const kilobytes = (bytes: number | undefined): string => short(bytes === undefined ? undefined : bytes / 1024)

const spread = (ratios: Ratios | undefined): string =>
  ratios === undefined ? '–' : `× ${short(ratios.median)} (${short(ratios.least)}–${short(ratios.most)})`

/**
 * An earlier report with the bars and halls that a later one measured: each row in the place of the one before it, a new one at the end
 * of its table, and among the circumstances what the later one says of its own.
 */
export function withHalls(before: string, later: string): string {
  const lines = before.split('\n')
  const [day = ''] = /^\d{4}-.*`/m.exec(later) ?? []
  const [others = ''] = /^- (other work .*)/m.exec(later)?.slice(1) ?? []
  lines.splice(
    lines.indexOf(
      '',
      lines.findIndex((line) => line.startsWith('- ')),
    ),
    0,
    `- by itself: ${day}; ${others}`,
  )
  let header = ''
  for (const row of later.split('\n')) {
    if (/^\| (Measure \| Bar|Machine \| Viewers) \|/.test(row)) header = row
    else if (!row.startsWith('|')) header = ''
    const key = /^\| [^|]+\|[^|]+\|/.exec(row)?.[0]
    if (header === '' || key === undefined || row === header || row.endsWith('not measured |')) continue
    const there = lines.findIndex((line) => line.startsWith(key))
    if (there !== -1) lines[there] = row
    else lines.splice(lines.indexOf('', lines.indexOf(header)), 0, row)
  }
  return lines.join('\n')
}
