import type { Publication, QoS } from '../../protocol/publication.ts'

/** One publication on its way to a client: sent at QoS 1 and not yet acknowledged. */
export interface InFlight {
  readonly publication: Publication
  readonly qos: 1
  readonly identifiers: readonly number[]
}

/** A publication that waits for its turn; at QoS 0 it only keeps its place. */
export interface Waiting {
  readonly publication: Publication
  readonly qos: QoS
  readonly identifiers: readonly number[]
}

/** What may go now, under its packet identifier; `dup`: it went on a connection before. */
export interface Admitted {
  readonly id: number
  readonly entry: InFlight
  readonly dup: boolean
}

/**
 * Packet identifiers and the bounded queue behind them, for what one session is sent at QoS 1. Order
 * is kept: while anything waits, everything later waits behind it [MQTT-4.6.0-5].
 */
export class SendWindow {
  readonly #inFlight = new Map<number, InFlight>()
  /** Those of them that are yet to be sent again on this connection. */
  readonly #again = new Set<number>()
  readonly #waiting: Waiting[] = []
  readonly #maxWaiting: number
  #window: number
  #lastId = 0

  constructor(window: number, maxWaiting: number) {
    this.#window = window
    this.#maxWaiting = maxWaiting
  }

  /**
   * A new connection, that takes `window` at once [MQTT-3.3.4-9]: what its predecessor left unacknowledged comes first,
   * under the same identifiers [MQTT-4.4.0-1].
   */
  restart(window: number): void {
    this.#window = window
    // In the order in which they were first sent [MQTT-4.6.0-1].
    this.#again.clear()
    for (const id of this.#inFlight.keys()) this.#again.add(id)
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** A free packet identifier for what may go now; `wait` or `full` otherwise. */
  admit(item: Waiting, connected: boolean): Admitted | 'wait' | 'full' {
    if (connected && this.#waiting.length === 0) {
      const admitted = this.#start(item)
      if (admitted !== undefined) return admitted
    }
    if (this.#waiting.length >= this.#maxWaiting) return 'full'
    this.#waiting.push(item)
    return 'wait'
  }

  /** The next of those that wait, if there is room. */
  next(): Admitted | undefined {
    for (const id of this.#again) {
      const entry = this.#inFlight.get(id)
      if (this.#isFull || entry === undefined) return undefined
      this.#again.delete(id)
      return { id, entry, dup: true }
    }
    const item = this.#waiting[0]
    if (item === undefined) return undefined
    const admitted = this.#start(item)
    if (admitted !== undefined) this.#waiting.shift()
    return admitted
  }

  /** PUBACK: the identifier is free again. False if it was not in use. */
  finish(id: number): boolean {
    this.#again.delete(id)
    return this.#inFlight.delete(id)
  }

  /** Forgets what must not be sent later. */
  forget(which: (publication: Publication) => boolean): void {
    for (const [id, entry] of this.#inFlight) {
      if (which(entry.publication)) this.finish(id)
    }
    const kept = this.#waiting.filter((item) => !which(item.publication))
    this.#waiting.splice(0, this.#waiting.length, ...kept)
  }

  get #isFull(): boolean {
    return this.#inFlight.size - this.#again.size >= this.#window
  }

  #start(item: Waiting): Admitted | undefined {
    if (this.#isFull || item.qos === 0) return undefined
    do this.#lastId = this.#lastId >= 65_535 ? 1 : this.#lastId + 1
    while (this.#inFlight.has(this.#lastId))
    const entry: InFlight = { publication: item.publication, qos: 1, identifiers: item.identifiers }
    this.#inFlight.set(this.#lastId, entry)
    return { id: this.#lastId, entry, dup: false }
  }
}
