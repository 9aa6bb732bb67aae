import { MemoryBroker } from './memory-broker.ts'
import {
  startOwlcmsOn,
  type OwlcmsOptions,
  type SimulatedOwlcms,
} from '../../src/simulator/simulated-owlcms.ts'
import { silentLog } from '../support/silent-log.ts'
import { Transcript } from './transcript.ts'

/** An owlcms on a broker without sockets, whose whole traffic is kept as lines `t+<ms> topic payload`. */
export class MemoryHall extends Transcript {
  readonly broker = new MemoryBroker(this.clock)
  readonly owlcms: SimulatedOwlcms

  constructor(options: Partial<OwlcmsOptions> = {}) {
    super()
    this.broker.listen((topic, payload) => this.note(`${topic} ${payload}`))
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

  pressAt(ms: number, topic: string, payload = ''): void {
    this.advanceTo(ms)
    this.broker.press(topic, payload)
  }
}
