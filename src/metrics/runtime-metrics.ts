import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, Counter, type Registry } from 'prom-client'
import { prefix } from './prefix.ts'

/** What the process costs, as the operating system and Node tell it. */
export interface ProcessUsage {
  readonly residentBytes: number
  readonly heapUsedBytes: number
  /** Buffers and the like, outside the heap. */
  readonly externalBytes: number
  /** Processor time since the start, all threads together. */
  readonly cpuSeconds: number
  /** Seconds since the epoch. */
  readonly startedAtSeconds: number
}

/** Milliseconds between two looks at the event loop, each a sample of how long a press would wait; each wakes the process. */
const resolutionMs = 100

const quantiles = [0.5, 0.99, 1] as const

/**
 * Memory, processor and event-loop delay. The library's own set isn't used: it has some fifty series, and its delay
 * includes the interval at which it looks. The names are those that dashboards for Node know.
 */
export function registerRuntime(registry: Registry, usage: () => ProcessUsage): void {
  const gauges: readonly (readonly [name: string, help: string, read: (usage: ProcessUsage) => number])[] = [
    ['process_resident_memory_bytes', 'Memory of the process.', (now) => now.residentBytes],
    ['process_start_time_seconds', 'Start of the process, since the epoch.', (now) => now.startedAtSeconds],
    ['nodejs_heap_size_used_bytes', 'JavaScript objects in use.', (now) => now.heapUsedBytes],
    ['nodejs_external_memory_bytes', 'Buffers outside the heap.', (now) => now.externalBytes],
  ]
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(usage()))
      },
    })
  }
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time, all threads together.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(usage().cpuSeconds)
    },
  })
  registerEventLoopDelay(registry)
}

/** By how much the event loop was late since the last scrape. Looks from the first one on: where nobody asks, nothing wakes up. */
function registerEventLoopDelay(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  new Gauge({
    name: `${prefix}event_loop_delay_seconds`,
    help: 'By how much the event loop was late since the last scrape; quantile 1 is the worst.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      histogram.enable()
      // Node counts the interval between two looks in, and has nothing to tell before the first.
      for (const quantile of quantiles) {
        const seconds = histogram.percentile(quantile * 100) / 1e9 - resolutionMs / 1000
        this.set({ quantile: String(quantile) }, Math.max(0, seconds))
      }
      histogram.reset()
    },
  })
}
