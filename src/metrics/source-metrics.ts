import { Counter, Gauge, type Registry } from 'prom-client'
import { prefix } from './prefix.ts'
import type { EdgeFacts, LabelledTotal, MetricsSources } from './sources.ts'

/** Registers everything that is read from the parts at the moment of a scrape. */
export function registerSources(registry: Registry, sources: MetricsSources): void {
  linkMetrics(registry, sources)
  owlcmsMetrics(registry, sources)
  clientMetrics(registry, sources)
  totals(registry, {
    name: 'messages_total',
    help: 'Publications that went through, by direction and class of topic.',
    labelNames: ['direction', 'topic_class'],
    read: () => sources.messages(),
  })
  totals(registry, {
    name: 'refusals_total',
    help: 'Publications of clients that were not passed on, by reason.',
    labelNames: ['reason'],
    read: () => sources.refusals(),
  })
}

function linkMetrics(registry: Registry, sources: MetricsSources): void {
  gauge(registry, 'build_info', 'Always 1; the label tells the version.', ['version'], (set) =>
    set({ version: sources.version }, 1),
  )
  gauge(registry, 'upstream_connected', '1 while a press can reach the broker.', [], (set) =>
    set({}, sources.upstream().connected ? 1 : 0),
  )
  gauge(registry, 'upstream_rtt_seconds', 'Last measured time to the broker and back.', [], (set) => {
    const { roundTripMs } = sources.upstream()
    if (roundTripMs !== undefined) set({}, roundTripMs / 1000)
  })
  totals(registry, {
    name: 'upstream_reconnects_total',
    help: 'Connections to the broker that failed or broke, by reason.',
    labelNames: ['reason'],
    read: () =>
      Object.entries(sources.upstream().reconnects).map(([reason, total]) => ({ labels: { reason }, total })),
  })
}

function owlcmsMetrics(registry: Registry, sources: MetricsSources): void {
  gauge(registry, 'owlcms_answering', '1 while owlcms answers through the broker.', [], (set) =>
    set({}, sources.owlcms().answering ? 1 : 0),
  )
  gauge(registry, 'platforms', 'Fields of play that owlcms has.', [], (set) =>
    set({}, sources.owlcms().platforms),
  )
  gauge(
    registry,
    'config_rtt_seconds',
    'From the last answered question to owlcms for its configuration to its first reply.',
    [],
    (set) => {
      const { roundTripMs } = sources.owlcms()
      if (roundTripMs !== undefined) set({}, roundTripMs / 1000)
    },
  )
}

function clientMetrics(registry: Registry, sources: MetricsSources): void {
  gauge(registry, 'clients', 'Connected clients by kind of device and role.', ['kind', 'role'], (set) => {
    const counts = new Map<string, { labels: { kind: string; role: string }; count: number }>()
    for (const labels of sources.clients()) {
      const key = `${labels.kind} ${labels.role}`
      const entry = counts.get(key) ?? { labels, count: 0 }
      entry.count += 1
      counts.set(key, entry)
    }
    for (const { labels, count } of counts.values()) set(labels, count)
  })
  const perEdge = (name: string, help: string, value: (facts: EdgeFacts) => number): void =>
    gauge(registry, name, help, ['edge'], (set) => {
      for (const facts of sources.edges()) set({ edge: facts.edge }, value(facts))
    })
  perEdge('connections', 'Open sockets of clients, by edge.', ({ connections }) => connections)
  perEdge('ws_buffered_bytes', 'Bytes that wait for all clients together.', ({ waitingBytes }) =>
    waitingBytes.reduce((sum, bytes) => sum + bytes, 0),
  )
  perEdge('outbox_largest_bytes', 'Bytes that wait for the client that is most behind.', ({ waitingBytes }) =>
    waitingBytes.reduce((most, bytes) => Math.max(most, bytes), 0),
  )
  totals(registry, {
    name: 'slow_disconnects_total',
    help: 'Clients ended because they did not read fast enough.',
    labelNames: ['edge'],
    read: () =>
      sources.edges().map(({ edge, slowDisconnects }) => ({ labels: { edge }, total: slowDisconnects })),
  })
}

/** A gauge whose values are all set anew at each scrape; a label that is gone is gone. */
function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Label[],
  read: (set: (labels: Partial<Record<Label, string>>, value: number) => void) => void,
): void {
  new Gauge({
    name: prefix + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      // Without labels the library's reset means 0, which would be a measurement.
      if (labelNames.length === 0) this.remove()
      read((labels, value) => this.set(labels as Record<Label, string>, value))
    },
  })
}

/** A counter whose totals are kept elsewhere and only shown here. */
function totals<Label extends string>(
  registry: Registry,
  metric: {
    readonly name: string
    readonly help: string
    readonly labelNames: Label[]
    readonly read: () => readonly LabelledTotal<Label>[]
  },
): void {
  new Counter({
    name: prefix + metric.name,
    help: metric.help,
    labelNames: metric.labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, total } of metric.read()) this.inc(labels, total)
    },
  })
}
