import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Faults } from './faults.ts'

/** Unacknowledged publications that owlcms's library allows; one more is lost silently (protocol.md 1.2). */
const maxInFlight = 10

export interface OutletOptions {
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Looked at for each publication. */
  readonly faults: Readonly<Faults>
  readonly send: (topic: string, payload: string, acknowledged: () => void) => 'sent' | 'lost'
  /** Told what became of each publication. */
  readonly onOutcome: (topic: string, bytes: number, outcome: 'sent' | 'lost') => void
}

/**
 * The way of publications out of one MQTT client of owlcms: they may swap a little within one event,
 * never on one topic, and are lost beyond 10 unacknowledged ones; protocol.md 1.2 and 1.6.
 */
export class Outlet {
  readonly #options: OutletOptions
  /** What waits for its turn, per topic, so that one topic keeps its order. */
  readonly #waiting = new Map<string, string[]>()
  readonly #timers = new Set<CancelTimer>()
  /** When the latest message goes, of this event and of all events before it. */
  #latestDue = -Infinity
  #earlierEventsDue = -Infinity
  #eventIsOpen = false
  #inFlight = 0
  /** Counts connections, so that a late acknowledgement does not count for the next one. */
  #connection = 0

  constructor(options: OutletOptions) {
    this.#options = options
  }

  /** Publishes, at once unless messages are to swap. */
  publish(topic: string, payload: string): void {
    const { clock, faults, random } = this.#options
    const now = clock.now()
    if (faults.swapWithinMs <= 0 && this.#waiting.size === 0) {
      this.#send(topic, payload)
      return
    }
    const drawn = now + Math.floor(random() * (faults.swapWithinMs + 1))
    const due = Math.max(drawn, this.#earlierEventsDue)
    this.#latestDue = Math.max(this.#latestDue, due)
    this.#openEvent()
    this.#waiting.set(topic, [...(this.#waiting.get(topic) ?? []), payload])
    this.#later(due - now, () => this.#sendOldest(topic))
  }

  /** The connection is gone: nothing of it is acknowledged any more. */
  connectionLost(): void {
    this.#connection += 1
    this.#inFlight = 0
  }

  /** Ends every timer; what waits is lost. */
  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#waiting.clear()
  }

  /** What one turn of the event loop publishes counts as one event; the next comes after all of it. */
  #openEvent(): void {
    if (this.#eventIsOpen) return
    this.#eventIsOpen = true
    this.#options.clock.endOfTurn(() => {
      this.#eventIsOpen = false
      this.#earlierEventsDue = this.#latestDue
    })
  }

  #sendOldest(topic: string): void {
    const [oldest, ...others] = this.#waiting.get(topic) ?? []
    if (others.length === 0) this.#waiting.delete(topic)
    else this.#waiting.set(topic, others)
    if (oldest !== undefined) this.#send(topic, oldest)
  }

  #send(topic: string, payload: string): void {
    const { onOutcome, send } = this.#options
    const connection = this.#connection
    const isFull = this.#inFlight >= maxInFlight
    this.#inFlight += 1
    const outcome = isFull ? 'lost' : send(topic, payload, () => this.#acknowledge(connection))
    if (outcome === 'lost') this.#inFlight -= 1
    onOutcome(topic, payload.length, outcome)
  }

  #acknowledge(connection: number): void {
    const { faults } = this.#options
    const release = () => {
      if (connection === this.#connection) this.#inFlight -= 1
    }
    if (faults.acknowledgeAfterMs > 0) this.#later(faults.acknowledgeAfterMs, release)
    else release()
  }

  #later(delayMs: number, callback: () => void): void {
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
  }
}
