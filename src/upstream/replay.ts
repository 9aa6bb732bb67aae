import type { Publication } from '../protocol/publication.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'

/** Milliseconds after a subscription in which a broker has replayed what it has stored. */
export const replayMs = 1_000

export interface ReplayTestOptions {
  readonly clock: Clock
  readonly log: Logger
  /** What this bridge has published and the broker was to keep. */
  readonly topic: string
  /** Subscribes once more to the same; calls back when that is granted. */
  readonly subscribeAgain: (granted: () => void) => void
}

/**
 * Whether the broker gives what it has stored to who subscribes to `owlcms/#`. RabbitMQ keeps it, but gives it only to who asks for
 * the very topic, and only where the same node keeps it (docs/brokers.md). The bridge's own state is the probe: once it
 * has come back from the broker, a second subscription must bring it again, retained.
 */
export class ReplayTest {
  readonly #options: ReplayTestOptions
  #replays: boolean | undefined
  #cancel: CancelTimer = () => undefined
  #asked = false
  #hasCome = false

  constructor(options: ReplayTestOptions) {
    this.#options = options
  }

  /** Undefined: not known yet. */
  get replays(): boolean | undefined {
    return this.#replays
  }

  linkChanged(): void {
    this.#cancel()
    this.#asked = false
    this.#hasCome = false
  }

  /** A publication came down from the broker. */
  receive({ topic, retain }: Publication): void {
    if (topic !== this.#options.topic) return
    if (retain) {
      this.#cancel()
      this.#hasCome = true
      this.#replays = true
    } else if (!this.#asked && !this.#hasCome) {
      this.#asked = true
      this.#options.subscribeAgain(() => {
        // What is stored may come before the answer [MQTT-3.8.4].
        if (this.#hasCome) return
        this.#cancel = this.#options.clock.setTimer(replayMs, () => this.#missed())
      })
    }
  }

  #missed(): void {
    if (this.#replays === undefined) {
      const nextStep = 'Set BRIDGE_JOURNAL_DIR to a folder that outlives restarts, or use another broker.'
      this.#options.log.warn({ nextStep }, 'the broker does not give back what it keeps')
    }
    this.#replays = false
  }
}
