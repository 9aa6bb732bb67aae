import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import type { Phase, PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import {
  called,
  fold,
  nextStart,
  platformA,
  read,
  shown,
  timelines,
  transcript,
  type Said,
} from './transcripts.ts'

const jane = { athleteName: 'DOE, Jane', attemptNumber: 1, liftType: 'SNATCH', session: 'W1' }
const noVotes = { size: 3, votes: {}, revealed: false }
const play = (lines: string, from: PlatformState = called) => fold(transcript(lines), from)

/** The phase after each message. */
function phases(said: readonly Said[], from = called): string[] {
  const seen: string[] = []
  let state = from
  for (const { at, message } of said) {
    state = reducePlatform(state, message, at)
    const { phase } = state
    const name = phase.kind === 'break' ? `break ${phase.breakType}` : phase.kind
    if (seen.at(-1) !== name) seen.push(name)
  }
  return seen
}

describe('what a platform shows along the timelines of docs/owlcms.md 4.9', () => {
  const lift = ['clockStopped', 'downSignal', 'decisionShown', 'athleteCalled']
  it.each<[keyof typeof timelines, string[]]>([
    ['t1', ['athleteCalled', 'clockRunning', ...lift]],
    ['t2', ['athleteCalled', 'clockRunning', ...lift]],
    ['t3', ['athleteCalled', 'clockRunning', ...lift]],
    ['t4', ['athleteCalled', 'break CHALLENGE', 'athleteCalled']],
    ['t5', ['athleteCalled', 'clockRunning', 'clockStopped', 'downSignal', 'athleteCalled', 'clockRunning']],
    ['t6', ['athleteCalled', 'clockRunning', ...lift, 'break JURY']],
    ['t7', ['athleteCalled', 'break JURY']],
    [
      't8',
      ['athleteCalled', 'clockRunning', ...lift.slice(0, 3), 'break GROUP_DONE', 'idle', 'athleteCalled'],
    ],
  ])('%s', (name, expected) => {
    expect(phases(transcript(timelines[name]))).toEqual(expected)
  })

  it.each<[keyof typeof timelines, string[]]>([
    ['t1', ['clockRunning', 'downSignal', 'decisionShown', 'athleteCalled']],
    ['t2', ['clockRunning', 'downSignal', 'decisionShown', 'athleteCalled']],
    ['t3', ['clockRunning', 'downSignal', 'decisionShown', 'athleteCalled']],
    ['t5', ['clockRunning', 'downSignal', 'clockRunning']],
  ])('%s before owlcms 55.3, without fop/start and fop/stop', (name, expected) => {
    const old = fold([{ at: 1, message: read('fop/config {"platforms":["A"],"version":"53.0.2"}') }], called)
    const said = transcript(timelines[name]).filter(({ message }) => !message.kind.startsWith('clockSt'))
    expect(phases(said, old)).toEqual(expected)
  })

  it('T1, the whole state at its turning points', () => {
    const said = transcript(timelines.t1)
    const at = (ms: number) =>
      shown(
        fold(
          said.filter((one) => one.at <= ms),
          called,
        ),
      )
    const base = { platform: 'A', down: false, summoned: [], jury: noVotes, attempt: jane }
    const stopped = { kind: 'stopped', remainingMs: 48_000, at: 22_000 }
    expect(at(10_000)).toEqual({
      ...base,
      phase: { kind: 'clockRunning' },
      clock: { kind: 'running', remainingMs: 60_000, at: 10_000 },
      decisions: {},
    })
    expect(at(26_000)).toEqual({
      ...base,
      phase: { kind: 'clockStopped' },
      clock: stopped,
      decisions: { 1: 'good' },
    })
    const down = { ...base, down: true, clock: stopped }
    expect(at(26_400)).toEqual({
      ...down,
      phase: { kind: 'downSignal' },
      decisions: { 1: 'good', 3: 'good' },
    })
    const decided = { ...down, decisions: { 1: 'good', 2: 'good', 3: 'good' } }
    expect(at(26_900)).toEqual({ ...decided, phase: { kind: 'downSignal' } })
    expect(at(29_900)).toEqual({ ...decided, phase: { kind: 'decisionShown' }, shown: 'good' })
    expect(at(33_400)).toEqual({
      platform: 'A',
      phase: { kind: 'athleteCalled' },
      clock: { kind: 'unknown' },
      decisions: {},
      down: false,
      summoned: [],
      jury: noVotes,
      judged: { attempt: jane, decisions: { 1: 'good', 2: 'good', 3: 'good' }, shown: 'good' },
    })
  })

  it('T4: votes come in hidden, are revealed, and stay; summons end with the break', () => {
    const said = transcript(timelines.t4)
    const at = (ms: number) =>
      fold(
        said.filter((one) => one.at <= ms),
        called,
      )
    expect(at(43_000).jury).toEqual({
      size: 3,
      votes: { 1: 'hidden', 2: 'hidden', 3: 'hidden' },
      revealed: false,
    })
    const votes = { 1: 'good', 2: 'good', 3: 'bad' }
    expect(at(43_200).jury).toEqual({ size: 3, votes, revealed: true })
    expect(at(43_200).summoned).toEqual([1, 2, 3])
    expect(shown(at(63_500))).toEqual({
      platform: 'A',
      phase: { kind: 'athleteCalled' },
      clock: { kind: 'stopped', remainingMs: 60_000, at: 10_000 },
      decisions: {},
      down: false,
      summoned: [],
      jury: { size: 3, votes, revealed: true },
    })
  })
})

describe('clock (docs/owlcms.md 4.2, 4.4)', () => {
  const running = play('10000 fop/resetDecisions/A reset\n10000 fop/start/A {…} 60000')

  it('time over stops lifting at zero, and the clock below it', () => {
    const over = play('70000 fop/timeRemaining/A 0', running)
    expect([over.phase, over.clock]).toEqual([
      { kind: 'clockStopped' },
      { kind: 'stopped', remainingMs: 0, at: 70_000 },
    ])
    expect(play('71000 fop/stop/A -1002', over).clock).toEqual({
      kind: 'stopped',
      remainingMs: -1002,
      at: 71_000,
    })
  })

  it('a repeated stop changes nothing that anybody sees', () => {
    const stopped = play('20000 fop/stop/A 50000', running)
    const again = play('20400 fop/stop/A 50000', stopped)
    expect([shown(again), again.fence]).toEqual([shown(stopped), stopped.fence])
  })

  const called60 = play('9000 fop/stop/A 60000')
  const called120 = play('9000 fop/stop/A 120000')
  it.each<[string, PlatformState, string, number]>([
    [
      '120, of a time that nobody told',
      called,
      '10000 clock/A 120\n10002 fop/stop/A 60000\n10003 fop/stop/A 120000',
      120_000,
    ],
    ['…swapped', called, '10000 clock/A 120\n10002 fop/stop/A 120000\n10003 fop/stop/A 60000', 120_000],
    [
      '60, of a time that nobody told',
      called,
      '10000 clock/A 60\n10002 fop/stop/A 120000\n10003 fop/stop/A 60000',
      60_000,
    ],
    ['…swapped', called, '10000 clock/A 60\n10002 fop/stop/A 60000\n10003 fop/stop/A 120000', 60_000],
    [
      '120 by the operator, of a known time',
      called60,
      '10002 fop/stop/A 60000\n10003 fop/stop/A 120000',
      120_000,
    ],
    ['…swapped', called60, '10002 fop/stop/A 120000\n10003 fop/stop/A 60000', 120_000],
    [
      '60 by the operator, of a known time',
      called120,
      '10002 fop/stop/A 120000\n10003 fop/stop/A 60000',
      60_000,
    ],
    ['…swapped', called120, '10002 fop/stop/A 60000\n10003 fop/stop/A 120000', 60_000],
    [
      '120 of a running clock',
      running,
      '20000 clock/A 120\n20002 fop/stop/A 50000\n20003 fop/stop/A 120000',
      120_000,
    ],
    ['…swapped', running, '20000 clock/A 120\n20002 fop/stop/A 120000\n20003 fop/stop/A 50000', 120_000],
    [
      '60 of a running clock that has more',
      play('10000 fop/start/A {…} 120000'),
      '11000 fop/stop/A 119000\n11002 fop/stop/A 60000',
      60_000,
    ],
    [
      '…swapped',
      play('10000 fop/start/A {…} 120000'),
      '11000 fop/stop/A 60000\n11002 fop/stop/A 119000',
      60_000,
    ],
  ])('another time is asked for, %s: the new one is shown', (_name, from, lines, remainingMs) => {
    const { phase, clock } = play(lines, from)
    expect([phase.kind, clock]).toMatchObject(['athleteCalled', { kind: 'stopped', remainingMs }])
  })

  it('a time shown before another lift tells nothing of which one is new', () => {
    const before = play('5000 fop/stop/A 60000\n6000 fop/stop/A 120000')
    const next = play(timelines.t1, before)
    const { clock } = play('40000 fop/stop/A 120000\n40001 fop/stop/A 60000', next)
    expect(clock).toMatchObject({ remainingMs: 60_000 })
  })

  it('another time asked for on another platform says nothing of this one', () => {
    const { clock } = play('10000 clock/B 120\n10002 fop/stop/A 120000\n10003 fop/stop/A 60000')
    expect(clock).toMatchObject({ remainingMs: 60_000 })
  })

  it('the marshal changes the weight of the athlete called: owlcms stops the clock and calls another one', () => {
    const next = play('20000 fop/stop/A 50000\n20021 fop/liftingOrderUpdated/A', running)
    const swapped = play('20000 fop/liftingOrderUpdated/A\n20021 fop/stop/A 50000', running)
    for (const { phase, attempt, clock } of [next, swapped]) {
      expect([phase.kind, attempt, clock]).toMatchObject([
        'athleteCalled',
        undefined,
        { remainingMs: 50_000 },
      ])
    }
  })

  it.each([
    '20000 fop/stop/A 50000\n20273 fop/liftingOrderUpdated/A',
    '19500 fop/decision/A 1 good\n20000 fop/stop/A 50000\n20021 fop/liftingOrderUpdated/A',
  ])('a weight change that the clock was not stopped for leaves the athlete on the platform: %s', (lines) => {
    const { phase, attempt } = play(lines, running)
    expect([phase.kind, attempt]).toEqual(['clockStopped', jane])
  })

  it('a clock that goes on runs from where it stood, with the athlete it had', () => {
    const resumed = play('20000 fop/stop/A 50000\n25000 fop/start/A  50000', running)
    expect([resumed.phase, resumed.clock, resumed.attempt]).toEqual([
      { kind: 'clockRunning' },
      { kind: 'running', remainingMs: 50_000, at: 25_000 },
      jane,
    ])
  })

  it.each([
    '20000 fop/stop/A 50000\n20000 fop/stop/A 60000',
    '20000 fop/stop/A 60000\n20000 fop/stop/A 50000',
  ])('a clock set to a full minute waits for a start, in either order: %s', (lines) => {
    expect(play(lines, running).phase).toEqual({ kind: 'athleteCalled' })
  })

  it('warnings outside a lift are a lamp test', () => {
    const test = '20000 fop/timeRemaining/A 30\n21000 fop/timeRemaining/A 0'
    expect(shown(play(test))).toEqual(shown(called))
    expect(shown(play(`${test}\n22000 fop/down/A`, initialPlatformState(platformA)))).toEqual(
      shown(initialPlatformState(platformA)),
    )
  })

  it('before 55.3 the warnings are all that tells the time', () => {
    const old = play('1 fop/config {"platforms":["A"],"version":"53.0.2"}\n10000 fop/resetDecisions/A reset')
    expect([old.phase, old.clock]).toEqual([{ kind: 'clockRunning' }, { kind: 'unknown' }])
    expect(play('40000 fop/timeRemaining/A 30', old).clock).toEqual({
      kind: 'running',
      remainingMs: 30_000,
      at: 40_000,
    })
  })
})

describe('decisions (docs/owlcms.md 4.3, 4.4)', () => {
  const split = play(timelines.t2.split('31300')[0] ?? '')

  it('a split gives no down signal and the clock runs on', () => {
    expect([split.phase, split.decisions, split.down]).toEqual([
      { kind: 'clockRunning' },
      { 1: 'bad', 2: 'good' },
      false,
    ])
  })

  it('two equal ones mean the down signal, even if its own message is lost', () => {
    const down = play('31300 fop/decision/A 3 bad', split)
    expect([down.phase, down.down]).toEqual([{ kind: 'downSignal' }, true])
  })

  it('hidden ones are kept as hidden and mean nothing more', () => {
    const hidden = play('30600 fop/decision/A 3 hidden\n30600 fop/decision/A 1 hidden', split)
    expect([hidden.phase, hidden.decisions]).toEqual([
      { kind: 'clockRunning' },
      { 1: 'hidden', 2: 'good', 3: 'hidden' },
    ])
  })

  it('a change of mind before the lights replaces the verdict', () => {
    const changed = play(`${timelines.t1.split('29900')[0]}
      28000 fop/decision/A 1 bad
      28000 fop/decision/A 2 good
      28000 fop/decision/A 3 good`)
    expect([changed.phase, changed.decisions]).toEqual([
      { kind: 'downSignal' },
      { 1: 'bad', 2: 'good', 3: 'good' },
    ])
  })

  it('the last one missing is reminded until the decision, or the old topic’s off, arrives', () => {
    const reminded = play('32000 fop/decisionRequest/A 3\n32000 decisionRequest/A/3 on', split)
    expect(reminded.reminded).toBe(3)
    expect(play('33000 fop/decision/A 3 bad', reminded).reminded).toBeUndefined()
    expect(play('33000 decisionRequest/A/3 off', reminded).reminded).toBeUndefined()
    expect(
      play('33000 fop/decision/A 3 bad\n33000 fop/decisionRequest/A 3', reminded).reminded,
    ).toBeUndefined()
  })

  it('a second down signal and a repeated round change nothing', () => {
    const down = play(timelines.t1.split('26900')[0] ?? '')
    expect(play('26500 fop/down/A\n26500 fop/decision/A 1 good\n26500 fop/decision/A 3 good', down)).toBe(
      down,
    )
  })

  it.each([
    '20000 fop/stop/A 50000\n20000 fop/down/A\n20000 fop/refereesDecision/A good\n20000 fop/decision/A 2 good',
    '20000 fop/decision/A 2 good\n20000 fop/refereesDecision/A good\n20000 fop/down/A\n20000 fop/stop/A 50000',
  ])('one who decides alone shows the lights at once, in any order', (lines) => {
    const state = play(lines, play('10000 fop/start/A {…} 60000'))
    expect([state.phase, state.down, state.shown, state.decisions]).toEqual([
      { kind: 'decisionShown' },
      true,
      'good',
      { 2: 'good' },
    ])
  })

  it('since 64 decisions count without a clock, in either order with their reset', () => {
    for (const lines of [
      '10000 fop/resetDecisions/A reset\n10000 fop/decision/A 1 bad',
      '10000 fop/decision/A 1 bad\n10000 fop/resetDecisions/A reset',
    ]) {
      const state = play(lines)
      expect([state.phase, state.decisions]).toEqual([{ kind: 'clockStopped' }, { 1: 'bad' }])
    }
  })
})

describe('jury, breaks, ceremonies (docs/owlcms.md 4.6, 4.7)', () => {
  const voted = play(timelines.t4.split('63500')[0] ?? '')

  it('a vote changed after the reveal hides and reveals again', () => {
    const changed = play('50000 fop/juryMemberDecision/A 3 hidden', voted)
    expect(changed.jury).toEqual({ size: 3, votes: { 1: 'good', 2: 'good', 3: 'hidden' }, revealed: false })
    expect(play('50200 fop/juryMemberDecision/A 3 good', changed).jury.revealed).toBe(true)
  })

  it('a member above the jury’s size hides nothing', () => {
    expect(play('50000 fop/juryMemberDecision/A 5 hidden', voted).jury.revealed).toBe(true)
  })

  it.each<[string, object]>([
    ['fop/juryDeliberation/A', {}],
    ['fop/resetDecisions/A reset', {}],
    ['fop/break/A TECHNICAL', { 1: 'good', 2: 'good', 3: 'bad' }],
    ['fop/startLifting/A', { 1: 'good', 2: 'good', 3: 'bad' }],
  ])('after %s the votes are %o', (line, votes) => {
    expect(play(`50000 ${line}`, voted).jury.votes).toEqual(votes)
  })

  it('breaks said twice change the state once', () => {
    const idle = initialPlatformState(platformA)
    for (const line of ['fop/juryDeliberation/A', 'fop/challenge/A', 'fop/break/A FIRST_CJ']) {
      const once = play(`10000 ${line}`, idle)
      expect(play(`10000 ${line}`, once)).toBe(once)
    }
  })

  it('a session from the introduction to lifting', () => {
    const said = transcript(`
      10000 fop/resetDecisions/A reset
      10300 fop/liftingOrderUpdated/A
      20000 fop/break/A BEFORE_INTRODUCTION
      20000 fop/break/A BEFORE_INTRODUCTION
      30000 fop/ceremony/A INTRODUCTION start
      40000 fop/ceremony/A INTRODUCTION stop
      41000 fop/ceremony/A OFFICIALS_INTRODUCTION start
      45000 fop/ceremony/A OFFICIALS_INTRODUCTION stop
      50000 fop/break/A FIRST_SNATCH
      60000 fop/startLifting/A
      60000 fop/liftingOrderUpdated/A`)
    expect(phases(said, initialPlatformState(platformA))).toEqual([
      'idle',
      'break BEFORE_INTRODUCTION',
      // The countdown before the first snatch begins with the introduction, without a word.
      'ceremony',
      'break FIRST_SNATCH',
      'ceremony',
      'break FIRST_SNATCH',
      'athleteCalled',
    ])
  })

  const loaded = (from: PlatformState) =>
    play('50000 fop/resetDecisions/A reset\n50100 fop/liftingOrderUpdated/A', from)

  it.each([
    'fop/break/A TECHNICAL',
    'fop/break/A MARSHAL',
    'fop/juryDeliberation/A',
    'fop/challenge/A',
    'fop/break/A BEFORE_INTRODUCTION',
    'fop/break/A FIRST_SNATCH',
    'fop/break/A FIRST_CJ',
  ])('a session that is loaded in a break leaves it as it is: %s', (line) => {
    const inBreak = play(`20000 ${line}`)
    expect(loaded(inBreak).phase).toEqual(inBreak.phase)
  })

  it('a session that is loaded after the last lift ends that break; a stop of the jury doesn’t', () => {
    const done = play('20000 fop/break/A GROUP_DONE')
    expect(loaded(done).phase).toEqual({ kind: 'idle' })
    const medals = play('21000 fop/ceremony/A MEDALS start', done)
    expect(loaded(medals).phase).toEqual({ kind: 'idle' })
    const stopped = play('50000 jurybox/break/A stop\n50002 fop/resetDecisions/A reset', done)
    expect(stopped.phase).toEqual({ kind: 'break', breakType: 'GROUP_DONE' })
    // A weight that is changed much later has nothing to do with it.
    expect(play('60000 fop/liftingOrderUpdated/A', stopped).phase).toEqual(stopped.phase)
  })

  it.each<[string, string]>([
    ['athleteCalled', ''],
    ['clockRunning', '20000 fop/start/A {…} 60000\n21000 fop/decision/A 1 good'],
    ['clockStopped', '20000 fop/start/A {…} 60000\n21000 fop/stop/A 59000\n22000 fop/decision/A 1 good'],
    [
      'downSignal',
      '20000 fop/start/A {…} 60000\n21000 fop/stop/A 59000\n22000 fop/decision/A 1 bad\n22500 fop/decision/A 1 bad\n22500 fop/decision/A 2 bad\n22500 fop/down/A',
    ],
  ])(
    'a session that is loaded again leaves %s, without decisions; one that is switched begins inactive',
    (kind, lines) => {
      const before = play(lines)
      const { phase, decisions } = loaded(before)
      expect([phase, decisions]).toEqual([{ kind }, {}])
      for (const pair of [
        '50000 fop/stop/A 59000\n50002 fop/resetDecisions/A reset',
        '50000 fop/resetDecisions/A reset\n50002 fop/stop/A 59000',
      ]) {
        const switched = play(`${pair}\n50100 fop/liftingOrderUpdated/A`, before)
        expect([switched.phase, switched.decisions]).toEqual([{ kind: 'idle' }, {}])
      }
    },
  )

  it('three referees without a clock, since owlcms 64, switch no session', () => {
    const said = `10000 fop/resetDecisions/A reset
      10000 fop/decision/A 1 good
      10004 fop/stop/A 60000
      10004 fop/down/A
      10005 fop/decision/A 1 good
      10005 fop/decision/A 2 good`
    expect(play(said).phase).toEqual({ kind: 'downSignal' })
  })

  it('a decision from before a break stays, since owlcms keeps it', () => {
    const state = play(`
      10000 fop/start/A {…} 60000
      20000 fop/decision/A 1 good
      21000 fop/stop/A 49000
      21000 fop/break/A TECHNICAL
      40000 fop/startLifting/A
      40000 fop/liftingOrderUpdated/A
      50000 fop/start/A {…} 49000`)
    expect([state.phase, state.decisions]).toEqual([{ kind: 'clockRunning' }, { 1: 'good' }])
  })
})

describe('owlcms itself', () => {
  it('a restart forgets the platform and is over with off, whichever twin is lost', () => {
    const busy = play('49000 fop/juryMemberDecision/A 2 good', play(timelines.t6))
    for (const lines of [
      '50000 fop/startup/A on\n50000 led/A on',
      '50000 led/A on\n50001 fop/startup/A on',
      '50000 led/A on',
    ]) {
      const starting = play(lines, busy)
      expect({ ...shown(starting), state: starting.owlcms.state }).toEqual({
        ...shown(initialPlatformState(platformA)),
        state: 'starting',
      })
      expect(starting.fence).toBe(busy.fence + 1)
      expect(play('51000 led/A off', starting).owlcms).toEqual({ state: 'present', heardAt: 51_000 })
    }
  })

  it('its config tells the jury’s size', () => {
    const state = play('10 fop/config {"jurySize":5,"platforms":["A"],"version":"69.0.0"}')
    expect(state.jury).toEqual({ size: 5, votes: {}, revealed: false })
  })

  it.each(['clock/A start', 'refbox/decision/A 1 good', 'jurybox/break/A stop', 'fop/down/B', 'config'])(
    '%s changes nothing, the state stays the very same',
    (line) => {
      expect(reducePlatform(called, read(line), 5)).toBe(called)
    },
  )
})

describe('swaps and losses (docs/owlcms.md 1.6)', () => {
  const names = Object.keys(timelines) as (keyof typeof timelines)[]

  /** All orders in which each event's messages may come, one event disturbed at a time. */
  function* swaps(said: readonly Said[]): Generator<Said[]> {
    const starts = said.flatMap((one, index) => (said[index - 1]?.at === one.at ? [] : [index]))
    for (const start of starts) {
      const event = said.filter((one) => one.at === said[start]?.at)
      for (const order of permutations(event)) {
        // Messages of one topic keep their order.
        if (!keepsTopicOrder(event, order)) continue
        yield [...said.slice(0, start), ...order, ...said.slice(start + event.length)]
      }
    }
  }

  it.each(names)('%s: any order of the messages of one event ends in the same state', (name) => {
    const said = transcript(timelines[name])
    const expected = shown(fold(said, called))
    let tried = 0
    for (const swapped of swaps(said)) {
      tried += 1
      expect(shown(fold(swapped, called))).toEqual(expected)
    }
    expect(tried).toBeGreaterThan(said.length / 3)
  })

  // T6 and T7 end in a break, after which no clock starts.
  it.each(names.filter((name) => name !== 't6' && name !== 't7'))(
    '%s: after the loss of any one message the next lift is seen as it is',
    (name) => {
      const said = transcript(timelines[name])
      const whole = [...said, ...nextStart(said)]
      const expected = shown(fold(whole, called))
      for (const [index, lost] of said.entries()) {
        const state = shown(fold(whole.toSpliced(index, 1), called))
        // A lost vote, or a lost end of the votes, is made good by the next reset; all else by the next start, but for what
        // was seen of the lift before.
        expect({ ...state, judged: null }, JSON.stringify(lost)).toEqual({ ...expected, judged: null })
      }
    },
  )

  it('never throws, and keeps its promises, for any messages at any times', () => {
    const lines = [...new Set(Object.values(timelines).flatMap((text) => transcript(text)))]
    const extra = [
      'fop/startup/A on',
      'fop/startup/A off',
      'fop/decision/A 2 hidden',
      'fop/ceremony/A MEDALS start',
    ]
    const pool: OwlcmsMessage[] = [...lines.map(({ message }) => message), ...extra.map(read)]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...pool), fc.integer({ min: 0, max: 8000 })), { maxLength: 60 }),
        (steps) => {
          let state = initialPlatformState(platformA)
          let at = 0
          for (const [message, ms] of steps) {
            at += ms
            const next = reducePlatform(state, message, at)
            expect(next.fence - state.fence).toBeLessThanOrEqual(1)
            expect(next.fence).toBeGreaterThanOrEqual(state.fence)
            const unheard = (one: PlatformState) => ({ ...one, owlcms: one.owlcms.state })
            if (next !== state) expect(unheard(next)).not.toEqual(unheard(state))
            const phase: Phase = next.phase
            if (phase.kind === 'decisionShown') expect(next.shown).toBeDefined()
            if (phase.kind === 'downSignal') expect(next.down).toBe(true)
            if (phase.kind === 'athleteCalled') expect([next.down, next.shown]).toEqual([false, undefined])
            expect(JSON.parse(JSON.stringify(next))).toEqual(next)
            state = next
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length <= 1) {
    yield [...items]
    return
  }
  for (const [index, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest]
  }
}

function keepsTopicOrder(event: readonly Said[], order: readonly Said[]): boolean {
  const kinds = new Set(event.map(({ message }) => message.kind))
  return [...kinds].every((kind) => {
    const of = (list: readonly Said[]) => list.filter(({ message }) => message.kind === kind)
    return of(event).every((one, index) => of(order)[index] === one)
  })
}
