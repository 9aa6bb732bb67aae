import { describe, expect, it } from 'vitest'
import type { BreakType } from '../../src/simulator/breaks.ts'
import { inState } from './states.ts'
import { FixedOrder, jane, Stage, zoe } from './transcript.ts'

const breakTopic = 'owlcms/jurybox/break/A'
const votes = 'owlcms/jurybox/juryMember/decision/A'
const brief = (lines: string[]) => lines.map((line) => line.replace('> owlcms/fop/', '').replace('/A', ''))
const snatchThenJerk = [jane, { ...jane, liftType: 'CLEANJERK' as const }]

function inBreak(type: BreakType, version = '69.0.0', lifts = [jane, zoe]): Stage {
  const stage = new Stage(lifts, { version }).displayFirst()
  stage.fieldOfPlay.beginBreak(type)
  stage.said()
  return stage
}

const messages: Record<string, readonly string[]> = {
  technical: ['t+0 stop 60000', 't+0 break TECHNICAL'],
  deliberation: ['t+0 stop 60000', 't+0 juryDeliberation'],
  challenge: ['t+0 stop 60000', 't+0 challenge'],
}
const resumed = ['t+0 startLifting', 't+0 liftingOrderUpdated']
const reset = ['t+0 resetDecisions reset']

/** a: changes the break, with the clock's time and its message; same: accepted in silence; r: refused. */
const table: [BreakType, deliberation: string, challenge: string, technical: string][] = [
  ['JURY', 'same', 'a', 'a'],
  ['TECHNICAL', 'a', 'a', 'same'],
  ['MARSHAL', 'a', 'a', 'a'],
  ['CHALLENGE', 'a', 'same', 'a'],
  ['BEFORE_INTRODUCTION', 'r', 'r', 'r'],
  ['FIRST_SNATCH', 'r', 'r', 'r'],
  ['FIRST_CJ', 'a', 'a', 'r'],
  ['GROUP_DONE', 'a', 'a', 'a'],
]

describe('breaks asked for by the jury, docs/owlcms.md 4.6', () => {
  it.each(table)('in %s: deliberation %s, challenge %s, technical %s', (now, ...cells) => {
    const words = ['deliberation', 'challenge', 'technical']
    const got = words.map((word) => {
      const stage = inBreak(now)
      return { outcome: stage.press(breakTopic, word), said: brief(stage.said()) }
    })
    expect(got).toEqual(
      cells.map((cell, index) => ({
        outcome: cell === 'r' ? 'refused' : 'accepted',
        said: cell === 'a' ? messages[words[index] ?? ''] : [],
      })),
    )
  })

  it.each<[BreakType, said53: string[], said61: string[]]>([
    ['JURY', resumed, resumed],
    ['TECHNICAL', resumed, resumed],
    ['MARSHAL', resumed, resumed],
    ['CHALLENGE', resumed, resumed],
    ['BEFORE_INTRODUCTION', resumed, reset],
    ['FIRST_SNATCH', resumed, reset],
    ['FIRST_CJ', resumed, reset],
    ['GROUP_DONE', resumed, reset],
  ])('stop in %s: 53 %j, 61 %j', (now, said53, said61) => {
    const got = ['53.0.2', '61.0.0'].map((version) => {
      const stage = inBreak(now, version)
      stage.press(breakTopic, 'stop')
      return brief(stage.said())
    })
    expect(got).toEqual([said53, said61])
  })

  it('stop behind the last lift resumes nothing in 53', () => {
    const stage = inBreak('GROUP_DONE', '53.0.2', [])
    expect({ outcome: stage.press(breakTopic, 'stop'), said: stage.said() }).toEqual({
      outcome: 'ignored',
      said: [],
    })
  })

  it('a jury or challenge break clears the votes, again and again; a technical one does not', () => {
    const revealed = ['deliberation', 'challenge', 'technical'].map((word) => {
      const stage = inBreak('MARSHAL')
      stage.pressAt(0, breakTopic, word)
      stage.pressAt(1, votes, '1 good')
      stage.pressAt(2, votes, '2 good')
      stage.pressAt(3, breakTopic, word)
      stage.pressAt(4, votes, '3 good')
      stage.advanceTo(1000)
      return stage.said().some((line) => line.endsWith('3 good'))
    })
    expect(revealed).toEqual([false, false, true])
  })

  it('a jury of five reveals when all five voted', () => {
    const stage = inState.BREAK({ jurySize: 5 })
    for (const member of [1, 2, 3, 4, 5]) stage.pressAt(member, votes, `${member} bad`)
    stage.advanceTo(1000)
    expect(brief(stage.said()).slice(5)).toEqual(
      [1, 2, 3, 4, 5].map((member) => `t+205 juryMemberDecision ${member} bad`),
    )
  })

  it('a deferred break waits for ever if the third decision never comes', () => {
    const stage = inState.DOWN_SIGNAL_VISIBLE()
    stage.press(breakTopic, 'challenge')
    stage.advanceTo(600_000)
    expect(stage.said().filter((line) => line.includes('challenge'))).toEqual([])
  })

  it('a stop during the down signal does not take the result back, nor display the next athlete again', () => {
    const stage = inState.DOWN_SIGNAL_VISIBLE()
    stage.press('owlcms/refbox/decision/A', '3 bad')
    stage.said()
    stage.pressAt(1000, breakTopic, 'stop')
    stage.advanceTo(60_000)
    expect(brief(stage.said())).toEqual([
      't+1000 startLifting',
      't+1000 liftingOrderUpdated',
      't+3000 refereesDecision bad',
    ])
    expect([stage.order.results, stage.fieldOfPlay.view().state]).toEqual([
      ['bad'],
      'CURRENT_ATHLETE_DISPLAYED',
    ])
  })

  it('the announcer is not asked any more once lifting went on', () => {
    const stage = inState.DECISION_VISIBLE()
    stage.press(breakTopic, 'challenge')
    stage.pressAt(5000, 'owlcms/jurybox/decision/A', 'good')
    stage.fieldOfPlay.startLifting()
    stage.said()
    stage.fieldOfPlay.answerJury('confirm')
    stage.advanceTo(60_000)
    expect([stage.said(), stage.order.results]).toEqual([[], ['bad']])
  })
})

describe('the life of a session, docs/owlcms.md 4.7', () => {
  it('goes from the countdown through the introduction to the first athlete', () => {
    const stage = new Stage()
    const { fieldOfPlay } = stage
    fieldOfPlay.loadSession(stage.order)
    fieldOfPlay.beginBreak('BEFORE_INTRODUCTION', 10_000)
    stage.advanceTo(20_000)
    fieldOfPlay.endCeremony()
    fieldOfPlay.beginCeremony('OFFICIALS_INTRODUCTION')
    fieldOfPlay.endCeremony()
    fieldOfPlay.beginBreak('FIRST_SNATCH', 30_000)
    stage.advanceTo(100_000)
    expect(brief(stage.said())).toEqual([
      't+0 resetDecisions reset',
      't+0 liftingOrderUpdated',
      't+0 break BEFORE_INTRODUCTION',
      't+0 break BEFORE_INTRODUCTION',
      't+10000 ceremony INTRODUCTION start',
      't+20000 ceremony INTRODUCTION stop',
      't+20000 ceremony OFFICIALS_INTRODUCTION start',
      't+20000 ceremony OFFICIALS_INTRODUCTION stop',
      't+20000 break FIRST_SNATCH',
      't+50000 startLifting',
      't+50000 liftingOrderUpdated',
    ])
    expect(fieldOfPlay.view().state).toBe('CURRENT_ATHLETE_DISPLAYED')
  })

  it('has ceremonies in breaks only, one at a time', () => {
    const lifting = inState.CURRENT_ATHLETE_DISPLAYED()
    const { fieldOfPlay } = inBreak('GROUP_DONE')
    expect([
      lifting.fieldOfPlay.beginCeremony('MEDALS'),
      lifting.fieldOfPlay.endCeremony(),
      fieldOfPlay.beginCeremony('MEDALS'),
      fieldOfPlay.view().ceremony,
      fieldOfPlay.beginCeremony('INTRODUCTION'),
      fieldOfPlay.endCeremony(),
      fieldOfPlay.view().ceremony,
    ]).toEqual(['refused', 'ignored', 'accepted', 'MEDALS', 'ignored', 'accepted', undefined])
  })

  it.each<BreakType>(['BEFORE_INTRODUCTION', 'TECHNICAL', 'MARSHAL', 'JURY', 'CHALLENGE'])(
    'says %s twice when it begins from INACTIVE, once from lifting',
    (type) => {
      const counts = [inState.INACTIVE(), inState.CURRENT_ATHLETE_DISPLAYED()].map((stage) => {
        stage.fieldOfPlay.beginBreak(type)
        return brief(stage.said()).filter((line) => !line.includes(' stop ')).length
      })
      expect(counts).toEqual([2, 1])
    },
  )

  it('gives somebody a lift again after the last one: by a weight change, and by the jury', () => {
    const stage = new Stage([jane]).displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.press('owlcms/refbox/decision/A', '0 bad')
    stage.advanceTo(10_000)
    stage.said()
    stage.order.results.length = 0
    stage.fieldOfPlay.weightChanged()
    expect(brief(stage.said())).toEqual(['t+10000 startLifting', 't+10000 liftingOrderUpdated'])

    const judged = new Stage([jane], { announcerConfirmsJury: false }).displayFirst()
    judged.press('owlcms/clock/A', 'start')
    judged.press('owlcms/refbox/decision/A', '0 bad')
    judged.pressAt(10_000, breakTopic, 'challenge')
    judged.said()
    judged.press('owlcms/jurybox/decision/A', 'good')
    judged.advanceTo(20_000)
    expect([brief(judged.said()), judged.order.results]).toEqual([
      ['t+13500 startLifting', 't+13500 liftingOrderUpdated', 't+13500 break GROUP_DONE'],
      ['good'],
    ])
  })

  it('sets the clock afresh when a weight change makes another athlete due', () => {
    const stage = new Stage([jane, zoe]).displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.pressAt(10_000, 'owlcms/clock/A', 'stop')
    const order = new FixedOrder([zoe, jane])
    Object.assign(stage.order, { current: () => order.current() })
    stage.fieldOfPlay.weightChanged()
    const { state, lift, remainingMs } = stage.fieldOfPlay.view()
    expect({ state, lift, remainingMs }).toEqual({
      state: 'CURRENT_ATHLETE_DISPLAYED',
      lift: zoe,
      remainingMs: 60_000,
    })
  })

  it('breaks for clean & jerk only when told to, and the jury may still deliberate then', () => {
    const stages = [{}, { firstCleanJerkBreakMs: 60_000 }].map((rules) => {
      const stage = new Stage(snatchThenJerk, rules).displayFirst()
      stage.press('owlcms/clock/A', 'start')
      stage.press('owlcms/refbox/decision/A', '0 good')
      stage.advanceTo(10_000)
      return [stage.fieldOfPlay.view().breakType, stage.press(breakTopic, 'technical')]
    })
    expect(stages).toEqual([
      [undefined, 'accepted'],
      ['FIRST_CJ', 'refused'],
    ])
  })
})
