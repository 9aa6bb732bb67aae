import type { CancelTimer, Clock } from '../support/clock.ts'
import type { LinkEvidence } from './faults.ts'
import type { UpstreamTimings } from './timings.ts'

export interface ProbeOptions {
  readonly clock: Clock
  readonly timings: Pick<
    UpstreamTimings,
    'pingAfterSilenceMs' | 'deadAfterSilenceMs' | 'probeTickMs' | 'ackTimeoutMs'
  >
  readonly ping: () => void
  /** When the oldest publication that still waits for its acknowledgement left; undefined when none waits. */
  readonly oldestUnackedAt: () => number | undefined
  /** Called at most once. */
  readonly dead: (evidence: LinkEvidence) => void
}

/**
 * Notices a half-open link: pings after a silence, and reports `dead` when the silence goes on or
 * when an acknowledgement is overdue. TCP alone takes a quarter of an hour for it, and what it has
 * buffered by then would arrive late (R1).
 */
export class Probe {
  readonly #options: ProbeOptions
  #heardAt: number
  #pingedAt: number | undefined
  #roundTripMs: number | undefined
  readonly #cancel: CancelTimer

  /** Starts to watch at once. */
  constructor(options: ProbeOptions) {
    this.#options = options
    this.#heardAt = options.clock.now()
    this.#cancel = options.clock.repeat(options.timings.probeTickMs, () => this.#tick())
  }

  /** Milliseconds from the last measured question to its answer. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  /** Something came from the broker. */
  heard(): void {
    this.#heardAt = this.#options.clock.now()
  }

  /** The answer to our ping came; MQTT.js's own pings are answered too and measure nothing. */
  pingAnswered(): void {
    if (this.#pingedAt !== undefined) this.measured(this.#pingedAt)
    this.#pingedAt = undefined
  }

  /** The answer to something sent at `sentAt` came just now. */
  measured(sentAt: number): void {
    this.#roundTripMs = this.#options.clock.now() - sentAt
  }

  stop(): void {
    this.#cancel()
  }

  #tick(): void {
    const { clock, timings } = this.#options
    const now = clock.now()
    const silentMs = now - this.#heardAt
    if (silentMs >= timings.deadAfterSilenceMs) {
      this.#end({ kind: 'silent', silentMs })
      return
    }
    const waitedMs = now - (this.#options.oldestUnackedAt() ?? now)
    if (waitedMs >= timings.ackTimeoutMs) {
      this.#end({ kind: 'noAck', waitedMs })
      return
    }
    if (silentMs >= timings.pingAfterSilenceMs && this.#pingedAt === undefined) {
      this.#pingedAt = now
      this.#options.ping()
    }
  }

  #end(evidence: LinkEvidence): void {
    this.#cancel()
    this.#options.dead(evidence)
  }
}
