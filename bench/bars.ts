import { brokerLabels, median, over, short, type Results } from './report.ts'
import type { Run, Scenario } from './fan-out.ts'
import type { HallRun } from './hall.ts'
import { deviceNames, ways } from './round-trip.ts'
import type { ServerName } from './servers.ts'
import type { Smallest } from './smallest-machine.ts'

/** One line of "Must reach". */
interface Bar {
  readonly measure: string
  readonly bar: string
  /** What was measured; undefined when something for it is missing. */
  readonly value: number | undefined
  readonly unit: string
  readonly holds: (value: number) => boolean
}

const atLeast = (least: number) => (value: number) => value >= least
const atMost = (most: number) => (value: number) => value <= most

function bars(results: Results): readonly Bar[] {
  return [
    ...fanOutBars(results),
    ...delayBars(results),
    ...otherBars(results),
    ...smallestBars(results),
    ...stadiumBars(results),
  ]
}

function fanOutBars(results: Results): readonly Bar[] {
  const bar = (
    measure: string,
    [size, scenario, value]: readonly [number, Scenario, (run: Run) => number],
    other: readonly [ServerName, string],
    holds: Bar['holds'],
  ): Bar => ({
    ...{ measure, bar: other[1], unit: '×', holds },
    value: results.ratios(['bridge', other[0]], size, scenario, value)?.median,
  })
  const rate = (run: Run): number => run.deliveriesPerSecond
  const cpu = (run: Run): number => run.cpuMicros
  const flood = 'Flood, 500 subscribers: deliveries/s'
  const single = (size: string) => `Single messages, ${size} subscribers: server CPU per delivery`
  return [
    bar(flood, [500, 'flood', rate], ['mosquitto', '≥ 8 × Mosquitto'], atLeast(8)),
    bar(flood, [500, 'flood', rate], ['limitCoalesced', '≥ 0.6 × limit, coalesced'], atLeast(0.6)),
    bar(
      'Bursts of 4, 500 subscribers: server CPU per delivery',
      [500, 'burst', cpu],
      ['mosquitto', '≤ 0.5 × Mosquitto'],
      atMost(0.5),
    ),
    bar(single('2,000'), [2_000, 'single', cpu], ['mosquitto', '≤ 0.7 × Mosquitto'], atMost(0.7)),
    bar(single('2,000'), [2_000, 'single', cpu], ['limit', '≤ 1.2 × limit'], atMost(1.2)),
    bar(single('100'), [100, 'single', cpu], ['mosquitto', '≤ 2 × Mosquitto'], atMost(2)),
    bar(single('100'), [100, 'single', cpu], ['limit', '≤ 1.3 × limit'], atMost(1.3)),
  ]
}

function delayBars(results: Results): readonly Bar[] {
  const lost = (size: number, scenario: 'single' | 'overload') => {
    const runs = results.runsOf('bridge', size, scenario)
    return runs.length === 0 ? undefined : runs.reduce((sum, run) => sum + run.lost, 0)
  }
  const overload = 'Overload: 400 messages/s to 500 subscribers'
  return [
    {
      measure: '2,000 subscribers at 20/s: lost',
      bar: '0',
      value: lost(2_000, 'single'),
      unit: '',
      holds: atMost(0),
    },
    {
      measure: '2,000 subscribers at 20/s: p50',
      bar: '≤ 1.3 × limit',
      value: results.ratios(['bridge', 'limit'], 2_000, 'single', (run) => run.p50Ms)?.median,
      unit: '×',
      holds: atMost(1.3),
    },
    { measure: `${overload}: lost`, bar: '0', value: lost(500, 'overload'), unit: '', holds: atMost(0) },
    {
      measure: `${overload}: p50`,
      bar: '≤ 10 ms',
      value: results.fanOutMedian('bridge', 500, 'overload', (run) => run.p50Ms),
      unit: 'ms',
      holds: atMost(10),
    },
  ]
}

function otherBars(results: Results): readonly Bar[] {
  const memory = (server: 'bridge' | 'limit', clients: number) =>
    results.idleMedian(server, clients, ({ bytesPerClient }) => bytesPerClient)
  // Judged at 10,000: among 1,000, a heap's step of some MiB, made once, outweighs the clients.
  const idle = {
    measure: 'Memory per idle client, 10,000 clients',
    bar: '≤ 1.3 × bare ws',
    value: over(memory('bridge', 10_000), memory('limit', 10_000)),
    unit: '×',
    holds: atMost(1.3),
  }
  return [
    ...deployedBars(results),
    {
      measure: 'One guess at the password behind a link: processor time',
      bar: '≥ 100 ms',
      value: median(results.guesses),
      unit: 'ms',
      holds: atLeast(100),
    },
    {
      measure: 'Reducer and stream encoding, usual audiences: messages per CPU second',
      bar: '≥ 200,000',
      value: results.streamMedian('usual', (run) => run.messagesPerSecond),
      unit: '',
      holds: atLeast(200_000),
    },
    ...tripBars(results),
    idle,
    {
      measure: '100 silent clients: processor time a second',
      bar: '≤ 1 ms',
      value: median(results.quiet.filter(({ server }) => server === 'bridge').map(({ cpuMs }) => cpuMs)),
      unit: 'ms',
      holds: atMost(1),
    },
  ]
}

/** Behind a broker, above the quickest that there can be; as the broker itself, above either device at a stock one. */
function tripBars(results: Results): readonly Bar[] {
  return ways.flatMap((way) =>
    deviceNames.flatMap((device) => {
      if (way !== 'own' && device.startsWith('mqtt')) return []
      const most = way === 'own' ? 1 : 5
      const bar = (whom: string, beside: 'same' | 'quickest'): Bar => {
        const found = results.trip(way, device)
        return {
          measure: `Press to echo, broker ${brokerLabels[way]}, ${device}: more than ${whom}, median`,
          ...{ bar: `≤ ${most} ms`, unit: 'ms', holds: atMost(most) },
          value: found === undefined ? undefined : found.through.p50 - found[beside].p50,
        }
      }
      const quickest = bar('the quickest at it', 'quickest')
      return way === 'own' ? [bar('a club’s at Mosquitto', 'same'), quickest] : [quickest]
    }),
  )
}

/** A hall on 1/16 of a processor. */
function smallestBars({ smallest }: Results): readonly Bar[] {
  const bar = (measure: string, most: number, unit: string, value: (run: Smallest) => number): Bar => ({
    measure: `1/16 processor, 256 MB, 200 viewers: ${measure}`,
    ...{ bar: `≤ ${most} ${unit}`, unit, holds: atMost(most) },
    value: median(smallest.map(value)),
  })
  return [
    bar('start to /livez', 1_500, 'ms', (run) => run.liveMs),
    bar('start to /readyz', 4_000, 'ms', (run) => run.readyMs),
    bar('processor time a second', 15, 'ms', (run) => run.cpuMs),
    bar('press to echo, p99', 60, 'ms', (run) => run.pressP99Ms),
    bar('all back after all lines broke', 10_000, 'ms', (run) => run.backMs),
  ]
}

function stadiumBars({ stadium }: Results): readonly Bar[] {
  const runs = stadium.filter(({ viewers }) => viewers === 10_000)
  const bar = (measure: string, most: number, unit: string, value: (run: HallRun) => number): Bar => ({
    measure: `Stadium of 10,000: ${measure}`,
    ...{ bar: `≤ ${most} ${unit}`, unit, holds: atMost(most) },
    value: median(runs.map(value)),
  })
  return [
    bar('event at every viewer, p99', 250, 'ms', (run) => run.eventP99Ms),
    bar('events missing', 0, '', (run) => run.missing),
    bar('press to echo, p99', 20, 'ms', (run) => run.pressP99Ms),
    bar('memory of a viewer', 24, 'KiB', (run) => run.bytesPerViewer / 1024),
    bar('memory in all', 512, 'MB', (run) => run.residentBytes / 1e6),
  ]
}

function deployedBars(results: Results): readonly Bar[] {
  const { startUps, deployed } = results
  const live = (which: 'bridge' | 'bare') => median(startUps.map((start) => start[which].liveMs))
  const megabytes = (values: readonly number[]) => {
    const bytes = median(values)
    return bytes === undefined ? undefined : bytes / 1e6
  }
  const memory = { bar: '≤ 200 MB', unit: 'MB', holds: atMost(200) }
  return [
    {
      measure: 'Start to /livez',
      bar: '≤ 2.5 × a bare Node web server',
      value: over(live('bridge'), live('bare')),
      unit: '×',
      holds: atMost(2.5),
    },
    {
      measure: 'Start to the first page',
      bar: '≤ 2 × start to /livez',
      value: median(startUps.map(({ bridge }) => bridge.pageMs / bridge.liveMs)),
      unit: '×',
      holds: atMost(2),
    },
    {
      ...memory,
      measure: 'Peak RSS with 200 MQTT clients under a flood, heap as in fly.toml',
      value: megabytes(deployed.map(({ bridgeBytes }) => bridgeBytes)),
    },
    {
      ...memory,
      measure: 'Peak RSS of the whole demo with 200 viewers, heap as in fly.toml',
      value: megabytes(deployed.map(({ demoBytes }) => demoBytes)),
    },
  ]
}

/** Markdown of the table "Must reach": what was measured, and whether it is enough. */
export function mustReach(results: Results): string {
  return [
    '## Must reach',
    '',
    '| Measure | Bar | Measured | |',
    '|---|---|--:|---|',
    ...bars(results).map(({ measure, bar, value, unit, holds }) => {
      const measured = value === undefined ? '–' : `${value === 0 ? '0' : short(value)} ${unit}`.trim()
      const verdict = value === undefined ? 'not measured' : holds(value) ? 'pass' : 'FAIL'
      return `| ${measure} | ${bar} | ${measured} | ${verdict} |`
    }),
    '',
  ].join('\n')
}
