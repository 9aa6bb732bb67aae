import { MemoryBroker } from './memory-broker.ts'
import {
  startOwlcmsOn,
  type OwlcmsOptions,
  type SimulatedOwlcms,
} from '../../src/simulator/simulated-owlcms.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { silentLog } from '../support/silent-log.ts'

/** An owlcms on a broker without sockets, whose whole traffic is kept as lines `t+<ms> topic payload`. */
export class MemoryHall {
  readonly clock = new FakeClock()
  readonly broker = new MemoryBroker(this.clock)
  readonly owlcms: SimulatedOwlcms
  #lines: string[] = []
  #start = this.clock.now()

  constructor(options: Partial<OwlcmsOptions> = {}) {
    this.broker.listen((topic, payload) => {
      this.#lines.push(`t+${this.clock.now() - this.#start} ${topic} ${payload}`.trimEnd())
    })
    this.owlcms = startOwlcmsOn(this.broker.openWire, {
      platforms: ['A'],
      clock: this.clock,
      log: silentLog,
      ...options,
    })
  }

  /** Takes all platforms through their start; time starts there. */
  started(): this {
    this.clock.advance(60_000)
    this.restart()
    return this
  }

  restart(): void {
    this.#start = this.clock.now()
    this.#lines = []
  }

  /** The traffic since the last time somebody asked. */
  heard(): string[] {
    const heard = this.#lines
    this.#lines = []
    return heard
  }

  pressAt(ms: number, topic: string, payload = ''): void {
    this.advanceTo(ms)
    this.broker.press(topic, payload)
  }

  advanceTo(ms: number): void {
    this.clock.advance(this.#start + ms - this.clock.now())
  }
}
