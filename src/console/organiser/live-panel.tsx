import { useEffect, useState } from 'hono/jsx/dom'
import type { Attempt } from '../../protocol/owlcms/message.ts'
import type { ClockState } from '../../protocol/field/state.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import { attemptOf } from '../view/athlete.ts'
import { breakCountdown, clockText } from '../view/clock-text.ts'
import { Name } from './marks.tsx'
import type { ConsoleModel } from './model.ts'
import type { Shell } from './shell.ts'
import type { LineState } from '../stream/stream-view.ts'
import { usePart } from './store.ts'
import { phaseName, seatName } from '../../texts/names.ts'
import type { Words } from './words.ts'

type Vote = VisibleState['decisions'][1]

/** Often enough for seconds to change in time; drawn in here only. */
const tickMs = 200

/** One platform as owlcms tells it now; an organiser sees each vote as it comes. */
export function LivePanel({ shell, platform }: { readonly shell: Shell; readonly platform: string }) {
  const state = usePart(shell.model.live, (view) => view.states[platform])
  const connection = usePart(shell.model.live, (view) => view.line.kind)
  return <LivePicture shell={shell} state={state} connection={connection} />
}

interface PictureFacts {
  readonly shell: Pick<Shell, 'words'> & { readonly model: Pick<ConsoleModel, 'bridgeNow'> }
  readonly state: VisibleState | undefined
  readonly connection: LineState['kind']
}

/** What the panel shows of a state. */
export function LivePicture({ shell, state, connection }: PictureFacts) {
  const { words } = shell
  const { live } = words.texts
  if (state === undefined) {
    return <p class="quiet">{connection === 'connecting' ? live.connecting : live.unknown}</p>
  }
  const { phase, down, shown } = state
  const attempt = attemptOf(state)
  const countdown = breakCountdown(state)
  return (
    <div class={`live ${connection === 'live' || connection === 'checking' ? '' : 'outdated'}`}>
      <p class="phase">
        <strong>{phaseName(words.texts.shared, phase)}</strong>
        {shown !== undefined && (
          <span class="shown"> · {shown === 'good' ? live.shownGood : live.shownBad}</span>
        )}
        {down && shown === undefined && phase.kind !== 'downSignal' && <span> · {live.down}</span>}
      </p>
      <Clock shell={shell} label={live.clock} clock={state.clock} />
      {countdown !== undefined && (
        <Clock shell={shell} label={live.breakClock} clock={countdown} isLabelled />
      )}
      {attempt !== undefined && <Athlete words={words} attempt={attempt} />}
      <Votes words={words} title={live.referees} seats={3} votes={(state.reviewed ?? state).decisions} />
      <Votes words={words} title={live.jury} seats={state.jury.size} votes={state.jury.votes} />
      <Calls words={words} state={state} />
    </div>
  )
}

interface ClockFacts {
  readonly shell: PictureFacts['shell']
  readonly label: string
  /** The label is there to be read, too. */
  readonly isLabelled?: boolean
  readonly clock: ClockState
}

function Clock({ shell: { words, model }, label, isLabelled, clock }: ClockFacts) {
  const { live } = words.texts
  const text = clockText(clock, model.bridgeNow())
  const [, look] = useState<string | undefined>('')
  const runs = clock.kind === 'running'
  useEffect(() => {
    if (!runs) return undefined
    const timer = window.setInterval(() => look(clockText(clock, model.bridgeNow())), tickMs)
    return () => window.clearInterval(timer)
  }, [clock])
  if (text === undefined) {
    return (
      <p class="clock">
        <span class="unseen">{label}: </span>
        <b aria-hidden="true">–:––</b> <span class="quiet">{live.unknown}</span>
      </p>
    )
  }
  return (
    <p class="clock" role="timer" aria-label={label}>
      {isLabelled === true && <span class="quiet">{label} </span>}
      <b>{text}</b>{' '}
      <span class="quiet">
        <span aria-hidden="true">{runs ? '▶' : '❚❚'}</span> {runs ? live.running : live.stopped}
      </span>
    </p>
  )
}

function Athlete({ words, attempt }: { readonly words: Words; readonly attempt: Attempt }) {
  const { live } = words.texts
  const lifts: Readonly<Record<string, string>> = { SNATCH: live.snatch, CLEANJERK: live.cleanJerk }
  const facts = [
    attempt.liftType === undefined ? undefined : (lifts[attempt.liftType] ?? attempt.liftType),
    attempt.attemptNumber === undefined ? undefined : live.attempt(attempt.attemptNumber),
    attempt.session,
  ].filter((fact) => fact !== undefined)
  return (
    <p class="athlete">
      {attempt.athleteName !== undefined && <Name text={attempt.athleteName} />}{' '}
      <span class="quiet">{facts.join(' · ')}</span>
    </p>
  )
}

interface VotesFacts {
  readonly words: Words
  readonly title: string
  readonly seats: number
  readonly votes: Readonly<Partial<Record<number, Vote>>>
}

function Votes({ words, title, seats, votes }: VotesFacts) {
  return (
    <div class="votes">
      <span class="quiet">{title}</span>
      <ol aria-label={title}>
        {Array.from({ length: seats }, (_, index) => (
          <Light key={index} words={words} number={index + 1} vote={votes[index + 1]} />
        ))}
      </ol>
    </div>
  )
}

const signs = { good: '✓', bad: '✗', hidden: '●', none: '' } as const

/** A light by position, colour, sign and word. */
function Light({
  words,
  number,
  vote = 'none' as const,
}: {
  readonly words: Words
  readonly number: number
  readonly vote?: Vote | 'none'
}) {
  return (
    <li class={`light ${vote === 'hidden' ? 'hidden-vote' : vote}`}>
      <span class="number">{number}</span>
      <span aria-hidden="true" class="sign">
        {signs[vote]}
      </span>
      <span class="unseen">: {words.texts.live[vote]}</span>
    </li>
  )
}

/** Who is called, who was reminded, who has not voted while others have. */
function Calls({ words, state }: { readonly words: Words; readonly state: VisibleState }) {
  const { live } = words.texts
  const missing = missingVotes(words, state)
  const official = (number: number) =>
    number === 4
      ? words.texts.shared.role.technicalController
      : seatName(words.texts.shared, 'referee', number)
  return (
    <>
      {state.owlcms.state === 'starting' && <p class="call warn">! {live.starting}</p>}
      {missing.length > 0 && <p class="call warn">! {live.missing(missing.join(', '))}</p>}
      {state.reminded !== undefined && <p class="call warn">! {live.reminded(official(state.reminded))}</p>}
      {state.summoned.length > 0 && (
        <p class="call warn">! {live.summoned(state.summoned.map(official).join(', '))}</p>
      )}
      {state.jury.revealed && <p class="call">{live.revealed}</p>}
    </>
  )
}

/** Seats still without a vote where somebody has voted already; nobody is late before that. */
function missingVotes(words: Words, { phase, decisions, jury }: VisibleState): readonly string[] {
  const late = (
    role: 'referee' | 'juryMember',
    votes: Readonly<Partial<Record<number, unknown>>>,
    size: number,
  ) => {
    if (Object.keys(votes).length === 0) return []
    return Array.from({ length: size }, (_, index) => index + 1)
      .filter((number) => votes[number] === undefined)
      .map((number) => seatName(words.texts.shared, role, number))
  }
  const lifting =
    phase.kind === 'clockRunning' || phase.kind === 'clockStopped' || phase.kind === 'downSignal'
  return [
    ...(lifting ? late('referee', decisions, 3) : []),
    ...(jury.revealed ? [] : late('juryMember', jury.votes, jury.size)),
  ]
}
