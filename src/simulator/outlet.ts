import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Faults } from './faults.ts'

/** Unacknowledged publications that owlcms's library allows; one more is lost silently (docs/owlcms.md 1.2). */
const maxInFlight = 10

/** The part of owlcms's messages that other messages may overtake; so two neighbours swap in about 31 %. */
const overtaken = 0.4

/**
 * How many milliseconds after its turn a message goes, `withinMs` at most: most go at once. Swaps neighbours as
 * often as the worst pair of the recordings, or more often (docs/owlcms.md 1.6).
 */
export function latenessMs(random: () => number, withinMs: number): number {
  return Math.max(0, Math.ceil(((random() - (1 - overtaken)) / overtaken) * withinMs))
}

/** The only topic on which owlcms guards its order (docs/owlcms.md 1.6). */
export function keepsOrder(topic: string): boolean {
  return topic.startsWith('owlcms/fop/decision/')
}

export interface OutletOptions {
  readonly clock: Clock
  /** From 0 up to, not including, 1; below 0.6 nothing is overtaken. */
  readonly random: () => number
  /** Looked at for each publication. */
  readonly faults: Readonly<Faults>
  readonly send: (topic: string, payload: string, acknowledged: () => void) => 'sent' | 'lost'
  /** Told what became of each publication. */
  readonly onOutcome: (topic: string, bytes: number, outcome: 'sent' | 'lost') => void
}

/**
 * The way of publications out of one MQTT client of owlcms: they overtake each other by some milliseconds, on one
 * topic too, since owlcms publishes from many threads; and they are lost beyond 10 unacknowledged ones (docs/owlcms.md 1.2,
 * 1.6).
 */
export class Outlet {
  readonly #options: OutletOptions
  readonly #timers = new Set<CancelTimer>()
  /** When the latest message goes whose topic keeps its order. */
  #guardedUntil = -Infinity
  #inFlight = 0
  /** Counts connections, so that a late acknowledgement does not count for the next one. */
  #connection = 0

  constructor(options: OutletOptions) {
    this.#options = options
  }

  /** Publishes, at once unless it is to be overtaken. */
  publish(topic: string, payload: string): void {
    const { clock, faults, random } = this.#options
    const now = clock.now()
    let due = now + latenessMs(random, faults.swapWithinMs)
    if (keepsOrder(topic)) this.#guardedUntil = due = Math.max(due, this.#guardedUntil)
    if (due > now) this.#later(due - now, () => this.#send(topic, payload))
    else this.#send(topic, payload)
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
