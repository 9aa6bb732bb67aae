import type { Platform } from '../owlcms/topics.ts'
import type { PlatformState } from '../field/state.ts'
import type { PressReport } from '../contract/press-report.ts'
import { parseMessage } from '../owlcms/parse.ts'
import { initialPlatformState, reducePlatform } from '../field/reduce.ts'
import { strictPayloadText } from '../payload-text.ts'
import type { Topic } from '../topic.ts'

/**
 * The journal ("black box") as lines of JSON: docs/journal.md describes every field. A recording is a header and the
 * records of one platform or more. Each file begins with the state of its platforms, so that it can be replayed
 * alone. Times are milliseconds since the epoch; the journal counts moments and moves them when it tells.
 */

/** The shape of the lines; a reader refuses a number it doesn't know. */
export const journalFormat = 1

/** Who said a message, as far as the bridge can tell. */
export type MessageSource =
  /** owlcms, told from the topic. */
  | 'owlcms'
  /** A client of this bridge; the broker sent it back. */
  | 'client'
  /** A device that is connected to the broker itself, or by another bridge. */
  | 'direct'

/** The first line of a recording. */
export interface JournalHeader {
  readonly type: 'journal'
  readonly format: typeof journalFormat
  /** `BRIDGE_NAME`. */
  readonly bridge: string
  readonly version: string
  readonly at: number
  /** Whether athletes' names were kept or replaced. */
  readonly names: 'keep' | 'hide'
}

interface Numbered {
  /** The record's place in its platform's journal; grows by one, and starts again with the process. */
  readonly n: number
  /** When it was recorded; never runs backwards. */
  readonly at: number
  readonly platform: Platform
}

/** What the platform shows from here on, whatever came before. */
export interface StateRecord extends Numbered {
  readonly type: 'state'
  /** `appeared`: first heard of. `linkBack`: messages were missed. `kept`: what came before is not in this recording. */
  readonly why: 'appeared' | 'linkBack' | 'kept'
  readonly state: PlatformState
}

/** One message, as it came down from the broker. */
export interface MessageRecord extends Numbered {
  readonly type: 'message'
  readonly source: MessageSource
  /** The client's key in the presence list, with source `client`. */
  readonly client?: string
  readonly topic: Topic
  /** The payload as text; absent when it is not UTF-8. */
  readonly payload?: string
  /** The payload when it is not UTF-8. */
  readonly payloadBase64?: string
  readonly fenceBefore: number
  readonly fence: number
}

/** One press by way of this bridge, recorded when it ended: `at` is the end, `press.at` the arrival. */
export interface PressRecord extends Numbered {
  readonly type: 'press'
  readonly press: PressReport
}

/** What happened to the bridge or to owlcms, between messages. */
export const journalMarks = ['bridgeStarted', 'linkLost', 'linkBack', 'owlcmsRestarted'] as const
export type JournalMark = (typeof journalMarks)[number]

/** Something that happened around the messages. */
export interface MarkRecord extends Numbered {
  readonly type: 'mark'
  readonly mark: JournalMark
}

export type JournalRecord = StateRecord | MessageRecord | PressRecord | MarkRecord

const encoder = new TextEncoder()

/** A payload as a record keeps it; {@link recordPayload} gives the very same bytes back. */
export function payloadFields(payload: Uint8Array): Pick<MessageRecord, 'payload' | 'payloadBase64'> {
  const text = strictPayloadText(payload)
  // Not text: no owlcms message, yet it was said.
  return text === undefined ? { payloadBase64: btoa(bytesToLatin1(payload)) } : { payload: text }
}

/** The bytes that were said. */
export function recordPayload({ payload, payloadBase64 }: MessageRecord): Uint8Array {
  return payload === undefined ? latin1ToBytes(atob(payloadBase64 ?? '')) : encoder.encode(payload)
}

/** What the platform shows after one more of its records; states replayed so are the states of then. */
export function foldRecord(
  state: PlatformState | undefined,
  record: JournalRecord,
): PlatformState | undefined {
  switch (record.type) {
    case 'state':
      return record.state
    case 'message': {
      const before = state ?? initialPlatformState(record.platform)
      return reducePlatform(before, parseMessage(record.topic, recordPayload(record)), record.at)
    }
    case 'press':
    case 'mark':
      return state
    default:
      return record satisfies never
  }
}

/** The same state with its times moved: every number called `at` or `…At`, as times are in all of the code; 0 is "never". */
export function shiftState(state: PlatformState, ms: number): PlatformState {
  const shifted = (name: string, value: unknown): unknown => {
    if (typeof value === 'number') {
      const isTime = (name === 'at' || name.endsWith('At')) && value !== 0
      return isTime ? value + ms : value
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shifted(key, inner)]))
  }
  return shifted('', state) as PlatformState
}

/** The same record with all its times moved. */
export function shiftRecord(record: JournalRecord, ms: number): JournalRecord {
  if (ms === 0) return record
  const at = record.at + ms
  if (record.type === 'state') return { ...record, at, state: shiftState(record.state, ms) }
  if (record.type === 'press') return { ...record, at, press: { ...record.press, at: record.press.at + ms } }
  return { ...record, at }
}

/** Each byte as one character. */
export function bytesToLatin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** The reverse of {@link bytesToLatin1}. */
export function latin1ToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
