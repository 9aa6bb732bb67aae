import { median, over, short, type Results } from './report.ts'
import { trips } from './round-trip.ts'

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
  return [...fanOutBars(results), ...delayBars(results), ...otherBars(results)]
}

function fanOutBars(results: Results): readonly Bar[] {
  const rate = (server: 'bridge' | 'mosquitto' | 'limitCoalesced') =>
    results.fanOutMedian(server, 500, 'flood', (run) => run.deliveriesPerSecond)
  const burst = (server: 'bridge' | 'mosquitto') =>
    results.fanOutMedian(server, 500, 'burst', (run) => run.cpuMicros)
  const single = (server: 'bridge' | 'mosquitto' | 'limit') =>
    results.fanOutMedian(server, 2_000, 'single', (run) => run.cpuMicros)
  const flood = 'Flood, 500 subscribers: deliveries/s'
  const cpu = 'Single messages, 2,000 subscribers: server CPU per delivery'
  return [
    {
      measure: flood,
      bar: '≥ 8 × Mosquitto',
      value: over(rate('bridge'), rate('mosquitto')),
      unit: '×',
      holds: atLeast(8),
    },
    {
      measure: flood,
      bar: '≥ 0.6 × limit, coalesced',
      value: over(rate('bridge'), rate('limitCoalesced')),
      unit: '×',
      holds: atLeast(0.6),
    },
    {
      measure: 'Bursts of 4, 500 subscribers: server CPU per delivery',
      bar: '≤ 0.5 × Mosquitto',
      value: over(burst('bridge'), burst('mosquitto')),
      unit: '×',
      holds: atMost(0.5),
    },
    {
      measure: cpu,
      bar: '≤ 0.7 × Mosquitto',
      value: over(single('bridge'), single('mosquitto')),
      unit: '×',
      holds: atMost(0.7),
    },
    {
      measure: cpu,
      bar: '≤ 1.2 × limit',
      value: over(single('bridge'), single('limit')),
      unit: '×',
      holds: atMost(1.2),
    },
  ]
}

function delayBars(results: Results): readonly Bar[] {
  const p50 = (server: 'bridge' | 'limit') =>
    results.fanOutMedian(server, 2_000, 'single', (run) => run.p50Ms)
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
      value: over(p50('bridge'), p50('limit')),
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
    ...trips.map((trip) => ({
      measure: `Press to echo, ${trip}: more than at the broker itself, median`,
      bar: '≤ 5 ms',
      value: results.tripMedian(trip, (found) => found.throughBridgeMs - found.atBrokerMs),
      unit: 'ms',
      holds: atMost(5),
    })),
    idle,
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
