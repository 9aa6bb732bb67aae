import { Fleet } from './load/fleet.ts'
import { openLine } from './load/line.ts'
import { packetBytes, stampedPacket } from './load/messages.ts'
import { flood, steady, type Stage, type Traffic } from './load/traffic.ts'
import { cpuSeconds } from './machine.ts'
import type { Server } from './servers.ts'

export const scenarios = ['single', 'burst', 'flood', 'overload'] as const
export type Scenario = (typeof scenarios)[number]

/** One scenario on one server, once. */
export interface Run {
  readonly deliveriesPerSecond: number
  /** Server CPU per delivery, in microseconds. */
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly lost: number
  readonly disorder: number
  /** Share of one processor that the load generator itself used; near 1 it is the limit. */
  readonly loadBusy: number
}

/** How long each part runs. */
export interface Pace {
  readonly warmUpSeconds: number
  readonly steadySeconds: number
  readonly floodSeconds: number
}

/** `size` subscribers of one server, connected when they are first needed. */
export class Audience {
  readonly #server: Server
  readonly #size: number
  #stage: Stage | undefined

  constructor(server: Server, size: number) {
    this.#server = server
    this.#size = size
  }

  /** Half a second of flood, so that all that is compiled while it runs is compiled, as in a hall after a while. */
  async warmUp(): Promise<void> {
    this.#stage ??= await connectStage(this.#server, this.#size)
    await flood(this.#stage, { inFlight: 32, seconds: 0.5 })
  }

  async run(scenario: Scenario, pace: Pace): Promise<Run> {
    const stage = (this.#stage ??= await connectStage(this.#server, this.#size))
    await perform(stage, scenario, pace.warmUpSeconds)
    const run = await measured(this.#server.pid, () => perform(stage, scenario, secondsOf(scenario, pace)))
    // What is still under way would be counted in the next scenario.
    if (run.lost > 0) this.close()
    return run
  }

  close(): void {
    this.#stage?.publisher.close()
    this.#stage?.fleet.close()
    this.#stage = undefined
  }
}

function perform(stage: Stage, scenario: Scenario, seconds: number): Promise<Traffic> {
  switch (scenario) {
    case 'single':
      return steady(stage, { perSecond: 20, burst: 1, seconds })
    case 'burst':
      return steady(stage, { perSecond: 20, burst: 4, seconds })
    case 'flood':
      return flood(stage, { inFlight: 32, seconds })
    case 'overload':
      return steady(stage, { perSecond: 400, burst: 1, seconds })
    default:
      return scenario satisfies never
  }
}

const secondsOf = (scenario: Scenario, pace: Pace): number =>
  scenario === 'flood' ? pace.floodSeconds : pace.steadySeconds

async function measured(pid: number, traffic: () => Promise<Traffic>): Promise<Run> {
  const [cpuBefore, ownBefore, startedAt] = [cpuSeconds(pid), process.cpuUsage(), performance.now()]
  const { deliveries, seconds, lost, disorder, delays } = await traffic()
  const own = process.cpuUsage(ownBefore)
  const cpu = cpuSeconds(pid) - cpuBefore
  return {
    deliveriesPerSecond: deliveries / seconds,
    cpuMicros: (cpu * 1e6) / deliveries,
    p50Ms: percentile(delays, 0.5),
    p99Ms: percentile(delays, 0.99),
    lost,
    disorder,
    loadBusy: (own.user + own.system) / 1000 / (performance.now() - startedAt),
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** So that two at one broker don't take each other's place. */
let publishers = 0

async function connectStage(server: Server, size: number): Promise<Stage> {
  const fleet = await Fleet.connect(server.door, size)
  try {
    const publisher = await openLine({
      door: server.publisherDoor,
      clientId: `bench-publisher-${(publishers += 1)}`,
    })
    const first = stampedPacket(0, performance.now())
    if (first.byteLength !== packetBytes) throw new Error(`a packet of ${first.byteLength} bytes`)
    await fleet.calibrate(() => publisher.send(first))
    // Brokers get it at QoS 1, as owlcms publishes: a stock one would hold back a stream at QoS 0 (Nagle).
    return { fleet, publisher, qos: server.publisherDoor.webSocket ? 0 : 1, sequence: 1 }
  } catch (error) {
    fleet.close()
    throw error
  }
}
