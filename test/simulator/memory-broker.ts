import type { CancelTimer, Clock } from '../../src/support/clock.ts'
import { reconnectMs, type OpenWire, type Wire, type WireEvents } from '../../src/simulator/wire.ts'

/** Hears every publication that reaches the broker; the payload is text. */
export type Listener = (topic: string, payload: string) => void

interface Message {
  readonly topic: string
  readonly payload: string
}

/**
 * A broker without sockets, for runs on a clock that is passed in: whole competitions in no time, and
 * the same each time. It acknowledges at once, keeps the order of what it gets, and stores nothing.
 */
export class MemoryBroker {
  readonly #clock: Clock
  readonly #listeners = new Set<Listener>()
  readonly #wires = new Set<MemoryWire>()
  #waiting: Message[] = []
  #delivering = false
  #reachable = true

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A client's connection to this broker. */
  readonly openWire: OpenWire = (events) => {
    const wire: MemoryWire = new MemoryWire(this.#clock, events, {
      isReachable: () => this.#reachable,
      publish: (topic, payload) => this.press(topic, payload),
      closed: () => this.#wires.delete(wire),
    })
    this.#wires.add(wire)
    return wire
  }

  /** Hears all there is, devices included, without a connection; returns how to stop that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A device publishes; lost if the broker is away. What answers to it is heard before this returns. */
  press(topic: string, payload: string): void {
    if (!this.#reachable) return
    this.#waiting.push({ topic, payload })
    // What a message causes is delivered after it, never inside it.
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#deliver(next)
      }
    } finally {
      this.#delivering = false
      this.#waiting = []
    }
  }

  /** The broker is down: every connection is lost, and no try succeeds until {@link up}. */
  down(): void {
    this.#reachable = false
    for (const wire of this.#wires) wire.lose()
  }

  /** The broker is back; clients come by themselves within a second. */
  up(): void {
    this.#reachable = true
  }

  #deliver({ topic, payload }: Message): void {
    for (const listener of this.#listeners) listener(topic, payload)
    const bytes = new TextEncoder().encode(payload)
    for (const wire of this.#wires) wire.receive(topic, bytes)
  }
}

interface Exchange {
  isReachable(): boolean
  publish(topic: string, payload: string): void
  closed(): void
}

class MemoryWire implements Wire {
  readonly #clock: Clock
  readonly #events: WireEvents
  readonly #exchange: Exchange
  readonly #topics = new Set<string>()
  #connected = false
  #cutOff = false
  #cancelTry: CancelTimer

  constructor(clock: Clock, events: WireEvents, exchange: Exchange) {
    this.#clock = clock
    this.#events = events
    this.#exchange = exchange
    this.#cancelTry = this.#tryIn(0)
  }

  publish(topic: string, payload: string, _qos: 0 | 1, acknowledged?: () => void): 'sent' | 'lost' {
    if (!this.#connected) return 'lost'
    this.#exchange.publish(topic, payload)
    acknowledged?.()
    return 'sent'
  }

  subscribe(topics: readonly string[]): void {
    if (this.#connected) for (const topic of topics) this.#topics.add(topic)
  }

  receive(topic: string, payload: Uint8Array): void {
    if (this.#connected && this.#topics.has(topic)) this.#events.onMessage(topic, payload)
  }

  lose(): void {
    if (!this.#connected) return
    this.#connected = false
    this.#topics.clear()
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
    this.#connected = false
    this.#exchange.closed()
  }

  #tryIn(delayMs: number): CancelTimer {
    return this.#clock.setTimer(delayMs, () => {
      if (!this.#exchange.isReachable()) {
        this.#cancelTry = this.#tryIn(reconnectMs)
        return
      }
      this.#connected = true
      this.#events.onConnected()
    })
  }
}
