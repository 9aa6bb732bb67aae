import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { pressOutcomes } from '../../src/protocol/contract/press-report.ts'
import { testUsage } from '../support/running-bridge.ts'
import { parseExposition } from './exposition.ts'

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
