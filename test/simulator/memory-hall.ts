import {
  startOwlcmsOn,
  type OwlcmsOptions,
  type SimulatedOwlcms,
} from '../../src/simulator/simulated-owlcms.ts'
import { reconnectMs, type OpenWire, type Wire, type WireEvents } from '../../src/simulator/wire.ts'
import type { CancelTimer, Clock } from '../../src/support/clock.ts'
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

/** Hears every publication that reaches the broker; the payload is text. */
type Listener = (topic: string, payload: string) => void

/**
 * A broker without sockets, for runs on a clock that is passed in: whole competitions in no time, and
 * the same each time. It acknowledges at once, keeps the order of what it gets, and stores nothing.
 */
class MemoryBroker {
  readonly clock: Clock
  readonly #listeners = new Set<Listener>()
  readonly #wires = new Set<MemoryWire>()
  readonly #waiting: Parameters<Listener>[] = []
  #delivering = false
  isReachable = true

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** A client's connection to this broker. */
  readonly openWire: OpenWire = (events) => {
    const wire = new MemoryWire(this, events)
    this.#wires.add(wire)
    return wire
  }

  /** Hears all there is, devices included, without a connection. */
  listen(listener: Listener): void {
    this.#listeners.add(listener)
  }

  /** A device publishes; lost if the broker is away. What answers to it is heard before this returns. */
  press(...message: Parameters<Listener>): void {
    if (!this.isReachable) return
    this.#waiting.push(message)
    // What a message causes is delivered after it, never inside it.
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        for (const listener of this.#listeners) listener(...next)
        for (const wire of this.#wires) wire.receive(...next)
      }
    } finally {
      this.#delivering = false
      this.#waiting.length = 0
    }
  }

  /** The broker is down: every connection is lost, and no try succeeds until {@link up}. */
  down(): void {
    this.isReachable = false
    for (const wire of this.#wires) wire.lose()
  }

  /** The broker is back; clients come by themselves within a second. */
  up(): void {
    this.isReachable = true
  }
}

class MemoryWire implements Wire {
  readonly #broker: MemoryBroker
  readonly #events: WireEvents
  readonly #topics = new Set<string>()
  #connected = false
  #cutOff = false
  #cancelTry: CancelTimer

  constructor(broker: MemoryBroker, events: WireEvents) {
    this.#broker = broker
    this.#events = events
    this.#cancelTry = this.#tryIn(0)
  }

  publish(topic: string, payload: string, _qos: 0 | 1, acknowledged?: () => void): 'sent' | 'lost' {
    if (!this.#connected) return 'lost'
    this.#broker.press(topic, payload)
    acknowledged?.()
    return 'sent'
  }

  subscribe(topics: readonly string[]): void {
    if (this.#connected) for (const topic of topics) this.#topics.add(topic)
  }

  receive(...[topic, payload]: Parameters<Listener>): void {
    if (this.#topics.has(topic)) this.#events.onMessage(topic, new TextEncoder().encode(payload))
  }

  lose(): void {
    if (!this.#connected) return
    this.#end()
    if (!this.#cutOff) this.#cancelTry = this.#tryIn(reconnectMs)
    this.#events.onLost()
  }

  cut(): void {
    this.#cutOff = true
    this.#cancelTry()
    this.lose()
  }

  restore(): void {
    if (!this.#cutOff) return
    this.#cutOff = false
    this.#cancelTry = this.#tryIn(0)
  }

  async close(): Promise<void> {
    this.#cancelTry()
    this.#end()
  }

  #end(): void {
    this.#connected = false
    this.#topics.clear()
  }

  #tryIn(delayMs: number): CancelTimer {
    return this.#broker.clock.setTimer(delayMs, () => {
      this.#connected = this.#broker.isReachable
      if (this.#connected) this.#events.onConnected()
      else this.#cancelTry = this.#tryIn(reconnectMs)
    })
  }
}
