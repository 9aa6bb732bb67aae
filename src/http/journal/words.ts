import type { JournalItem } from '../../protocol/journal/items.ts'
import type { JournalSection } from '../../protocol/journal/lifts.ts'
import type { ClockKind, FromOwlcms } from '../../protocol/owlcms/message.ts'
import type { Verdict } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import type { JournalTexts } from '../../texts/journal-texts.ts'
import { controller, presserName, pressFate, pressText, type Fate, type Tone } from './press-words.ts'

/** One line of the timeline. */
export interface TimelineLine {
  readonly at: number
  readonly who: string
  readonly text: string
  /** What became of it, with a sign that says without colour what the tone says with it. */
  readonly fate?: Fate & { readonly sign: string }
}

const signs: Readonly<Record<Tone, string>> = { plain: '', good: '✓', bad: '✗' }

/** The lines of one section, without what owlcms merely repeats. */
export function timelineLines({ items }: JournalSection, texts: JournalTexts): readonly TimelineLine[] {
  return items.map((item) => lineOf(item, texts)).filter((line) => line !== undefined)
}

function lineOf(item: JournalItem, texts: JournalTexts): TimelineLine | undefined {
  const { at } = item
  const { line, mark, role, who } = texts
  switch (item.kind) {
    case 'said':
      return item.repeated
        ? undefined
        : { at, who: 'owlcms', text: saidText(item.message, item.after, texts) }
    case 'pressed': {
      const fate = pressFate(item, texts)
      const text = pressText(item, texts)
      return { at, who: presserName(item, texts), text, fate: { ...fate, sign: signs[fate.tone] } }
    }
    case 'unknown':
      return { at, who: who.message, text: line.unknown(item.topic) }
    case 'mark':
      return { at, who: who.bridge, text: mark[item.mark] }
    case 'state':
      return item.why === 'kept' ? { at, who: who.bridge, text: line.kept } : undefined
    case 'elsewhere':
      return { at, who: role.juryPresident, text: line.elsewhere }
    default:
      return item satisfies never
  }
}

/** What owlcms said, for people. */
function saidText(message: FromOwlcms, after: PlatformState, texts: JournalTexts): string {
  const { said: words, light, lift } = texts
  switch (message.kind) {
    case 'startup':
      return message.on ? words.starts : words.listens
    case 'config': {
      const { version, jurySize } = message.config
      return jurySize === undefined ? words.version(version) : words.versionJury(version, jurySize)
    }
    case 'clockStarted':
      return words.clockRuns(texts.seconds(message.remainingMs / 1000))
    case 'clockStopped':
      return words.clockStands(texts.seconds(message.remainingMs / 1000))
    case 'timeRemaining':
      return message.seconds === 0 ? words.timeUp : words.timeLeft(message.seconds)
    case 'athleteClock':
    case 'breakClock':
      return clockText(message, texts)
    case 'decision':
      return message.value === 'hidden'
        ? words.decidedHidden(message.referee)
        : words.decided(message.referee, light[message.value])
    case 'decisionRequest':
      return message.on ? words.reminded(message.referee) : words.notReminded(message.referee)
    case 'refereesDecision':
      return `${words.lights(lift[message.value])}${bracketed(tally(after.decisions, texts))}`
    case 'summon':
      if (message.official === controller)
        return message.on ? words.controllerCalled : words.controllerCallEnds
      return message.on ? words.called(message.official) : words.callEnds(message.official)
    case 'juryMemberDecision':
      return message.value === 'hidden'
        ? words.votedHidden(message.member)
        : words.voted(message.member, lift[message.value])
    case 'break':
      return words.break(nameOf(message.breakType, texts.shared.breakType))
    case 'ceremony': {
      const name = nameOf(message.ceremony, words.ceremony)
      return message.on ? words.ceremonyBegins(name) : words.ceremonyEnds(name)
    }
    case 'down':
      return words.down
    case 'resetDecisions':
      return words.reset
    case 'juryDeliberation':
      return words.deliberation
    case 'challenge':
      return words.challenge
    case 'startLifting':
      return words.resumes
    case 'liftingOrderUpdated':
      return words.order
    default:
      return message satisfies never
  }
}

/** Our name for one of owlcms's words, or that word itself. */
function nameOf(word: string, known: Readonly<Record<string, string>>): string {
  return known[word] ?? word.toLowerCase().replaceAll('_', ' ')
}

function clockText(
  { kind, change, remainingMs }: Extract<FromOwlcms, { kind: ClockKind }>,
  { said, seconds }: JournalTexts,
): string {
  const words = said[kind]
  return remainingMs === undefined ? words.endless : words[change](seconds(remainingMs / 1000))
}

/** `white 2, red 1`; nothing when no decision is known. */
function tally(decisions: PlatformState['decisions'], { result }: JournalTexts): string {
  const all = Object.values(decisions)
  if (all.length === 0) return ''
  const count = (verdict: Verdict) => all.filter((one) => one === verdict).length
  return result.tally(count('good'), count('bad'))
}

const bracketed = (text: string) => (text === '' ? '' : ` (${text})`)

/** The result of a lift and of its review in sentences; none when there is no result. */
export function resultSentences(
  { result, decisions, reviews }: JournalSection,
  texts: JournalTexts,
): readonly string[] {
  const { lift, result: words } = texts
  return [
    ...(result === undefined
      ? []
      : [words.referees(`${lift[result]}${bracketed(tally(decisions ?? {}, texts))}`)]),
    ...reviews.flatMap((review) => reviewSentences(review, texts)),
  ]
}

function reviewSentences(
  review: JournalSection['reviews'][number],
  { lift, result: words }: JournalTexts,
): readonly string[] {
  const votes = Object.values(review.votes)
  const count = (verdict: Verdict) => votes.filter((one) => one === verdict).length
  const began = review.kind === 'challenge' ? words.challenged : words.deliberated
  const voted = votes.length === 0 ? [] : [words.votes(count('good'), count('bad'))]
  const decided =
    review.decision === undefined
      ? [review.ended ? words.noDecision : words.goesOn]
      : [words.decided(lift[review.decision]), words.applied]
  return [began, ...voted, ...decided]
}

/** `DOE, Jane · snatch, attempt 1 · session W1`, as far as known. */
export function sectionTitle({ kind, attempt }: JournalSection, { section: words }: JournalTexts): string {
  if (kind === 'between') return words.between
  const { athleteName, liftType, attemptNumber, session } = attempt ?? {}
  const lifts: Readonly<Record<string, string>> = { SNATCH: words.snatch, CLEANJERK: words.cleanJerk }
  const lift = [
    ...(liftType === undefined ? [] : [nameOf(liftType, lifts)]),
    ...(attemptNumber === undefined ? [] : [words.attempt(attemptNumber)]),
  ].join(', ')
  return [athleteName ?? words.unknown, lift, session === undefined ? '' : words.session(session)]
    .filter((fact) => fact !== '')
    .join(' · ')
}
