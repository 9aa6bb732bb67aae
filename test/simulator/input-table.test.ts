import { describe, expect, it } from 'vitest'
import type { InputOutcome } from '../../src/simulator/field-of-play.ts'
import type { Rules } from '../../src/simulator/rules.ts'
import { inState, states } from './states.ts'
import { janeStarts } from './transcript.ts'

interface Row {
  readonly input: string
  readonly topic: string
  readonly payload: string
  readonly rules?: Partial<Rules>
  /** One cell per state, in the order INACTIVE, BREAK, CAD, TR, TS, DSV, DV. */
  readonly cells: readonly string[]
}

const err = 'refused'
const noop = 'ignored'
const resume = 'startLifting, liftingOrderUpdated'
const start = [
  err,
  err,
  'accepted → TIME_RUNNING: resetDecisions reset, start {} 60000',
  noop,
  'accepted → TIME_RUNNING: start {} 59000',
  `accepted → TIME_RUNNING: resetDecisions reset, ${resume}, start {} 59000`,
  err,
]
const stopped = 'accepted → TIME_STOPPED: stop 60000'
const setTo = (ms: number) => [
  err,
  err,
  `accepted: stop 60000, stop ${ms}`,
  `accepted → CURRENT_ATHLETE_DISPLAYED: stop 60000, stop ${ms}`,
  'accepted → CURRENT_ATHLETE_DISPLAYED',
  err,
  err,
]
const solo = (ms: number, before = '') =>
  `accepted → DECISION_VISIBLE: ${before}stop ${ms}, down, refereesDecision good, decision 2 good`
// A clock that runs is stopped, and stopped again with the down signal.
const alone = [
  err,
  err,
  solo(60000, 'resetDecisions reset, '),
  solo(60000, 'stop 60000, '),
  solo(59000),
  solo(59000),
  err,
]
const broken = (type: string, message: string, inBreak: string) => [
  `accepted → BREAK ${type}: ${message}, ${message}`,
  inBreak,
  `accepted → BREAK ${type}: stop 60000, ${message}`,
  `accepted → BREAK ${type}: stop 60000, ${message}`,
  `accepted → BREAK ${type}: stop 59000, ${message}`,
  'accepted',
  'accepted',
]
const summoned = (calls: string) => [
  `accepted → BREAK JURY: juryDeliberation, juryDeliberation, ${calls}`,
  `accepted: ${calls}`,
  `accepted → BREAK JURY: stop 60000, juryDeliberation, ${calls}`,
  `accepted → BREAK JURY: stop 60000, juryDeliberation, ${calls}`,
  `accepted → BREAK JURY: stop 59000, juryDeliberation, ${calls}`,
  'accepted',
  'accepted',
]
const call = (official: number) => `summon ${official}, summon/${official} on`
const everywhere = (cell: string) => states.map(() => cell)

/** docs/owlcms.md 4.2 as of 69; what differs before is in `cellsAt`. */
const rows: Row[] = [
  { input: 'clock start', topic: 'clock', payload: 'start', cells: start },
  {
    input: 'clock stop',
    topic: 'clock',
    payload: 'stop',
    cells: [err, err, err, stopped, noop, err, err],
  },
  {
    input: 'clock toggle',
    topic: 'clock',
    payload: 'toggle',
    cells: start.map((cell) => (cell === noop ? stopped : cell)),
  },
  { input: 'clock 60', topic: 'clock', payload: '60', cells: setTo(60000) },
  { input: 'clock 120', topic: 'clock', payload: '120', cells: setTo(120000) },
  {
    input: 'referee 1',
    topic: 'refbox/decision',
    payload: '1 good',
    cells: [
      err,
      err,
      'accepted → TIME_STOPPED: resetDecisions reset, decision 1 good',
      'accepted: decision 1 good',
      'accepted: decision 1 good',
      'accepted: decision 1 good, decision 2 bad',
      err,
    ],
  },
  { input: 'announcer', topic: 'refbox/decision', payload: '0 good', cells: alone },
  {
    input: 'single referee',
    topic: 'refbox/decision',
    payload: '3 good',
    rules: { singleReferee: true },
    cells: alone,
  },
  {
    input: 'down emitted',
    topic: 'refbox/downEmitted',
    payload: '',
    cells: [
      err,
      err,
      err,
      'accepted → DOWN_SIGNAL_VISIBLE: stop 60000, down',
      'accepted → DOWN_SIGNAL_VISIBLE: stop 59000, down',
      err,
      err,
    ],
  },
  {
    input: 'jury vote',
    topic: 'jurybox/juryMember/decision',
    payload: '1 good',
    cells: everywhere('accepted: juryMemberDecision 1 hidden'),
  },
  {
    input: 'jury decision',
    topic: 'jurybox/decision',
    payload: 'good',
    // In BREAK nobody was judged yet; T4 shows the decision on somebody.
    cells: [err, noop, err, err, err, err, err],
  },
  {
    input: 'break technical',
    topic: 'jurybox/break',
    payload: 'technical',
    cells: broken('TECHNICAL', 'break TECHNICAL', 'accepted'),
  },
  {
    input: 'break deliberation',
    topic: 'jurybox/break',
    payload: 'deliberation',
    cells: broken('JURY', 'juryDeliberation', 'accepted → BREAK JURY: stop 60000, juryDeliberation'),
  },
  {
    input: 'break challenge',
    topic: 'jurybox/break',
    payload: 'challenge',
    cells: broken('CHALLENGE', 'challenge', 'accepted → BREAK CHALLENGE: stop 60000, challenge'),
  },
  {
    input: 'break stop',
    topic: 'jurybox/break',
    payload: 'stop',
    cells: [
      'accepted: resetDecisions reset',
      `accepted → CURRENT_ATHLETE_DISPLAYED: ${resume}`,
      'accepted: resetDecisions reset',
      noop,
      noop,
      `accepted → CURRENT_ATHLETE_DISPLAYED: ${resume}`,
      `accepted → CURRENT_ATHLETE_DISPLAYED: ${resume}`,
    ],
  },
  { input: 'summon 2', topic: 'jurybox/summon', payload: '2', cells: summoned(call(2)) },
  {
    input: 'summon all',
    topic: 'jurybox/summon',
    payload: 'all',
    cells: summoned([1, 2, 3].map(call).join(', ')),
  },
  {
    input: 'summon controller',
    topic: 'jurybox/summon',
    payload: 'controller',
    cells: everywhere(`accepted: ${call(4)}`),
  },
]

/** The cells of a row in an older release; `release` is major × 100 + minor. */
function cellsAt(release: number, { input, cells }: Row): string[] {
  const told = release >= 5503 ? [...cells] : cells.map(withoutClock)
  if (input === 'clock toggle' && release < 5801) return everywhere(noop)
  if (/^(referee 1|announcer|single referee)$/.test(input) && release < 6400) told[2] = err
  if (input === 'break stop' && release < 6100) {
    told[0] = `accepted → CURRENT_ATHLETE_DISPLAYED: ${resume}`
    told[2] = noop
  }
  return told
}

/** The same cell without `fop/start` and `fop/stop`. */
function withoutClock(cell: string): string {
  const [head = '', said = ''] = cell.split(': ')
  const left = said.split(', ').filter((message) => !/^(start|stop) /.test(message))
  return left.join('') === '' ? head : `${head}: ${left.join(', ')}`
}

function cellOf(state: (typeof states)[number], version: string, row: Row): string {
  const stage = inState[state]({ version })
  stage.fieldOfPlay.changeRules(row.rules ?? {})
  const before = describeState(stage.fieldOfPlay.view())
  const outcome: InputOutcome = stage.press(`owlcms/${row.topic}/A`, row.payload)
  const after = describeState(stage.fieldOfPlay.view())
  const said = stage
    .said()
    .map((line) => line.replace('t+0 > owlcms/', '').replace('fop/', '').replace('/A', ''))
    .map((line) => line.replace(janeStarts, '{}'))
  const change = before === after ? '' : ` → ${after}`
  return `${outcome}${change}${said.length === 0 ? '' : `: ${said.join(', ')}`}`
}

function describeState(view: { state: string; breakType: string | undefined }): string {
  return view.breakType === undefined ? view.state : `${view.state} ${view.breakType}`
}

const releases = [5300, 5402, 5502, 5503, 5800, 5801, 6009, 6100, 6309, 6400, 6900].map((release) => ({
  release,
  version: `${Math.floor(release / 100)}.${release % 100}.0`,
}))

describe.each(releases)('input × state of docs/owlcms.md 4.2, owlcms $version', ({ release, version }) => {
  it.each(rows)('$input', (row) => {
    expect(states.map((state) => cellOf(state, version, row))).toEqual(cellsAt(release, row))
  })
})

describe('the states of the table', () => {
  it('are what they are called', () => {
    expect(states.map((state) => inState[state]().fieldOfPlay.view().state)).toEqual(states)
  })
})
