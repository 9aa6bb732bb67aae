import { foldRecord, type JournalRecord, type StateRecord } from '../protocol/journal/record.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import type { PlatformState } from '../protocol/field/state.ts'

/** Bytes that a record takes besides its topic and payload, measured on a heap of many. */
const recordOverheadBytes = 300

/** Bytes of a record that holds a whole state, rather too many than too few. */
const stateBytes = 1_500

/** One platform's records `n - length + 1` to `n`, without a hole, and what it showed before the first of them. */
export class Track {
  n = 0
  bytes = 0
  readonly #platform: Platform
  #records: JournalRecord[] = []
  /** Where in the array the kept ones begin; what is before it is forgotten and awaits the broom. */
  #start = 0
  #base: PlatformState | undefined
  #forgottenAt = 0
  #now: PlatformState | undefined

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get length(): number {
    return this.#records.length - this.#start
  }

  /** Returns the bytes that it takes. */
  add(record: JournalRecord, after: PlatformState | undefined): number {
    this.n = record.n
    this.#records.push(record)
    if (after !== undefined) this.#now = after
    const bytes = bytesOf(record)
    this.bytes += bytes
    return bytes
  }

  /** Forgets the oldest; returns the bytes that it took. */
  forget(): number {
    const oldest = this.#records[this.#start]
    if (oldest === undefined) return 0
    this.#base = foldRecord(this.#base, oldest)
    this.#forgottenAt = oldest.at
    this.#start += 1
    if (this.#start > this.#records.length / 2) {
      this.#records = this.#records.slice(this.#start)
      this.#start = 0
    }
    const bytes = bytesOf(oldest)
    this.bytes -= bytes
    return bytes
  }

  /** All that is kept; it begins with a state. */
  records(): readonly JournalRecord[] {
    const kept = this.#records.slice(this.#start)
    const [first] = kept
    if (first?.type === 'state') return kept
    const base = this.#stateRecord(this.#base, (first?.n ?? this.n + 1) - 1, this.#forgottenAt)
    return base === undefined ? kept : [base, ...kept]
  }

  /** What it shows now, for a file that begins now. */
  stateRecord(at: number): StateRecord | undefined {
    return this.#stateRecord(this.#now, this.n, at)
  }

  #stateRecord(state: PlatformState | undefined, n: number, at: number): StateRecord | undefined {
    if (state === undefined) return undefined
    return { type: 'state', n, at, platform: this.#platform, why: 'kept', state }
  }
}

function bytesOf(record: JournalRecord): number {
  if (record.type === 'state') return stateBytes
  if (record.type !== 'message') return recordOverheadBytes
  const { topic, payload, payloadBase64 } = record
  return recordOverheadBytes + topic.length + (payload ?? payloadBase64 ?? '').length
}
