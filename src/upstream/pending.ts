import type { PublishOutcome } from '../hub/upstream-link.ts'
import type { QoS } from '../protocol/publication.ts'
import type { Clock } from '../support/clock.ts'

interface Entry {
  readonly sentAt: number
  readonly acked: boolean
  readonly settled: (outcome: PublishOutcome) => void
}

/** Publications that left on one connection and whose outcome isn't known yet. Each is settled once. */
export class Pending {
  readonly #clock: Clock
  readonly #entries = new Set<Entry>()
  #unacked = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait for the broker's acknowledgement (QoS 1 and 2). */
  get unacked(): number {
    return this.#unacked
  }

  /** When the one that waits longest for its acknowledgement left. */
  get oldestUnackedAt(): number | undefined {
    for (const entry of this.#entries) if (entry.acked) return entry.sentAt
    return undefined
  }

  /**
   * Notes one that leaves now. The function returned settles it, at the end of this turn if `later`;
   * after {@link lose} it does nothing.
   */
  add(
    qos: QoS,
    settled: (outcome: PublishOutcome) => void,
  ): (outcome: PublishOutcome, later: boolean) => void {
    const entry = { sentAt: this.#clock.now(), acked: qos > 0, settled }
    this.#entries.add(entry)
    if (entry.acked) this.#unacked += 1
    return (outcome, later) => {
      if (!this.#remove(entry)) return
      if (later) this.#clock.endOfTurn(() => settled(outcome))
      else settled(outcome)
    }
  }

  /** The link is gone: settles all of them as `lost`. */
  lose(): void {
    for (const entry of [...this.#entries]) {
      if (this.#remove(entry)) entry.settled({ kind: 'lost' })
    }
  }

  #remove(entry: Entry): boolean {
    if (!this.#entries.delete(entry)) return false
    if (entry.acked) this.#unacked -= 1
    return true
  }
}
