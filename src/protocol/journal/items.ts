import { isPress, keyOfMessage, keyOfReport, mayBeReturn, type PressMessage } from '../field/press-key.ts'
import {
  foldRecord,
  recordPayload,
  type JournalMark,
  type JournalRecord,
  type MessageRecord,
  type PressRecord,
  type StateRecord,
} from './record.ts'
import type { FromOwlcms } from '../owlcms/message.ts'
import { parseMessage } from '../owlcms/parse.ts'
import type { PlatformState } from '../field/state.ts'
import type { PressReport, PressVerdict } from '../contract/press-report.ts'
import { defined } from '../defined.ts'

/** One thing that happened, as a reader of the past wants to see it. */
export type JournalItem =
  /** owlcms said so; `repeated`: and it changed nothing. */
  | {
      readonly kind: 'said'
      readonly at: number
      readonly message: FromOwlcms
      readonly before: PlatformState | undefined
      readonly after: PlatformState
      readonly repeated: boolean
    }
  | PressedItem
  | { readonly kind: 'unknown'; readonly at: number; readonly topic: string }
  | { readonly kind: 'mark'; readonly at: number; readonly mark: JournalMark }
  /** `kept`, `linkBack`: what happened before is not known. */
  | { readonly kind: 'state'; readonly at: number; readonly why: StateRecord['why'] }
  /** The jury's review that begins here is about another lift, and shown with it. */
  | { readonly kind: 'elsewhere'; readonly at: number }

/** Somebody pressed. The message is missing when it never reached the broker, the press when it came by another way. */
export interface PressedItem {
  readonly kind: 'pressed'
  readonly at: number
  readonly message?: PressMessage
  readonly source?: MessageRecord['source']
  readonly press?: PressReport
}

/** Outcomes after which the broker may have the press, so that it comes back from there. */
const passedOn: readonly PressVerdict[] = ['taken', 'notTaken', 'delivered', 'lost']

/** All that is worth a line, in the order in which it happened; a press stands where it reached the bridge. */
export function journalItems(records: readonly JournalRecord[]): readonly JournalItem[] {
  const { reportOf, alone } = joinPresses(records)
  const items: JournalItem[] = []
  let state: PlatformState | undefined
  for (const record of records) {
    const before = state
    state = foldRecord(before, record)
    if (record.type === 'mark') items.push({ kind: 'mark', at: record.at, mark: record.mark })
    else if (record.type === 'state') items.push({ kind: 'state', at: record.at, why: record.why })
    else if (record.type === 'message' && state !== undefined) {
      const item = itemOf(record, before, state, reportOf.get(record))
      if (item !== undefined) items.push(item)
    }
  }
  return mergeByTime(
    alone.map((press) => ({ kind: 'pressed', at: press.at, press })),
    items,
  )
}

function itemOf(
  record: MessageRecord,
  before: PlatformState | undefined,
  after: PlatformState,
  press: PressReport | undefined,
): JournalItem | undefined {
  const { at, topic, source } = record
  const message = parseMessage(topic, recordPayload(record))
  if (message.kind === 'unknown') return { kind: 'unknown', at, topic }
  if (isPress(message)) {
    return {
      kind: 'pressed',
      at: Math.min(press?.at ?? at, at),
      message,
      source,
      ...defined({ press }),
    }
  }
  // Questions for the config and latency tests are no part of any lift.
  if (message.kind === 'configRequest' || message.kind === 'test') return undefined
  return { kind: 'said', at, message, before, after, repeated: isRepeated(message, before, after) }
}

/** owlcms says much twice, and all decisions again with each new one (docs/owlcms.md 4.4). */
function isRepeated(message: FromOwlcms, before: PlatformState | undefined, after: PlatformState): boolean {
  switch (message.kind) {
    case 'config':
    case 'clockStarted':
    case 'timeRemaining':
    case 'athleteClock':
    case 'breakClock':
    case 'resetDecisions':
    case 'startLifting':
    case 'liftingOrderUpdated':
    case 'ceremony':
      return false
    case 'clockStopped': {
      const { kind, ...clock } = before?.clock ?? { kind: 'unknown' }
      return kind === 'stopped' && 'remainingMs' in clock && clock.remainingMs === message.remainingMs
    }
    case 'refereesDecision':
      return before?.shown === message.value && before.phase.kind === 'decisionShown'
    case 'startup':
    case 'decision':
    case 'decisionRequest':
    case 'summon':
    case 'juryMemberDecision':
    case 'break':
    case 'juryDeliberation':
    case 'challenge':
    case 'down':
      return before !== undefined && sameToSee(before, after)
    default:
      return message satisfies never
  }
}

function sameToSee(a: PlatformState, b: PlatformState): boolean {
  if (a === b) return true
  const shown = ({ phase, clock, decisions, down, shown, reminded, summoned, jury, owlcms }: PlatformState) =>
    JSON.stringify([phase, clock, decisions, down, shown, reminded, summoned, jury, owlcms.state])
  return shown(a) === shown(b)
}

/** Finds for each press its message when it came back from the broker. */
function joinPresses(records: readonly JournalRecord[]): {
  readonly reportOf: ReadonlyMap<MessageRecord, PressReport>
  readonly alone: readonly PressReport[]
} {
  const returned = new Map<string, MessageRecord[]>()
  for (const record of records) {
    if (record.type !== 'message' || record.source === 'owlcms') continue
    const message = parseMessage(record.topic, recordPayload(record))
    if (!isPress(message)) continue
    const key = `${record.source} ${keyOfMessage(message)}`
    const queue = returned.get(key)
    if (queue === undefined) returned.set(key, [record])
    else queue.push(record)
  }
  const reportOf = new Map<MessageRecord, PressReport>()
  const alone: PressReport[] = []
  const presses = records.filter((record): record is PressRecord => record.type === 'press')
  for (const { press } of presses.toSorted((a, b) => a.press.at - b.press.at)) {
    const found = passedOn.includes(press.outcome) ? takeFirst(returned, press) : undefined
    if (found === undefined) alone.push(press)
    else reportOf.set(found, press)
  }
  return { reportOf, alone }
}

function takeFirst(returned: Map<string, MessageRecord[]>, press: PressReport): MessageRecord | undefined {
  const queue =
    returned.get(`${press.bridge === undefined ? 'client' : 'direct'} ${keyOfReport(press)}`) ?? []
  const index = queue.findIndex(({ at }) => mayBeReturn(press, at))
  return index === -1 ? undefined : queue.splice(index, 1)[0]
}

/** Both in their own order; of the same time, presses first. */
function mergeByTime(presses: readonly JournalItem[], items: readonly JournalItem[]): readonly JournalItem[] {
  const merged: JournalItem[] = []
  let next = 0
  for (const item of items) {
    for (let press = presses[next]; press !== undefined && press.at <= item.at; press = presses[next]) {
      merged.push(press)
      next += 1
    }
    merged.push(item)
  }
  return [...merged, ...presses.slice(next)]
}
