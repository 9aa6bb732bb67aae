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

/**
 * Packet identifiers and the bounded queue behind them, for what one session is sent at QoS 1. Order
 * is kept: while anything waits, everything later waits behind it [MQTT-4.6.0-5].
 */
export class SendWindow {
  readonly #inFlight = new Map<number, InFlight>()
  readonly #waiting: Waiting[] = []
  readonly #maxWaiting: number
  #window: number
  #lastId = 0

  constructor(window: number, maxWaiting: number) {
    this.#window = window
    this.#maxWaiting = maxWaiting
  }

  /** MQTT 5 Receive Maximum of the connection [MQTT-3.3.4-9]. */
  set window(size: number) {
    this.#window = size
  }

  get inFlight(): ReadonlyMap<number, InFlight> {
    return this.#inFlight
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** A free packet identifier for what may go now; `wait` or `full` otherwise. */
  admit(
    item: Waiting,
    connected: boolean,
  ): { readonly id: number; readonly entry: InFlight } | 'wait' | 'full' {
    if (connected && this.#waiting.length === 0) {
      const admitted = this.#start(item)
      if (admitted !== undefined) return admitted
    }
    if (this.#waiting.length >= this.#maxWaiting) return 'full'
    this.#waiting.push(item)
    return 'wait'
  }

  /** The next of those that wait, if there is room. */
  next(): { readonly id: number; readonly entry: InFlight } | undefined {
    const item = this.#waiting[0]
    if (item === undefined) return undefined
    const admitted = this.#start(item)
    if (admitted !== undefined) this.#waiting.shift()
    return admitted
  }

  /** PUBACK: the identifier is free again. False if it was not in use. */
  finish(id: number): boolean {
    return this.#inFlight.delete(id)
  }

  /** Forgets what must not be sent later. */
  forget(which: (publication: Publication) => boolean): void {
    for (const [id, entry] of this.#inFlight) {
      if (which(entry.publication)) this.#inFlight.delete(id)
    }
    const kept = this.#waiting.filter((item) => !which(item.publication))
    this.#waiting.splice(0, this.#waiting.length, ...kept)
  }

  #start(item: Waiting): { readonly id: number; readonly entry: InFlight } | undefined {
    if (this.#inFlight.size >= this.#window || item.qos === 0) return undefined
    do this.#lastId = this.#lastId >= 65_535 ? 1 : this.#lastId + 1
    while (this.#inFlight.has(this.#lastId))
    const entry: InFlight = { publication: item.publication, qos: 1, identifiers: item.identifiers }
    this.#inFlight.set(this.#lastId, entry)
    return { id: this.#lastId, entry }
  }
}
