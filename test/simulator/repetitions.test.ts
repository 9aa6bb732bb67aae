import { describe, expect, it } from 'vitest'
import { inState } from './states.ts'
import { FixedOrder, jane, janeStarts, Stage, zoe } from './transcript.ts'

const ref = 'owlcms/refbox/decision/A'
const clock = 'owlcms/clock/A'
const brief = (lines: string[]) => lines.map((line) => line.replace('> owlcms/fop/', '').replace('/A', ''))

/** The repeated messages and oddities of docs/owlcms.md 4.4, in its order. */
describe('repetition, docs/owlcms.md 4.4', () => {
  it.each([
    ['a device', 'owlcms/refbox/downEmitted/A', ''],
    ['the announcer', ref, '0 good'],
  ])('down comes again when %s gave it before the majority', (_who, topic, payload) => {
    const stage = inState.TIME_STOPPED()
    stage.fieldOfPlay.changeRules({ immediateDecision: false })
    stage.press(topic, payload)
    stage.press(ref, '1 good')
    stage.press(ref, '2 good')
    expect(stage.said().filter((line) => line.includes('/down/'))).toHaveLength(2)
  })

  it('down comes once when the majority gives it, whatever follows', () => {
    const stage = inState.TIME_STOPPED()
    for (const payload of ['1 good', '2 good', '3 bad', '2 bad', '2 good']) stage.press(ref, payload)
    expect(stage.said().filter((line) => line.includes('/down/'))).toHaveLength(1)
  })

  it('stop comes twice per lift, with the same value', () => {
    const stage = inState.TIME_RUNNING()
    stage.pressAt(9000, clock, 'stop')
    stage.pressAt(12_000, ref, '1 good')
    stage.pressAt(12_100, ref, '2 good')
    const stops = brief(stage.said()).filter((line) => line.includes(' stop '))
    expect(stops).toEqual(['t+9000 stop 51000', 't+12100 stop 51000'])
  })

  it('stop comes at a break, at another one and at a session change, though the clock stands; not out of a break', () => {
    const said = [inState.CURRENT_ATHLETE_DISPLAYED(), inState.CURRENT_ATHLETE_DISPLAYED()].map(
      (stage, index) => {
        if (index === 1) {
          stage.fieldOfPlay.beginBreak('MARSHAL')
          stage.fieldOfPlay.beginBreak('TECHNICAL')
        }
        stage.fieldOfPlay.loadSession(new FixedOrder([zoe]))
        return brief(stage.said())
      },
    )
    const loaded = ['t+0 resetDecisions reset', 't+0 liftingOrderUpdated']
    const stop = 't+0 stop 60000'
    expect(said).toEqual([
      [stop, ...loaded],
      [stop, 't+0 break MARSHAL', stop, 't+0 break TECHNICAL', ...loaded],
    ])
  })

  it.each([
    ['the same one', 'TIME_RUNNING', false, 'TIME_RUNNING'],
    ['the same one', 'DOWN_SIGNAL_VISIBLE', false, 'DOWN_SIGNAL_VISIBLE'],
    ['the same one', 'CURRENT_ATHLETE_DISPLAYED', false, 'CURRENT_ATHLETE_DISPLAYED'],
    ['another one', 'TIME_RUNNING', true, 'INACTIVE'],
    ['another one', 'BREAK', true, 'BREAK'],
  ] as const)(
    'a session loaded, %s, in %s: decisions and time start afresh',
    (_which, state, isOther, then) => {
      const stage = inState[state]({ version: '61.0.0' })
      stage.press(ref, '1 bad')
      stage.fieldOfPlay.loadSession(isOther ? new FixedOrder([zoe]) : stage.order)
      const view = stage.fieldOfPlay.view()
      expect([view.state, view.decisionOf(1), view.remainingMs]).toEqual([then, undefined, 60_000])
    },
  )

  it('startLifting says nothing while an athlete is called', () => {
    const stage = inState.CURRENT_ATHLETE_DISPLAYED()
    stage.fieldOfPlay.startLifting()
    expect(stage.said()).toEqual([])
  })

  it('stop tells the old value and then the new one at 60 and 120, and about −1000 after time over', () => {
    const stage = inState.TIME_RUNNING()
    stage.pressAt(1000, clock, '120')
    stage.pressAt(2000, clock, '60')
    stage.pressAt(3000, clock, 'start')
    stage.advanceTo(70_000)
    const stops = brief(stage.said()).filter((line) => line.includes(' stop '))
    expect(stops).toEqual([
      't+1000 stop 59000',
      't+1000 stop 120000',
      't+2000 stop 120000',
      't+2000 stop 60000',
      't+64000 stop -1000',
    ])
  })

  it('start tells what is left when the clock goes on, and nothing when it runs', () => {
    const stage = inState.TIME_STOPPED()
    stage.press(clock, 'start')
    stage.press(clock, 'start')
    expect(stage.said()).toEqual([`t+0 > owlcms/fop/start/A ${janeStarts} 59000`])
  })

  it('resetDecisions comes at each load, switch and reload of a session', () => {
    const stage = new Stage()
    for (let times = 0; times < 2; times += 1) stage.fieldOfPlay.loadSession(stage.order)
    stage.fieldOfPlay.loadSession(new FixedOrder([zoe]))
    expect(stage.said().filter((line) => line.includes('resetDecisions'))).toHaveLength(3)
  })

  it('resetDecisions comes with a fresh clock, not with the rest of one', () => {
    const said = [jane, zoe].map((second) => {
      const stage = new Stage([jane, second]).displayFirst()
      stage.press(clock, 'start')
      stage.pressAt(5000, clock, 'stop')
      stage.press(ref, '0 bad')
      stage.advanceTo(10_000)
      stage.said()
      stage.press(clock, 'start')
      return brief(stage.said())[0]
    })
    expect(said).toEqual(['t+10000 resetDecisions reset', 't+10000 resetDecisions reset'])
  })

  it.each([
    ['who has not lifted yet', [jane, zoe], ['resetDecisions', 'start']],
    ['who was the previous lifter', [zoe, zoe], ['start']],
  ])('a used clock that goes on after a break, of an athlete %s', (_who, lifts, expected) => {
    const stage = new Stage(lifts).displayFirst()
    if (lifts[0] === zoe) {
      stage.press(clock, 'start')
      for (const payload of ['1 bad', '2 bad', '3 bad']) stage.press(ref, payload)
      stage.advanceTo(10_000)
    }
    stage.press(clock, 'start')
    stage.pressAt(15_000, 'owlcms/jurybox/break/A', 'technical')
    stage.pressAt(16_000, 'owlcms/jurybox/break/A', 'stop')
    stage.said()
    stage.press(clock, 'start')
    const words = brief(stage.said()).map((line) => line.split(' ')[1])
    expect(words).toEqual(expected)
  })

  it('who follows himself has one minute after a decision of referee 0, two after others', () => {
    const times = [['0 bad'], ['1 bad', '2 bad', '3 bad']].map((presses) => {
      const stage = new Stage([jane, jane]).displayFirst()
      stage.press(clock, 'start')
      for (const payload of presses) stage.press(ref, payload)
      stage.advanceTo(10_000)
      return stage.fieldOfPlay.view().remainingMs
    })
    expect(times).toEqual([60_000, 120_000])
  })

  it('liftingOrderUpdated comes at every weight change but in the down signal, and changes nothing else', () => {
    const all = Object.entries(inState).map(([state, make]) => {
      const stage = make()
      stage.fieldOfPlay.weightChanged()
      return { state, after: stage.fieldOfPlay.view().state, said: brief(stage.said()) }
    })
    expect(all).toEqual(
      Object.keys(inState).map((state) => ({
        state,
        after: state,
        said: state === 'DOWN_SIGNAL_VISIBLE' ? [] : ['t+0 liftingOrderUpdated'],
      })),
    )
  })

  it('time over stops the clock and decides nothing: decisions are still possible', () => {
    const stage = inState.TIME_RUNNING()
    stage.advanceTo(65_000)
    expect(brief(stage.said())).toEqual([
      't+30000 timeRemaining 30',
      't+60000 timeRemaining 0',
      't+61000 stop -1000',
    ])
    expect([stage.fieldOfPlay.view().state, stage.press(ref, '1 bad'), stage.order.results]).toEqual([
      'TIME_STOPPED',
      'accepted',
      [],
    ])
  })

  it('all known decisions are sent again at each press, six in a normal lift', () => {
    const stage = inState.TIME_STOPPED()
    for (const payload of ['1 good', '3 bad', '2 good']) stage.press(ref, payload)
    const decisions = stage.said().filter((line) => line.includes('/decision/'))
    expect(decisions.map((line) => line.slice(-6).trim())).toEqual([
      '1 good',
      '1 good',
      '3 bad',
      '1 good',
      '2 good',
      '3 bad',
    ])
  })
})

describe('a decision of one, docs/owlcms.md 4.5', () => {
  it.each([
    ['the announcer', '0 good', false],
    ['a single referee', '3 good', true],
  ])('of %s shows after 3 s when it is not immediate', (_who, payload, singleReferee) => {
    const stage = inState.TIME_RUNNING()
    stage.fieldOfPlay.changeRules({ immediateDecision: false, singleReferee })
    stage.pressAt(10_000, ref, payload)
    stage.pressAt(11_000, ref, payload.replace('good', 'bad'))
    stage.advanceTo(60_000)
    expect(brief(stage.said())).toEqual([
      't+10000 stop 50000',
      't+10000 stop 50000',
      't+10000 down',
      't+10000 decision 2 good',
      't+11000 stop 50000',
      't+11000 down',
      't+11000 decision 2 bad',
      't+13000 refereesDecision bad',
      't+16500 liftingOrderUpdated',
    ])
    expect(stage.order.results).toEqual(['bad'])
  })

  it('of a solo box is three presses in a burst on the normal path', () => {
    const stage = inState.TIME_STOPPED()
    for (const payload of ['1 good', '2 good', '3 good']) stage.press(ref, payload)
    stage.advanceTo(10_000)
    expect(brief(stage.said())).toEqual([
      't+0 decision 1 good',
      't+0 stop 59000',
      't+0 down',
      't+0 decision 1 good',
      't+0 decision 2 good',
      't+0 decision 1 good',
      't+0 decision 2 good',
      't+0 decision 3 good',
      't+3000 refereesDecision good',
      't+6500 liftingOrderUpdated',
    ])
  })

  it('shows hidden decisions in a jury review, from 69 on', () => {
    const heard = ['68.9.0', '69.0.0'].map((version) => {
      const stage = inState.TIME_STOPPED({ version, juryReview: true })
      stage.press(ref, '2 bad')
      return brief(stage.said())
    })
    expect(heard).toEqual([['t+0 decision 2 bad'], ['t+0 decision 2 hidden']])
  })
})
