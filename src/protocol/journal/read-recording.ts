import * as v from 'valibot'
import { journalFormat, journalMarks, type JournalHeader, type JournalRecord } from './record.ts'
import { pressOutcomes } from '../contract/press-report.ts'
import { err, ok, type Result } from '../result.ts'
import { parseTopic } from '../topic.ts'

/** What a recording holds, read and checked as a whole. */
export interface Recording {
  readonly header: JournalHeader
  readonly records: readonly JournalRecord[]
  /** The last line was cut off, as when the power went, and is left out. */
  readonly lastLineCut: boolean
}

/** Why a text is no recording: the first line that is wrong, counted from 1, and what is wrong with it. */
export interface RecordingFault {
  readonly line: number
  readonly what: string
}

/**
 * Reads a whole recording: JSON lines as docs/journal.md describes them; several recordings may stand one after the
 * other. Nothing is returned of one with a fault, but a last line without its end is left out.
 */
export function readRecording(text: string): Result<Recording, RecordingFault> {
  const lines = text.split('\n')
  const records: JournalRecord[] = []
  let header: JournalHeader | undefined
  let lastLineCut = false
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const read = readLine(line)
    if (!read.ok) {
      if (index === lines.length - 1 && header !== undefined && !isJson(line)) {
        lastLineCut = true
        break
      }
      return err({ line: index + 1, what: read.error })
    }
    if (read.value.type === 'journal') header ??= read.value
    else if (header === undefined) {
      return err({ line: index + 1, what: 'It does not begin with the line of type "journal".' })
    } else records.push(read.value)
  }
  if (header === undefined) return err({ line: 1, what: 'The file is empty.' })
  return ok({ header, records, lastLineCut })
}

/** Reads one line; the error tells what is wrong, without repeating what stands there. */
export function readLine(line: string): Result<JournalHeader | JournalRecord, string> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return err('It is not JSON.')
  }
  const format: unknown = typeof value === 'object' && value !== null && 'format' in value ? value.format : 1
  if (format !== journalFormat)
    return err('It was written by a newer bridge, in a format unknown to this one.')
  const checked = v.safeParse(lineSchema, value)
  if (checked.success) return ok(value as JournalHeader | JournalRecord)
  const [issue] = checked.issues
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? ''
  return err(path === '' ? 'It is no line of a journal.' : `Its field "${path}" is missing or wrong.`)
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

const number = v.pipe(v.number(), v.finite())
const count = v.pipe(number, v.integer(), v.minValue(0))
const name = v.pipe(v.string(), v.minLength(1))
const verdict = v.picklist(['good', 'bad'])
const verdictOrHidden = v.picklist(['good', 'bad', 'hidden'])
const numbered = { n: count, at: number, platform: name }

const attempt = v.object({
  athleteName: v.optional(v.string()),
  attemptNumber: v.optional(number),
  liftType: v.optional(v.string()),
  session: v.optional(v.string()),
})

const phase = v.variant('kind', [
  v.object({
    kind: v.picklist([
      'idle',
      'athleteCalled',
      'clockRunning',
      'clockStopped',
      'downSignal',
      'decisionShown',
    ]),
  }),
  v.object({ kind: v.literal('break'), breakType: v.string() }),
  v.object({ kind: v.literal('ceremony'), ceremony: v.string(), breakType: v.optional(v.string()) }),
])

const clock = v.variant('kind', [
  v.object({ kind: v.literal('unknown') }),
  v.object({ kind: v.picklist(['running', 'stopped']), remainingMs: number, at: number }),
])

const known = { remainingMs: number, at: number }
const breakClock = v.variant('kind', [
  v.object({ kind: v.picklist(['running', 'stopped']), ...known }),
  v.object({ kind: v.literal('noEnd'), at: number }),
])

const lights = v.record(v.picklist(['1', '2', '3']), verdictOrHidden)

const state = v.object({
  platform: name,
  fence: count,
  phase,
  clock,
  athleteClock: v.optional(v.object({ kind: v.picklist(['running', 'stopped']), ...known })),
  breakClock: v.optional(breakClock),
  decisions: lights,
  down: v.boolean(),
  shown: v.optional(verdict),
  reminded: v.optional(v.picklist([1, 2, 3])),
  summoned: v.array(count),
  jury: v.object({
    size: count,
    votes: v.record(v.picklist(['1', '2', '3', '4', '5']), verdictOrHidden),
    revealed: v.boolean(),
  }),
  attempt: v.optional(attempt),
  judged: v.optional(v.object({ attempt: v.optional(attempt), decisions: lights, shown: verdict })),
  owlcms: v.object({ state: v.picklist(['unknown', 'starting', 'present']), heardAt: v.optional(number) }),
  tracking: v.optional(
    v.object({
      phaseAt: number,
      decidedAt: v.optional(number),
      decidingAt: v.optional(number),
      announcesClock: v.boolean(),
      asked: v.optional(v.object({ remainingMs: number, at: number })),
      stoppedAt: v.optional(number),
      timeBefore: v.optional(number),
      resetAt: v.optional(number),
      orderAt: v.optional(number),
      raised: count,
      edges: v.record(v.string(), count),
    }),
  ),
})

const press = v.object({
  id: v.string(),
  platform: name,
  kind: v.string(),
  seat: v.string(),
  via: v.picklist(['mqtt', 'stream']),
  client: v.string(),
  bridge: v.optional(v.string()),
  at: number,
  fence: v.optional(number),
  fenceNow: v.optional(number),
  outcome: v.picklist(pressOutcomes),
  why: v.optional(v.string()),
  brokerMs: v.optional(number),
  echoMs: v.optional(number),
})

const topic = v.pipe(
  v.string(),
  v.check((text) => parseTopic(text).ok),
)

const lineSchema = v.variant('type', [
  v.object({
    type: v.literal('journal'),
    format: v.literal(journalFormat),
    bridge: v.string(),
    version: v.string(),
    at: number,
    names: v.picklist(['keep', 'hide']),
  }),
  v.object({
    type: v.literal('state'),
    ...numbered,
    why: v.picklist(['appeared', 'linkBack', 'kept']),
    state,
  }),
  v.object({
    type: v.literal('message'),
    ...numbered,
    source: v.picklist(['owlcms', 'client', 'direct']),
    client: v.optional(v.string()),
    topic,
    payload: v.optional(v.string()),
    payloadBase64: v.optional(v.pipe(v.string(), v.base64())),
    fenceBefore: count,
    fence: count,
  }),
  v.object({ type: v.literal('press'), ...numbered, press }),
  v.object({ type: v.literal('mark'), ...numbered, mark: v.picklist(journalMarks) }),
])
