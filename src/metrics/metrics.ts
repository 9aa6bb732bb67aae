import { Registry } from 'prom-client'
import type { PressReport } from '../protocol/contract/press-report.ts'
import { PressMetrics } from './press-metrics.ts'
import { registerRuntime } from './runtime-metrics.ts'
import { registerSources } from './source-metrics.ts'
import type { MetricsSources } from './sources.ts'

/** The text that Prometheus reads, with its media type. */
export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** The numbers of one bridge, in Prometheus's terms. */
export interface Metrics {
  /** Told once of each press that ended. */
  pressEnded(report: PressReport): void
  /** All numbers as they are now. */
  expose(): Promise<Exposition>
}

/** Everything in a registry of its own, so that several bridges fit into one process. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  registerRuntime(registry, () => sources.usage())
  registerSources(registry, sources)
  const presses = new PressMetrics(registry)
  return {
    pressEnded: (report) => presses.ended(report),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
