import { describe, expect, it } from 'vitest'
import { MemoryHall } from './memory-hall.ts'
import { FixedOrder, jane, janeStarts, zoe } from './transcript.ts'

const zoeStarts = janeStarts.replace('DOE, Jane', 'MÜLLER, Zoë')

/** T8 of docs/owlcms.md 4.9 as owlcms 61 and later shows it: two athletes, one good lift, one no-lift. */
const t8 = `
t+6000 owlcms/fop/resetDecisions/A reset
t+6000 owlcms/fop/liftingOrderUpdated/A
t+6000 owlcms/fop/startLifting/A
t+6000 owlcms/fop/liftingOrderUpdated/A
t+7000 owlcms/clock/A start ${janeStarts}
t+7000 owlcms/fop/resetDecisions/A reset
t+7000 owlcms/fop/start/A ${janeStarts} 60000
t+9000 owlcms/clock/A stop
t+9000 owlcms/fop/stop/A 58000
t+10000 owlcms/refbox/decision/A 1 good
t+10000 owlcms/fop/decision/A 1 good
t+10000 owlcms/refbox/decision/A 2 good
t+10000 owlcms/fop/stop/A 58000
t+10000 owlcms/fop/down/A
t+10000 owlcms/fop/decision/A 1 good
t+10000 owlcms/fop/decision/A 2 good
t+10000 owlcms/refbox/decision/A 3 bad
t+10000 owlcms/fop/decision/A 1 good
t+10000 owlcms/fop/decision/A 2 good
t+10000 owlcms/fop/decision/A 3 bad
t+13000 owlcms/fop/refereesDecision/A good
t+16500 owlcms/fop/liftingOrderUpdated/A
t+18500 owlcms/clock/A start ${zoeStarts}
t+18500 owlcms/fop/resetDecisions/A reset
t+18500 owlcms/fop/start/A ${zoeStarts} 60000
t+20500 owlcms/clock/A stop
t+20500 owlcms/fop/stop/A 58000
t+21500 owlcms/refbox/decision/A 1 bad
t+21500 owlcms/fop/decision/A 1 bad
t+21500 owlcms/refbox/decision/A 2 bad
t+21500 owlcms/fop/stop/A 58000
t+21500 owlcms/fop/down/A
t+21500 owlcms/fop/decision/A 1 bad
t+21500 owlcms/fop/decision/A 2 bad
t+21500 owlcms/refbox/decision/A 3 bad
t+21500 owlcms/fop/decision/A 1 bad
t+21500 owlcms/fop/decision/A 2 bad
t+21500 owlcms/fop/decision/A 3 bad
t+24500 owlcms/fop/refereesDecision/A bad
t+28000 owlcms/fop/break/A GROUP_DONE
t+34000 owlcms/fop/resetDecisions/A reset
t+34000 owlcms/fop/liftingOrderUpdated/A
t+34000 owlcms/fop/startLifting/A
t+34000 owlcms/fop/liftingOrderUpdated/A`
  .trim()
  .split('\n')

function play(version: string): { heard: string[]; results: string[] } {
  const hall = new MemoryHall({ version }).started()
  const draws = [0.1, 0.69, 0.7, 0.99, 0.8, 0.9]
  const order = new FixedOrder([jane, zoe])
  const sessions = [order, new FixedOrder([jane])]
  const simulation = hall.owlcms.console('A').simulate(sessions, () => draws.shift() ?? 0.5)
  hall.advanceTo(34_500)
  simulation.stop()
  hall.advanceTo(100_000)
  return { heard: hall.heard(), results: order.results }
}

describe("T8, owlcms's own simulator", () => {
  it('presses on the device topics, to the millisecond', () => {
    expect(play('69.0.0')).toEqual({ heard: t8, results: ['good', 'bad'] })
  })

  it('sends a plain start, and neither fop/start nor fop/stop, in 54', () => {
    const expected = t8
      .filter((line) => !/fop\/(start|stop)\//.test(line))
      .map((line) => line.replace(/(clock\/A start) .*/, '$1'))
    expect(play('54.2.0').heard).toEqual(expected)
  })

  it('presses only the clock through the broker in 53', () => {
    const { heard, results } = play('53.0.2')
    expect(heard.filter((line) => line.includes('refbox'))).toEqual([])
    expect(heard.filter((line) => line.includes('owlcms/clock/'))).toHaveLength(4)
    expect(results).toEqual(['good', 'bad'])
  })
})
