import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import mqtt from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { metricsSources } from '../../src/bridge/views/metrics.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { pressOutcomes, type PressReport } from '../../src/protocol/contract/press-report.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { eventually } from '../support/eventually.ts'
import { publication } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import { connectDevice, startTestBridge, testUsage } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { publish, setStage } from '../rules/stage.ts'

/** One line of numbers. */
interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One metric as Prometheus reads it. */
interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y
const suffixes = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] } as const

/**
 * Reads Prometheus's text format 0.0.4 as strictly as a collector does, and a little more: HELP and TYPE come before
 * the samples, no series comes twice, and samples stand with their family. Throws at the first fault.
 */
function parseExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families: { name: string; type: Family['type']; help: string; samples: Sample[] }[] = []
  const series = new Set<string>()
  let help: { readonly name: string; readonly text: string } | undefined
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.startsWith('# HELP ')) {
      const [, name = '', words = ''] = /^# HELP (\S+) (.+)$/.exec(line) ?? []
      if (!namePattern.test(name)) throw new Error(`no name: ${line}`)
      if (families.some((family) => family.name === name)) throw new Error(`twice: ${name}`)
      help = { name, text: words }
    } else if (line.startsWith('# TYPE ')) {
      const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
      if (name === undefined || name !== help?.name) throw new Error(`no HELP before ${line}`)
      families.push({ name, type: type as Family['type'], help: help.text, samples: [] })
    } else {
      const sample = parseSample(line)
      const family = families.at(-1)
      if (family === undefined) throw new Error(`no TYPE before ${line}`)
      const ends = suffixes[family.type].map((suffix) => family.name + suffix)
      if (!ends.includes(sample.name)) throw new Error(`${sample.name} stands in ${family.name}`)
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).toSorted())}`
      if (series.has(key)) throw new Error(`twice: ${key}`)
      series.add(key)
      family.samples.push(sample)
    }
  }
  return families
}

function parseSample(line: string): Sample {
  const [, name, inner = '', number] = samplePattern.exec(line) ?? []
  if (name === undefined || number === undefined) throw new Error(`not understood: ${line}`)
  const labels: Record<string, string> = {}
  labelPattern.lastIndex = 0
  while (labelPattern.lastIndex < inner.length) {
    const [, label, value] = labelPattern.exec(inner) ?? []
    if (label === undefined || value === undefined) throw new Error(`labels not understood: ${line}`)
    if (label in labels) throw new Error(`label twice: ${line}`)
    labels[label] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
  }
  const value = number === '+Inf' ? Infinity : Number(number)
  if (Number.isNaN(value)) throw new Error(`not a number: ${line}`)
  return { name, labels, value }
}

/** The real parts but for the broker, whose link says what the test wants. */
function measured() {
  const stage = setStage({ maxClients: 5_000, maxClientsPerAddress: 5_000, messageBurst: 5_000 })
  const { hub, gateway, clock, upstream, platforms } = stage
  const stream = new JsonStream({
    ...{ hub, platforms, clock, log: silentLog, version: '0.0.0' },
    clientLimits: defaultClientLimits,
    authenticateToken: () => ({ kind: 'viewer' }),
  })
  const link = {
    get ready() {
      return upstream.ready
    },
    status: () => ({ kind: 'connected', since: 0, protocolVersion: 5, roundTripMs: 23 }) as const,
    counters: () => ({
      ...{ received: 0, published: 0, ignoredRetained: 0, ignoredInvalid: 0, losses: 1 },
      reconnects: { dns: 2, halfOpen: 1 },
    }),
  }
  const metrics = createMetrics(
    metricsSources(
      { hub, gateway, platforms, stream, upstream: link },
      { clock, version: '1.4.2', usage: testUsage },
    ),
  )
  const read = async (): Promise<readonly Family[]> => parseExposition((await metrics.expose()).text)
  const connect: typeof stage.client = (...how) => stage.client(...how)
  const setLink = (up: boolean): void => stage.link(up)
  return { ...{ hub, gateway, clock, upstream, platforms, metrics, read }, connect, setLink }
}

const report = (changes: Partial<PressReport> = {}): PressReport => ({
  id: 'p1',
  platform: 'A' as Platform,
  kind: 'refereeDecision',
  seat: 'referee-2',
  via: 'mqtt',
  client: 'box-1',
  at: 0,
  outcome: 'taken',
  brokerMs: 24,
  echoMs: 61,
  ...changes,
})

const value = (
  families: readonly Family[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined =>
  families
    .flatMap(({ samples }) => samples)
    .find((each) => each.name === name && JSON.stringify(each.labels) === JSON.stringify(labels))?.value

/** Name → type and label names: what dashboards and alarms are written against. */
const promised: Readonly<Record<string, readonly [type: Family['type'], labels: readonly string[]]>> = {
  process_resident_memory_bytes: ['gauge', []],
  process_start_time_seconds: ['gauge', []],
  process_cpu_seconds_total: ['counter', []],
  nodejs_heap_size_used_bytes: ['gauge', []],
  nodejs_external_memory_bytes: ['gauge', []],
  owlcms_bridge_event_loop_delay_seconds: ['gauge', ['quantile']],
  owlcms_bridge_build_info: ['gauge', ['version']],
  owlcms_bridge_upstream_connected: ['gauge', []],
  owlcms_bridge_upstream_rtt_seconds: ['gauge', []],
  owlcms_bridge_upstream_reconnects_total: ['counter', ['reason']],
  owlcms_bridge_owlcms_answering: ['gauge', []],
  owlcms_bridge_platforms: ['gauge', []],
  owlcms_bridge_config_rtt_seconds: ['gauge', []],
  owlcms_bridge_clients: ['gauge', ['kind', 'role']],
  owlcms_bridge_connections: ['gauge', ['edge']],
  owlcms_bridge_ws_buffered_bytes: ['gauge', ['edge']],
  owlcms_bridge_outbox_largest_bytes: ['gauge', ['edge']],
  owlcms_bridge_slow_disconnects_total: ['counter', ['edge']],
  owlcms_bridge_messages_total: ['counter', ['direction', 'topic_class']],
  owlcms_bridge_refusals_total: ['counter', ['reason']],
  owlcms_bridge_presses_total: ['counter', ['outcome']],
  owlcms_bridge_press_to_broker_seconds: ['histogram', ['seat']],
  owlcms_bridge_press_to_echo_seconds: ['histogram', ['seat']],
}

const config = '{"version":"61.0.1","jurySize":5,"platforms":["A","B"]}'

describe('the metrics', () => {
  it('have the promised names, types, units and labels, each with a sentence of help', async () => {
    const { connect, hub, clock, metrics, read } = measured()
    connect()
    clock.advance(40)
    const reply = publication('owlcms/fop/config', config)
    hub.receive(reply)
    metrics.pressEnded(report())
    const families = await read()
    const found = families.map(({ name, type, samples }) => {
      const labels = new Set(
        samples.flatMap(({ labels }) => Object.keys(labels)).filter((label) => label !== 'le'),
      )
      return [name, [type, [...labels]]] as const
    })
    expect(Object.fromEntries(found)).toEqual(promised)
    for (const { name, type, help, samples } of families) {
      expect([name, samples.length > 0, /^[A-Z1].*\.$/.test(help)]).toEqual([name, true, true])
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')])
      if (/rtt|delay|_to_|start_time/.test(name)) expect(name).toMatch(/_seconds$/)
    }
  })

  it('tell what the parts know at the moment of the scrape', async () => {
    const { connect, hub, clock, setLink, read, upstream } = measured()
    const box = connect(4, { clientId: 'owlcms-17' })
    connect(5, { clientId: 'mqttjs_0123abcd' })
    // The stage's link came up when it was set; owlcms's answer comes with the first look.
    setLink(false)
    setLink(true)
    clock.advance(40)
    for (const topic of ['owlcms/fop/config', 'owlcms/fop/down/A', 'owlcms/new/thing']) {
      hub.receive(publication(topic, config))
    }
    publish(box, 'owlcms/refbox/decision/A', '1 good')
    publish(box, 'owlcms/refbox/decision/A', '1 maybe')
    upstream.settleAll()
    const families = await read()
    const of = (name: string, labels?: Record<string, string>) =>
      value(families, `owlcms_bridge_${name}`, labels)
    expect({
      version: of('build_info', { version: '1.4.2' }),
      connected: of('upstream_connected'),
      roundTrip: of('upstream_rtt_seconds'),
      dns: of('upstream_reconnects_total', { reason: 'dns' }),
      answering: of('owlcms_answering'),
      platforms: of('platforms'),
      config: of('config_rtt_seconds'),
      esp32: of('clients', { kind: 'esp32_m5stack', role: 'device' }),
      blueOwl: of('clients', { kind: 'blue_owl', role: 'device' }),
      sockets: of('connections', { edge: 'mqtt' }),
      fop: of('messages_total', { direction: 'from_broker', topic_class: 'fop' }),
      unknown: of('messages_total', { direction: 'from_broker', topic_class: 'unknown' }),
      up: of('messages_total', { direction: 'to_broker', topic_class: 'command' }),
      denied: of('refusals_total', { reason: 'denied' }),
    }).toEqual({
      ...{ version: 1, connected: 1, roundTrip: 0.023, dns: 2, answering: 1, platforms: 2, config: 0.04 },
      ...{ esp32: 1, blueOwl: 1, sockets: 2, fop: 1, unknown: 1, up: 1, denied: 1 },
    })
    setLink(false)
    box.drop()
    const after = await read()
    expect(value(after, 'owlcms_bridge_upstream_connected')).toBe(0)
    expect(value(after, 'owlcms_bridge_owlcms_answering')).toBe(0)
    // Not measured on this connection: absent, rather than 0.
    expect(value(after, 'owlcms_bridge_config_rtt_seconds')).toBeUndefined()
    expect(value(after, 'owlcms_bridge_clients', { kind: 'esp32_m5stack', role: 'device' })).toBeUndefined()
  })

  it('count a press once, by its outcome, and its times by its seat', async () => {
    const { metrics, read } = measured()
    metrics.pressEnded(report())
    metrics.pressEnded(report({ outcome: 'notTaken', echoMs: undefined as never }))
    metrics.pressEnded(
      report({
        outcome: 'offline',
        seat: 'timekeeper',
        brokerMs: undefined as never,
        echoMs: undefined as never,
      }),
    )
    const families = await read()
    const name = 'owlcms_bridge_presses_total'
    const outcomes = families.find((family) => family.name === name)?.samples
    expect(
      Object.fromEntries(outcomes!.map(({ labels, value: count }) => [labels['outcome'], count])),
    ).toEqual({
      ...{ taken: 1, not_taken: 1, delivered: 0, too_late: 0, refused: 0, offline: 1, lost: 0, drill: 0 },
    })
    expect(outcomes).toHaveLength(pressOutcomes.length)
    const toBroker = 'owlcms_bridge_press_to_broker_seconds'
    expect([
      value(families, `${toBroker}_count`, { seat: 'referee-2' }),
      value(families, `${toBroker}_sum`, { seat: 'referee-2' }),
      value(families, `${toBroker}_bucket`, { le: '0.01', seat: 'referee-2' }),
      value(families, `${toBroker}_bucket`, { le: '0.025', seat: 'referee-2' }),
      value(families, 'owlcms_bridge_press_to_echo_seconds_count', { seat: 'referee-2' }),
      value(families, 'owlcms_bridge_press_to_echo_seconds_count', { seat: 'timekeeper' }),
    ]).toEqual([2, 0.048, 0, 2, 1, undefined])
  })

  it('hold no word from outside, however many platforms, clients and seats somebody makes up (R7, R10)', async () => {
    const { connect, hub, metrics, read, upstream, gateway } = measured()
    const scrape = async () => {
      const families = await read()
      return { families, series: families.flatMap(({ samples }) => samples).length }
    }
    for (const seat of ['referee-1', 'unknown']) metrics.pressEnded(report({ seat }))
    connect().drop()
    const before = await scrape()
    const names = fc.sample(fc.string({ minLength: 4, maxLength: 12, unit: 'grapheme' }), {
      numRuns: 1_000,
      seed: 7,
    })
    const madeUp = names.map(
      (name, index) =>
        `planted-${index}-${name.replaceAll(/[+#/\s\p{Control}\p{Noncharacter_Code_Point}\u{fdc0}-\u{fdff}]/gu, '_')}`,
    )
    const box = connect(4, { keepalive: 0 })
    for (const word of madeUp) {
      connect(4, { clientId: word, keepalive: 0 })
      publish(box, `owlcms/refbox/decision/${word}`, '1 good')
      publish(box, `owlcms/${word}/A`, 'x')
      const heard = publication(`owlcms/fop/down/${word}`)
      hub.receive(heard)
      metrics.pressEnded(
        report({ seat: word, platform: word as Platform, client: word, id: word, why: word }),
      )
      metrics.pressEnded(report({ seat: `referee-1-${word}` }))
    }
    upstream.settleAll()
    expect(gateway.connectionCount).toBeGreaterThan(1_000)
    const after = await scrape()
    const text = JSON.stringify(after.families)
    expect(text).not.toContain('planted')
    // One more: clients that are connected now.
    expect(after.series - before.series).toBeLessThanOrEqual(1)
    expect(after.series).toBeLessThan(150)
  })
})

async function bridge(settings: Readonly<Record<string, string>>) {
  const login = { username: 'hall', password: 'planted-password' }
  const broker = later(await startTestBroker({ transport: 'tcp', ...login }))
  const started = later(
    await startTestBridge({
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: login.username,
      OWLCMS_MQTTPASSWORD: login.password,
      ...settings,
    }),
  )
  await eventually(() => expect(started.ready).toBe(true))
  return { started, login, port: broker.port }
}

it('a running bridge tells its numbers at a port of their own, with presses of before the first scrape', async () => {
  const { started, login, port } = await bridge({ BRIDGE_METRICS_PORT: '0' })
  const device = await connectDevice(`ws://127.0.0.1:${started.port}/mqtt`, login)
  later(device)
  // owlcms, as far as one press needs it.
  const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, login)
  onTestFinished(() => owlcms.endAsync(true))
  await owlcms.subscribeAsync('owlcms/clock/A')
  owlcms.on('message', () => owlcms.publish('owlcms/fop/start/A', '{} 60000'))
  await device.press('owlcms/clock/A', 'start')
  await eventually(() => expect(started.logLines.join()).toContain('"outcome":"taken"'))
  expect((await fetch(`${started.url}/metrics`)).status).toBe(404)
  const answer = await fetch(`http://127.0.0.1:${started.metricsPort}/metrics`)
  const families = parseExposition(await answer.text())
  expect({
    connected: value(families, 'owlcms_bridge_upstream_connected'),
    sockets: value(families, 'owlcms_bridge_connections', { edge: 'mqtt' }),
    taken: value(families, 'owlcms_bridge_presses_total', { outcome: 'taken' }),
    echo: value(families, 'owlcms_bridge_press_to_echo_seconds_count', { seat: 'timekeeper' }),
    up: value(families, 'owlcms_bridge_messages_total', { direction: 'to_broker', topic_class: 'command' }),
  }).toEqual({ connected: 1, sockets: 1, taken: 1, echo: 1, up: 1 })
  expect(started.logLines.filter((line) => line.includes('"press":"1"'))).toHaveLength(1)
})

interface Target {
  readonly expr: string
  readonly legendFormat: string
}

interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly targets: readonly Target[]
  }[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly query: unknown }[] }
}

const text = readFileSync(new URL('../../docs/grafana.json', import.meta.url), 'utf8')
const dashboard = JSON.parse(text) as Dashboard

/** All metrics with all their labels, as a scrape shows them. */
async function known(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = createMetrics({
    version: '1.4.2',
    usage: testUsage,
    upstream: () => ({ connected: true, roundTripMs: 1, reconnects: { dns: 1 } }),
    owlcms: () => ({ answering: true, roundTripMs: 1, platforms: 1 }),
    clients: () => [{ kind: 'unknown', role: 'device' }],
    edges: () => [{ edge: 'mqtt', connections: 1, waitingBytes: [1], slowDisconnects: 1 }],
    messages: () => [{ labels: { direction: 'to_broker', topic_class: 'command' }, total: 1 }],
    refusals: () => [{ labels: { reason: 'deaf' }, total: 1 }],
  })
  for (const outcome of pressOutcomes) {
    metrics.pressEnded({
      ...{
        id: '1',
        platform: 'A' as never,
        kind: 'clockStart',
        seat: 'timekeeper',
        via: 'mqtt',
        client: 'x',
      },
      ...{ at: 0, outcome, brokerMs: 1, echoMs: 1 },
    })
  }
  const samples = parseExposition((await metrics.expose()).text).flatMap((family) => family.samples)
  return new Map(samples.map(({ name, labels }) => [name, new Set([...Object.keys(labels), 'instance'])]))
}

const queries = (): readonly string[] => [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.map(({ expr }) => expr),
  JSON.stringify(dashboard.templating.list.map(({ query }) => query)),
]

it('the dashboard asks only for metrics and labels that there are, and leaves none of ours out', async () => {
  const metrics = await known()
  const asked = new Set<string>()
  for (const query of queries()) {
    for (const [name, selector = ''] of query.matchAll(/(?:owlcms_bridge|process|nodejs)_\w+(\{[^}]*\})?/g)) {
      const metric = name.replace(selector, '')
      asked.add(metric)
      expect([metric, metrics.has(metric)]).toEqual([metric, true])
      for (const [, label = ''] of selector.matchAll(/(\w+)=~?"/g)) {
        expect([metric, label, metrics.get(metric)?.has(label)]).toEqual([metric, label, true])
      }
    }
  }
  const all = [...metrics.keys()].filter((name) => !/_(sum|count)$/.test(name))
  expect(all.filter((name) => !asked.has(name))).toEqual([])
})

it('each curve of the dashboard is named by labels that its query keeps', () => {
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const kept = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? []
        expect([title, kept]).toEqual([title, expect.arrayContaining([label]) as unknown])
      }
    }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
})
