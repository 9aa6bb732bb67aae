import type { Playback } from '../bridge/dependencies.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import type { Journal } from '../journal/journal.ts'
import {
  recordPayload,
  shiftState,
  type JournalRecord,
  type MessageRecord,
} from '../protocol/journal/record.ts'
import type { Publication } from '../protocol/publication.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'

/** Times the original speed, or as fast as it goes. */
export type Speed = number | 'max'

export interface PlayerOptions {
  readonly records: readonly JournalRecord[]
  readonly speed: Speed
  readonly clock: Clock
  readonly log: Logger
  /** Publishes one message of the recording at the broker. */
  readonly publish: (topic: string, payload: Uint8Array) => void
}

/** Milliseconds that the broker has to bring a message to the bridge, far more than it ever takes. */
const bringMs = 5_000

/** How a replay ended. */
export type PlayerEnd = 'played' | 'stopped'

/**
 * Plays a recording to a bridge: each message goes through the broker, and the next one only when the bridge has it, so
 * that order and times are those of then, whatever the machine does. What no message tells (the state at the
 * beginning, presses and their ends) is handed over at its place. Times are moved so that the recording begins now.
 */
export class Player implements Playback {
  readonly #options: PlayerOptions
  readonly #shiftMs: number
  #now: number
  #parts: { readonly platforms: Platforms; readonly journal: Journal } | undefined
  #awaited: { readonly record: MessageRecord; readonly payload: Uint8Array; heard: () => void } | undefined
  #latest: MessageRecord | undefined
  #config: Uint8Array | undefined
  #cancel: CancelTimer = () => undefined
  #wake: () => void = () => undefined
  #stopped = false

  constructor(options: PlayerOptions) {
    this.#options = options
    const start = options.clock.now()
    const [first] = options.records
    // Whole milliseconds, so that no fraction of a recorded time is lost.
    this.#shiftMs = Math.floor(start - (first?.at ?? start))
    this.#now = (first?.at ?? start) + this.#shiftMs
  }

  /** See {@link Playback}. */
  begin(parts: { readonly platforms: Platforms; readonly journal: Journal }): void {
    this.#parts = parts
  }

  now(): number {
    return this.#now
  }

  /** What owlcms last said of itself, for whoever asks. */
  get config(): Uint8Array | undefined {
    return this.#config
  }

  admits({ topic, payload }: Publication): boolean {
    const awaited = this.#awaited
    if (awaited?.record.topic !== topic || !sameBytes(awaited.payload, payload)) return false
    this.#awaited = undefined
    this.#latest = awaited.record
    awaited.heard()
    return true
  }

  senderOf({ topic }: Publication): string | undefined {
    if (this.#latest?.topic !== topic || this.#latest.source !== 'client') return undefined
    return this.#latest.client ?? 'unknown'
  }

  /** Plays it to its end, or until {@link stop}; never rejects. */
  async play(): Promise<PlayerEnd> {
    const { records, clock, speed } = this.#options
    const startedAt = clock.now()
    const firstAt = records[0]?.at ?? 0
    for (const record of records) {
      const due = speed === 'max' ? 0 : startedAt + (record.at - firstAt) / speed
      if (due > clock.now()) await this.#pause(due - clock.now())
      if (this.#stopped) return 'stopped'
      this.#now = Math.max(this.#now, record.at + this.#shiftMs)
      await this.#step(record)
    }
    return this.#stopped ? 'stopped' : 'played'
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#wake()
  }

  async #step(record: JournalRecord): Promise<void> {
    const shift = this.#shiftMs
    switch (record.type) {
      case 'state':
        this.#config = undefined
        this.#parts?.platforms.restore(shiftState(record.state, shift))
        return
      case 'press':
        this.#parts?.journal.pressed({ ...record.press, at: record.press.at + shift })
        return
      case 'mark':
        // The others follow from the messages.
        if (record.mark === 'linkLost' || record.mark === 'linkBack') {
          this.#parts?.journal.mark(record.platform, record.mark)
        }
        return
      case 'message':
        await this.#say(record)
        return
      default:
        record satisfies never
    }
  }

  async #say(record: MessageRecord): Promise<void> {
    const payload = recordPayload(record)
    if (record.topic === configTopic) {
      // One reply of owlcms stands in the journal of each platform, and is said once.
      if (this.#config !== undefined && sameBytes(this.#config, payload)) return
      this.#config = payload
    }
    const heard = new Promise<void>((resolve) => {
      this.#awaited = { record, payload, heard: resolve }
      this.#wake = resolve
    })
    this.#cancel = this.#options.clock.setTimer(bringMs, () => {
      this.#options.log.warn({ topic: record.topic }, 'a message of the recording did not reach the bridge')
      this.#wake()
    })
    this.#options.publish(record.topic, payload)
    await heard
    this.#cancel()
    this.#awaited = undefined
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#cancel = this.#options.clock.setTimer(ms, resolve)
    })
  }
}

export const configTopic = 'owlcms/fop/config'

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])
}
