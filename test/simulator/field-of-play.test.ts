import { describe, expect, it } from 'vitest'
import { inState } from './states.ts'
import { jane, janeStarts, Stage } from './transcript.ts'

describe('the athlete clock', () => {
  it('warns at 30 and 0 on a one-minute clock, and stops itself a second after time over', () => {
    const stage = new Stage().displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.advanceTo(100_000)
    expect(stage.said()).toEqual([
      't+0 > owlcms/fop/resetDecisions/A reset',
      `t+0 > owlcms/fop/start/A ${janeStarts} 60000`,
      't+30000 > owlcms/fop/timeRemaining/A 30',
      't+60000 > owlcms/fop/timeRemaining/A 0',
      't+61000 > owlcms/fop/stop/A -1000',
    ])
    expect(stage.fieldOfPlay.view().state).toBe('TIME_STOPPED')
  })

  it('tells the old and the new value when a time is set, and resets the lights at the next start', () => {
    const stage = new Stage().displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.said()
    stage.pressAt(10_000, 'owlcms/clock/A', '120')
    stage.pressAt(11_000, 'owlcms/clock/A', 'start')
    expect(stage.said()).toEqual([
      't+10000 > owlcms/fop/stop/A 50000',
      't+10000 > owlcms/fop/stop/A 120000',
      't+11000 > owlcms/fop/resetDecisions/A reset',
      `t+11000 > owlcms/fop/start/A ${janeStarts} 120000`,
    ])
  })

  it('resumes with the time that is left, without a reset, and does not warn twice', () => {
    const stage = new Stage().displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.pressAt(30_000, 'owlcms/clock/A', 'stop')
    stage.said()
    stage.pressAt(40_000, 'owlcms/clock/A', 'start')
    stage.pressAt(41_000, 'owlcms/clock/A', 'start')
    stage.pressAt(45_000, 'owlcms/clock/A', 'stop')
    expect(stage.said()).toEqual([
      `t+40000 > owlcms/fop/start/A ${janeStarts} 30000`,
      't+45000 > owlcms/fop/stop/A 25000',
    ])
  })
})

describe('decisions', () => {
  const ref = 'owlcms/refbox/decision/A'

  it('reminds a third referee who never comes for 20 s, then is silent in DSV', () => {
    const stage = inState.TIME_STOPPED()
    stage.press(ref, '1 good')
    stage.press(ref, '2 good')
    stage.said()
    stage.advanceTo(600_000)
    expect(stage.said()).toEqual([
      't+1500 > owlcms/fop/decisionRequest/A 3',
      't+1500 > owlcms/decisionRequest/A/3 on',
      't+21500 > owlcms/decisionRequest/A/3 off',
    ])
    expect(stage.fieldOfPlay.view().state).toBe('DOWN_SIGNAL_VISIBLE')
  })

  it('lets a referee change sides during the reversal delay, without a second down or a later result', () => {
    const stage = inState.TIME_STOPPED()
    for (const payload of ['1 good', '2 good', '3 bad']) stage.press(ref, payload)
    stage.said()
    stage.pressAt(2900, ref, '1 bad')
    stage.advanceTo(60_000)
    expect(stage.said()).toEqual([
      't+2900 > owlcms/fop/decision/A 1 bad',
      't+2900 > owlcms/fop/decision/A 2 good',
      't+2900 > owlcms/fop/decision/A 3 bad',
      't+3000 > owlcms/fop/refereesDecision/A bad',
      't+6500 > owlcms/fop/liftingOrderUpdated/A',
    ])
    expect(stage.order.results).toEqual(['bad'])
  })

  it('asks twice when somebody presses again while two are known', () => {
    const stage = inState.TIME_STOPPED()
    stage.press(ref, '1 good')
    stage.press(ref, '2 bad')
    stage.pressAt(500, ref, '2 bad')
    stage.said()
    stage.advanceTo(3000)
    expect(stage.said()).toEqual([
      't+1500 > owlcms/fop/decisionRequest/A 3',
      't+1500 > owlcms/decisionRequest/A/3 on',
      't+2000 > owlcms/fop/decisionRequest/A 3',
      't+2000 > owlcms/decisionRequest/A/3 on',
    ])
  })

  it('gives the down signal again when a device had given it before the majority', () => {
    const stage = inState.TIME_STOPPED()
    stage.press('owlcms/refbox/downEmitted/A', '')
    stage.press(ref, '1 good')
    stage.press(ref, '2 good')
    const downs = stage.said().filter((line) => line.includes('/down/'))
    expect(downs).toEqual(['t+0 > owlcms/fop/down/A', 't+0 > owlcms/fop/down/A'])
  })

  it('takes a stale press for the athlete now displayed, since 64', () => {
    const stage = inState.CURRENT_ATHLETE_DISPLAYED()
    stage.press(ref, '3 good')
    expect(stage.said()).toEqual([
      't+0 > owlcms/fop/resetDecisions/A reset',
      't+0 > owlcms/fop/decision/A 3 good',
    ])
    expect(stage.fieldOfPlay.view().state).toBe('TIME_STOPPED')
  })

  it('shows the announcer at once, as referee 2 only', () => {
    const stage = inState.TIME_RUNNING()
    stage.press(ref, '0 bad')
    stage.advanceTo(60_000)
    expect(stage.said()).toEqual([
      't+0 > owlcms/fop/stop/A 60000',
      't+0 > owlcms/fop/stop/A 60000',
      't+0 > owlcms/fop/down/A',
      't+0 > owlcms/fop/refereesDecision/A bad',
      't+0 > owlcms/fop/decision/A 2 bad',
      't+3500 > owlcms/fop/liftingOrderUpdated/A',
    ])
  })

  it('ends a session with GROUP_DONE instead of a new lifting order', () => {
    const stage = new Stage([jane]).displayFirst()
    stage.press('owlcms/clock/A', 'start')
    for (const payload of ['1 good', '2 good', '3 good']) stage.press(ref, payload)
    stage.said()
    stage.advanceTo(60_000)
    expect(stage.said()).toEqual([
      't+3000 > owlcms/fop/refereesDecision/A good',
      't+6500 > owlcms/fop/break/A GROUP_DONE',
    ])
  })

  it('breaks by itself between snatch and clean & jerk, announced twice', () => {
    const stage = new Stage([jane, { ...jane, liftType: 'CLEANJERK' }], { firstCleanJerkBreakMs: 10_000 })
    stage.displayFirst().press('owlcms/clock/A', 'start')
    for (const payload of ['1 good', '2 good', '3 good']) stage.press(ref, payload)
    stage.said()
    stage.advanceTo(60_000)
    expect(stage.said()).toEqual([
      't+3000 > owlcms/fop/refereesDecision/A good',
      't+6500 > owlcms/fop/liftingOrderUpdated/A',
      't+6500 > owlcms/fop/break/A FIRST_CJ',
      't+6500 > owlcms/fop/break/A FIRST_CJ',
      't+16500 > owlcms/fop/startLifting/A',
      't+16500 > owlcms/fop/liftingOrderUpdated/A',
    ])
    expect(stage.fieldOfPlay.view().remainingMs).toBe(60_000)
  })
})

describe('the jury', () => {
  it('changes a result once the announcer confirms', () => {
    const stage = inState.DECISION_VISIBLE()
    stage.press('owlcms/jurybox/break/A', 'challenge')
    stage.pressAt(5000, 'owlcms/jurybox/decision/A', 'good')
    stage.advanceTo(20_000)
    expect(stage.order.results).toEqual(['bad'])
    stage.said()
    stage.fieldOfPlay.answerJury('confirm')
    stage.advanceTo(60_000)
    expect(stage.said()).toEqual([
      't+23500 > owlcms/fop/startLifting/A',
      't+23500 > owlcms/fop/liftingOrderUpdated/A',
    ])
    expect(stage.order.results).toEqual(['good'])
  })

  it('forgets the athlete under review when the connection was lost', () => {
    const stage = inState.DECISION_VISIBLE()
    stage.press('owlcms/jurybox/break/A', 'challenge')
    stage.advanceTo(5000)
    stage.fieldOfPlay.connectionLost()
    expect(stage.press('owlcms/jurybox/decision/A', 'good')).toBe('ignored')
  })

  it('shows votes of members above its size as hidden only, and shows a changed vote again', () => {
    const stage = inState.CURRENT_ATHLETE_DISPLAYED()
    for (const [ms, payload] of ['5 good', '1 good', '2 good', '3 good'].entries()) {
      stage.pressAt(ms, 'owlcms/jurybox/juryMember/decision/A', payload)
    }
    stage.pressAt(1000, 'owlcms/jurybox/juryMember/decision/A', '2 bad')
    stage.advanceTo(2000)
    const votes = stage.said().map((line) => line.replace('owlcms/fop/juryMemberDecision/A ', ''))
    expect(votes).toEqual([
      't+0 > 5 hidden',
      't+1 > 1 hidden',
      't+2 > 2 hidden',
      't+3 > 3 hidden',
      't+203 > 1 good',
      't+203 > 2 good',
      't+203 > 3 good',
      't+1000 > 2 hidden',
      't+1200 > 1 good',
      't+1200 > 2 bad',
      't+1200 > 3 good',
    ])
  })

  it('announces a break begun from INACTIVE twice', () => {
    const stage = inState.INACTIVE()
    stage.press('owlcms/jurybox/break/A', 'TECHNICAL')
    expect(stage.said()).toEqual(['t+0 > owlcms/fop/break/A TECHNICAL', 't+0 > owlcms/fop/break/A TECHNICAL'])
  })

  it('summons the controller without a break, and nobody for an unknown number, yet breaks', () => {
    const stage = inState.CURRENT_ATHLETE_DISPLAYED()
    stage.press('owlcms/jurybox/summon/A', 'controller')
    stage.press('owlcms/jurybox/summon/A', '7')
    expect(stage.said()).toEqual([
      't+0 > owlcms/fop/summon/A 4',
      't+0 > owlcms/summon/A/4 on',
      't+0 > owlcms/fop/stop/A 60000',
      't+0 > owlcms/fop/juryDeliberation/A',
    ])
  })
})
