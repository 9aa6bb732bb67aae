import type { JournalItem } from '../../protocol/journal/items.ts'
import type { JournalSection } from '../../protocol/journal/lifts.ts'
import type { JournalMark } from '../../protocol/journal/record.ts'
import type { ClockKind, FromOwlcms } from '../../protocol/owlcms/message.ts'
import type { Verdict } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import { liftWord, light, officialName, seconds, signs } from '../journal-vocabulary.ts'
import { presserName, pressFate, pressText, type Fate } from './press-words.ts'

/** One line of the timeline. */
export interface TimelineLine {
  readonly at: number
  readonly who: string
  readonly text: string
  /** What became of it, with a sign that says without colour what the tone says with it. */
  readonly fate?: Fate & { readonly sign: string }
}

/** The lines of one section, without what owlcms merely repeats. */
export function timelineLines({ items }: JournalSection): readonly TimelineLine[] {
  return items.map(lineOf).filter((line) => line !== undefined)
}

function lineOf(item: JournalItem): TimelineLine | undefined {
  const { at } = item
  switch (item.kind) {
    case 'said':
      return item.repeated ? undefined : { at, who: 'owlcms', text: saidText(item.message, item.after) }
    case 'pressed': {
      const fate = pressFate(item)
      return { at, who: presserName(item), text: pressText(item), fate: { ...fate, sign: signs[fate.tone] } }
    }
    case 'unknown':
      return { at, who: 'message', text: `on ${item.topic}, which this bridge does not know` }
    case 'mark':
      return { at, who: 'bridge', text: markTexts[item.mark] }
    case 'state':
      return item.why === 'kept'
        ? { at, who: 'bridge', text: 'what happened before is not told here' }
        : undefined
    case 'elsewhere':
      return { at, who: 'jury', text: 'reviews the lift before; shown with that lift' }
    default:
      return item satisfies never
  }
}

const markTexts: Readonly<Record<JournalMark, string>> = {
  bridgeStarted: 'heard of this platform for the first time since it was started',
  linkLost: 'lost the link to the broker: what is said now is not heard',
  linkBack: 'has the link to the broker again',
  owlcmsRestarted: 'owlcms started or came back, and is deaf for about 1.5 s',
}

/** What owlcms said, for people. */
function saidText(message: FromOwlcms, after: PlatformState): string {
  switch (message.kind) {
    case 'startup':
      return message.on ? 'starts' : 'listens again'
    case 'config':
      return `is version ${message.config.version}, with a jury of ${message.config.jurySize ?? 'unknown size'}`
    case 'clockStarted':
      return `clock runs from ${seconds(message.remainingMs)}`
    case 'clockStopped':
      return `clock stands at ${seconds(message.remainingMs)}`
    case 'timeRemaining':
      return message.seconds === 0 ? 'time is up' : `${message.seconds} s left`
    case 'athleteClock':
      return `the athlete’s clock ${clockText(message)}`
    case 'breakClock':
      return `the clock of the break ${clockText(message)}`
    case 'decision':
      return message.value === 'hidden'
        ? `referee ${message.referee} has decided; not told yet`
        : `referee ${message.referee}: ${light[message.value]}`
    case 'decisionRequest':
      return `referee ${message.referee} is ${message.on ? 'reminded' : 'not reminded any more'}`
    case 'refereesDecision':
      return `the lights show: ${liftWord[message.value]}${tally(after.decisions)}`
    case 'summon':
      return message.on
        ? `${officialName(message.official)} is called to the jury`
        : `the call of ${officialName(message.official)} ends`
    case 'juryMemberDecision':
      return message.value === 'hidden'
        ? `jury member ${message.member} has voted; not told yet`
        : `jury member ${message.member} voted: ${liftWord[message.value]}`
    case 'break':
      return `break: ${message.breakType.toLowerCase().replaceAll('_', ' ')}`
    case 'ceremony':
      return `ceremony ${message.on ? 'begins' : 'ends'}: ${message.ceremony.toLowerCase().replaceAll('_', ' ')}`
    case 'down':
      return 'down signal'
    case 'resetDecisions':
      return 'lights are reset'
    case 'juryDeliberation':
      return 'break: the jury deliberates'
    case 'challenge':
      return 'break: challenge'
    case 'startLifting':
      return 'lifting resumes'
    case 'liftingOrderUpdated':
      return 'the lifting order is up to date'
    default:
      return message satisfies never
  }
}

function clockText({ change, remainingMs }: Extract<FromOwlcms, { kind: ClockKind }>): string {
  if (remainingMs === undefined) return 'has no end'
  const words = { set: 'is set to', start: 'runs from', stop: 'stands at' } as const
  return `${words[change]} ${seconds(remainingMs)}`
}

/** ` (white 2, red 1)`; nothing when no decision is known. */
export function tally(decisions: PlatformState['decisions']): string {
  const all = Object.values(decisions)
  if (all.length === 0) return ''
  const count = (verdict: Verdict) => all.filter((one) => one === verdict).length
  return ` (white ${count('good')}, red ${count('bad')})`
}

/** The result of a lift and of its review in sentences; none when there is no result. */
export function resultSentences({ result, decisions, review }: JournalSection): readonly string[] {
  return [
    ...(result === undefined ? [] : [`Referees: ${liftWord[result]}${tally(decisions ?? {})}.`]),
    ...(review === undefined ? [] : reviewSentences(review)),
  ]
}

function reviewSentences(review: NonNullable<JournalSection['review']>): readonly string[] {
  const votes = Object.values(review.votes)
  const count = (verdict: Verdict) => votes.filter((one) => one === verdict).length
  const began = review.kind === 'challenge' ? 'The lift was challenged.' : 'The jury deliberated.'
  const voted = votes.length === 0 ? [] : [`Jury: good lift ${count('good')}, no lift ${count('bad')}.`]
  const decided =
    review.decision === undefined
      ? review.ended
        ? ['No decision of the jury passed by here.']
        : ['The review goes on.']
      : [
          `Decision of the jury: ${liftWord[review.decision]}.`,
          'Whether it was applied is told by owlcms’s own result: the announcer may have had to confirm it.',
        ]
  return [began, ...voted, ...decided]
}

/** `Lift: DOE, Jane · snatch, attempt 1 · session W1`, as far as known. */
export function sectionTitle({ kind, attempt }: JournalSection): string {
  if (kind === 'between') return 'Between lifts'
  const facts = [
    attempt?.athleteName ?? 'Athlete unknown',
    [
      attempt?.liftType?.toLowerCase().replaceAll('_', ' '),
      attempt?.attemptNumber === undefined ? undefined : `attempt ${attempt.attemptNumber}`,
    ]
      .filter((fact) => fact !== undefined)
      .join(', '),
    attempt?.session === undefined ? '' : `session ${attempt.session}`,
  ]
  return facts.filter((fact) => fact !== '').join(' · ')
}
