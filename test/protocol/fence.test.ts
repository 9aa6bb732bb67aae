import { describe, expect, it } from 'vitest'
import { commandRules, pressKind, whyStale, type PressKind } from '../../src/protocol/field/fence.ts'
import type { FromDevice } from '../../src/protocol/owlcms/message.ts'
import type { FenceEdge, PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import { called, fold, nextStart, platformA, read, timelines, transcript, type Said } from './transcripts.ts'

const play = (lines: string, from: PlatformState = called) => fold(transcript(lines), from)
const running = play('10000 fop/resetDecisions/A reset\n10000 fop/start/A {…} 60000')
const stopped = play('22000 fop/stop/A 48000', running)
const down = play('26000 fop/decision/A 1 bad\n26000 fop/decision/A 2 bad\n26000 fop/down/A', stopped)
const decided = play('26500 fop/decision/A 3 good', down)
const lights = play('29500 fop/refereesDecision/A bad', decided)
const technical = play('20000 fop/stop/A 60000\n20000 fop/break/A TECHNICAL', called)
const jury = play('20000 fop/juryDeliberation/A', called)

/** The edges a message raises the fence by, in alphabetical order; none: the fence stays. */
function edgesOf(state: PlatformState, line: string, at: number): string[] {
  const next = reducePlatform(state, read(line), at)
  const { edges = {} } = next.tracking ?? {}
  if (next.fence === state.fence) return []
  return (Object.keys(edges) as FenceEdge[]).filter((edge) => edges[edge] === next.fence).sort()
}

describe('which message raises the fence, and why (PROTOCOL.md part 3)', () => {
  it.each<[string, PlatformState, string, FenceEdge[]]>([
    ['owlcms restarts', running, 'fop/startup/A on', ['owlcmsRestarted']],
    ['the twin of its restart', play('30000 fop/startup/A on', running), 'led/A on', []],
    ['its restart is over', play('30000 fop/startup/A on', running), 'fop/startup/A off', []],
    ['the next athlete is displayed', lights, 'fop/liftingOrderUpdated/A', ['athleteDisplayed']],
    ['the order changes before the clock starts', called, 'fop/liftingOrderUpdated/A', ['athleteDisplayed']],
    ['a weight changes while the clock runs', running, 'fop/liftingOrderUpdated/A', []],
    ['a weight changes while the clock stands', stopped, 'fop/liftingOrderUpdated/A', ['orderUpdated']],
    ['a weight changes during the down signal', down, 'fop/liftingOrderUpdated/A', []],
    ['a weight changes in a break', technical, 'fop/liftingOrderUpdated/A', []],
    ['lights of the lift before end at the start', called, 'fop/resetDecisions/A reset', ['votesCleared']],
    ['the down signal is wiped', down, 'fop/resetDecisions/A reset', ['attemptRestarted', 'votesCleared']],
    [
      'a decision is wiped after the time was set anew',
      play('23000 fop/decision/A 1 bad\n24000 fop/stop/A 46000\n24000 fop/stop/A 60000', running),
      'fop/resetDecisions/A reset',
      ['decisionsWiped', 'votesCleared'],
    ],
    [
      'another session is loaded while the clock stands',
      stopped,
      'fop/resetDecisions/A reset',
      ['athleteDisplayed', 'votesCleared'],
    ],
    [
      'the lights end and nobody told who is next',
      lights,
      'fop/resetDecisions/A reset',
      ['athleteDisplayed', 'votesCleared'],
    ],
    ['the clock starts', called, 'fop/start/A {…} 60000', ['clockRan']],
    [
      'the clock restarts in the down signal',
      down,
      'fop/start/A {…} 48000',
      ['attemptRestarted', 'clockRan'],
    ],
    ['the clock stops', running, 'fop/stop/A 48000', ['clockStood']],
    ['a repeated stop', stopped, 'fop/stop/A 48000', []],
    ['a warning', running, 'fop/timeRemaining/A 30', []],
    ['time over', running, 'fop/timeRemaining/A 0', ['clockStood']],
    ['the first decision', stopped, 'fop/decision/A 1 bad', []],
    ['a repeated decision', down, 'fop/decision/A 1 bad', []],
    ['a change of mind', decided, 'fop/decision/A 1 good', []],
    ['the down signal', stopped, 'fop/down/A', ['downGiven']],
    ['a second down signal', down, 'fop/down/A', []],
    [
      'the majority, its down signal lost',
      play('23000 fop/decision/A 1 bad', stopped),
      'fop/decision/A 3 bad',
      ['downGiven'],
    ],
    ['the lights', decided, 'fop/refereesDecision/A bad', ['decisionShown']],
    ['the lights again', lights, 'fop/refereesDecision/A bad', []],
    ['a reminder', down, 'fop/decisionRequest/A 3', []],
    ['a summon', jury, 'fop/summon/A 2', []],
    ['a break begins', running, 'fop/break/A TECHNICAL', ['breakBegan']],
    ['a break said twice', technical, 'fop/break/A TECHNICAL', []],
    ['a break becomes a deliberation', technical, 'fop/juryDeliberation/A', ['breakChanged', 'votesCleared']],
    ['a deliberation begins', called, 'fop/juryDeliberation/A', ['breakBegan', 'votesCleared']],
    ['a deliberation said twice', jury, 'fop/juryDeliberation/A', []],
    ['a vote', jury, 'fop/juryMemberDecision/A 1 hidden', []],
    ['a ceremony begins', technical, 'fop/ceremony/A MEDALS start', ['breakChanged']],
    ['lifting goes on', technical, 'fop/startLifting/A', ['liftingResumed']],
    ['owlcms’s config', running, 'fop/config {"platforms":["A"],"version":"69.0.0","jurySize":5}', []],
  ])('%s', (_name, state, line, edges) => {
    expect(edgesOf(state, line, 32_000)).toEqual(edges)
  })

  it('messages of one event raise it for the attempt once, in any order', () => {
    const restart = [
      'fop/resetDecisions/A reset',
      'fop/startLifting/A',
      'fop/liftingOrderUpdated/A',
      'fop/start/A {…} 48000',
    ]
    for (const first of restart) {
      const order = [first, ...restart.filter((line) => line !== first)]
      const after = play(order.map((line) => `28000 ${line}`).join('\n'), decided)
      expect(whyStale('refereeDecision', decided.fence, after)).toBeDefined()
      // Whoever saw the first message alone, some milliseconds earlier, is in time if it told of the attempt.
      expect(whyStale('refereeDecision', after.fence, after)).toBeUndefined()
    }
  })

  describe('another athlete is called while the clock stands; his clock starts', () => {
    const zoe = '{"athleteName":"ZOE","attemptNumber":1,"liftType":"SNATCH","session":"W1"}'
    const order = play('24000 fop/liftingOrderUpdated/A', stopped)
    const reset = '28000 fop/resetDecisions/A reset'
    const start = (who: string, ms: number) => `28000 fop/start/A ${who} ${ms}`
    const isLate = (kind: PressKind, fence: number, lines: string[], from = order) =>
      whyStale(kind, fence, play(lines.join('\n'), from)) !== undefined

    it.each([
      ['reset first', [reset, start(zoe, 60_000)]],
      ['start first', [start(zoe, 60_000), reset]],
      ['start first, the reset on its way', [start(zoe, 60_000)]],
      ['who is not named', [start('{}', 60_000)]],
    ])('%s: whatever was pressed for the one before is too late', (_name, lines) => {
      for (const fence of [called.fence, running.fence, stopped.fence]) {
        for (const kind of ['refereeDecision', 'clockStart', 'clockStop', 'downEmitted'] as const) {
          expect(isLate(kind, fence, lines)).toBe(true)
        }
      }
    })

    it('what was pressed since he was called is in time, if his name came first', () => {
      expect(isLate('refereeDecision', order.fence, [start(zoe, 60_000), reset])).toBe(false)
    })

    it('the same athlete goes on: what was pressed for him is in time', () => {
      expect(isLate('refereeDecision', stopped.fence, [start('{…}', 48_000)])).toBe(false)
      expect(isLate('refereeDecision', running.fence, [start('{…}', 48_000)], stopped)).toBe(false)
    })

    it('the same athlete is called again after another one: what was pressed for that one is too late', () => {
      const again = play('25000 fop/liftingOrderUpdated/A', order)
      expect(isLate('refereeDecision', order.fence, [start('{…}', 60_000), reset], again)).toBe(true)
    })

    it('or his time is set anew: decisions of before are wiped, wherever the reset is', () => {
      const decided = play('23000 fop/decision/A 1 bad', stopped)
      const anew = [start('{…}', 60_000), reset]
      for (const lines of [anew, anew.slice(0, 1), [...anew].reverse()]) {
        expect(isLate('refereeDecision', decided.fence, lines, decided)).toBe(true)
        expect(play(lines.join('\n'), decided).decisions).toEqual({})
      }
    })

    it('and nobody told that he was called: the name alone tells', () => {
      expect(isLate('refereeDecision', stopped.fence, [start(zoe, 60_000)], stopped)).toBe(true)
      expect(isLate('refereeDecision', running.fence, [start(zoe, 60_000)], running)).toBe(true)
    })
  })

  it('before 55.3 the clock may stand unheard: a start of before a weight change is too late, a decision not', () => {
    const old = play(
      '9000 fop/config {"platforms":["A"],"version":"53.0.2"}\n10000 fop/resetDecisions/A reset',
    )
    const order = play('24000 fop/liftingOrderUpdated/A', old)
    const late = (['clockStart', 'clockSet', 'refereeDecision'] as const).filter((kind) =>
      whyStale(kind, old.fence, order),
    )
    expect(late).toEqual(['clockStart', 'clockSet'])
  })

  it('lifting resumed twice within a moment: what was pressed in between is too late', () => {
    const once = play('20000 fop/startLifting/A\n20000 fop/liftingOrderUpdated/A', technical)
    const twice = play('20150 fop/startLifting/A', once)
    expect(whyStale('breakStop', once.fence, twice)).toEqual({ kind: 'edge', edge: 'liftingResumed' })
  })

  it('three decisions without lights: what comes when the lights must be over is the next athlete', () => {
    expect(edgesOf(decided, 'fop/liftingOrderUpdated/A', 26_500 + 6500)).toEqual(['athleteDisplayed'])
    expect(edgesOf(decided, 'fop/liftingOrderUpdated/A', 26_500 + 4500)).toEqual([])
  })

  it('one who decides alone, the lights lost: safety first', () => {
    const alone = play('20000 fop/down/A\n20000 fop/decision/A 2 good', running)
    expect(edgesOf(alone, 'fop/liftingOrderUpdated/A', 23_500)).toEqual(['athleteDisplayed'])
  })
})

describe('whyStale', () => {
  it.each<[string, PressKind, number | undefined, PlatformState, number | undefined, unknown]>([
    ['in time', 'refereeDecision', running.fence, running, 300, undefined],
    ['an old press', 'refereeDecision', running.fence, running, 2001, { kind: 'age', maxAgeMs: 2000 }],
    ['a press without a fence', 'refereeDecision', undefined, running, undefined, undefined],
    ['without a fence, but old', 'clockStart', undefined, running, 501, { kind: 'age', maxAgeMs: 500 }],
    [
      'of before the lights',
      'refereeDecision',
      decided.fence,
      lights,
      100,
      { kind: 'edge', edge: 'decisionShown' },
    ],
    [
      'made during the lights',
      'refereeDecision',
      lights.fence,
      lights,
      100,
      { kind: 'phase', phase: 'decisionShown' },
    ],
    [
      'a start of before the down signal',
      'clockStart',
      stopped.fence,
      down,
      100,
      { kind: 'edge', edge: 'downGiven' },
    ],
    ['a restart after the down signal', 'clockStart', down.fence, down, 100, undefined],
    ['the third decision after the down signal', 'refereeDecision', stopped.fence, down, 100, undefined],
    [
      'a toggle of before the stop',
      'clockToggle',
      running.fence,
      stopped,
      100,
      { kind: 'edge', edge: 'clockStood' },
    ],
    ['a stop of before the stop', 'clockStop', running.fence, stopped, 100, undefined],
    ['a stop right after one’s own start', 'clockStop', called.fence, running, 100, undefined],
    [
      'a break stop during the down signal',
      'breakStop',
      down.fence,
      down,
      100,
      { kind: 'phase', phase: 'downSignal' },
    ],
    [
      'a vote of before the start',
      'juryVote',
      called.fence,
      running,
      100,
      { kind: 'edge', edge: 'votesCleared' },
    ],
    ['a vote of before the display', 'juryVote', decided.fence, lights, 100, undefined],
    ['a fence from the future', 'clockStop', running.fence + 1, running, 100, { kind: 'unknownPast' }],
  ])('%s', (_name, kind, fence, state, ageMs, expected) => {
    expect(whyStale(kind, fence, state, ageMs)).toEqual(expected)
  })

  it('a fence of before this state began is too old, also when the hub sets the first fence', () => {
    const first = { ...initialPlatformState(platformA), fence: 1_000 }
    const later = play('10000 fop/start/A {…} 60000', first)
    expect(whyStale('juryVote', 999, later)).toEqual({ kind: 'unknownPast' })
    expect(whyStale('juryVote', 1_000, later)).toBeUndefined()
  })

  it('a reset right after a weight change is no part of what stopped the clock, however soon it comes', () => {
    const called = play(
      '20000 fop/liftingOrderUpdated/A',
      play('19900 fop/decision/A 3 bad', initialPlatformState(platformA)),
    )
    const next = play('20100 fop/resetDecisions/A reset', called)
    expect(whyStale('refereeDecision', called.fence, next)).toEqual({
      kind: 'edge',
      edge: 'athleteDisplayed',
    })
  })

  it('lights sooner than usual can still be changed (docs/owlcms.md 4.2 note 4)', () => {
    const early = play('26600 fop/refereesDecision/A bad', decided)
    expect(whyStale('refereeDecision', decided.fence, early)).toBeUndefined()
    expect(whyStale('announcerDecision', early.fence, early)).toEqual({
      kind: 'phase',
      phase: 'decisionShown',
    })
    const over = play('30200 fop/liftingOrderUpdated/A', early)
    expect(whyStale('refereeDecision', early.fence, over)).toEqual({ kind: 'edge', edge: 'athleteDisplayed' })
  })

  it('the time limits are those of docs/owlcms.md 5.1', () => {
    const limits = Object.fromEntries(
      Object.entries(commandRules).map(([kind, { maxAgeMs }]) => [kind, maxAgeMs]),
    )
    expect(limits).toEqual({
      refereeDecision: 2000,
      announcerDecision: 1000,
      downEmitted: 500,
      clockStart: 500,
      clockStop: 1000,
      clockToggle: 500,
      clockSet: 1000,
      technicalBreak: 5000,
      deliberation: 5000,
      challenge: 5000,
      breakStop: 2000,
      juryVote: 5000,
      juryDecision: 5000,
      summonReferee: 3000,
      summonController: 3000,
    })
  })

  it.each<[string, PressKind | undefined]>([
    ['refbox/decision/A 0 good', 'announcerDecision'],
    ['decision/A 3 bad', 'refereeDecision'],
    ['refbox/downEmitted/A', 'downEmitted'],
    ['clock/A start', 'clockStart'],
    ['clock/A stop', 'clockStop'],
    ['clock/A toggle', 'clockToggle'],
    ['clock/A 60', 'clockSet'],
    ['clock/A 120', 'clockSet'],
    ['jurybox/break/A technical', 'technicalBreak'],
    ['jurybox/break/A deliberation', 'deliberation'],
    ['jurybox/break/A challenge', 'challenge'],
    ['jurybox/break/A stop', 'breakStop'],
    ['jurybox/juryMember/decision/A 2 good', 'juryVote'],
    ['jurybox/decision/A good', 'juryDecision'],
    ['jurybox/summon/A all', 'summonReferee'],
    ['jurybox/summon/A 4', 'summonController'],
    ['test/A 1700000000000', undefined],
    ['config', undefined],
  ])('%s is a press of kind %s', (line, kind) => {
    expect(pressKind(read(line) as FromDevice)).toBe(kind)
  })
})

describe('presses along the timelines, with any one message lost', () => {
  interface Moment {
    /** Which attempt is judged after this message; undefined: none. */
    readonly attempt: number | undefined
    readonly isDown: boolean
    readonly state: PlatformState
  }

  /** The truth from the whole transcript, the state from what arrived of it. */
  function moments(whole: readonly Said[], lost?: number): Moment[] {
    let state = called
    let count = 0
    let attempt: number | undefined
    let isDown = false
    const all = whole.map(({ at, message }, index) => {
      const starts = whole.some((one) => one.at === at && one.message.kind === 'clockStarted')
      if (message.kind === 'resetDecisions' && starts) {
        count += 1
        attempt = count
        isDown = false
      }
      if (message.kind === 'down') isDown = true
      if (message.kind === 'refereesDecision') attempt = undefined
      if (index !== lost) state = reducePlatform(state, message, at)
      return { attempt, isDown, state }
    })
    // Nobody presses between the messages of one event.
    return all.filter((_, index) => whole[index + 1]?.at !== whole[index]?.at)
  }

  const t5Ends = `
    40000 fop/decision/A 1 good
    40100 fop/stop/A 31100
    40100 fop/down/A
    40100 fop/decision/A 1 good
    40100 fop/decision/A 2 good
    40200 fop/decision/A 1 good
    40200 fop/decision/A 2 good
    40200 fop/decision/A 3 good
    43200 fop/refereesDecision/A good
    46700 fop/liftingOrderUpdated/A`

  it.each(['t1', 't2', 't3', 't5', 't8'] as const)('%s', (name) => {
    const said = transcript(`${timelines[name]}${name === 't5' ? t5Ends : ''}`)
    const whole = [...said, ...nextStart(said)]
    let [passed, refused] = [0, 0]
    for (const lost of [undefined, ...said.keys()]) {
      const seen = moments(whole, lost)
      for (const [index, made] of seen.entries()) {
        if (made.attempt === undefined) continue
        for (const arrives of seen.slice(index)) {
          if (arrives.attempt === undefined) continue
          const isSame = made.attempt === arrives.attempt
          const note = JSON.stringify([lost === undefined ? '' : whole[lost], made.state, arrives.state])
          const stale = (kind: PressKind) => whyStale(kind, made.state.fence, arrives.state) !== undefined
          expect(stale('refereeDecision'), note).toBe(!isSame)
          expect(stale('clockStop'), note).toBe(!isSame)
          if (!isSame || made.isDown !== arrives.isDown)
            expect(stale('clockStart') || lost !== undefined, note).toBe(true)
          else if (lost === undefined) expect(stale('clockStart'), note).toBe(false)
          if (isSame) passed += 1
          else refused += 1
        }
      }
    }
    expect(Math.min(passed, refused)).toBeGreaterThan(20)
  })
})
