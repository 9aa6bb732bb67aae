import { describe, expect, it } from 'vitest'
import { startOwlcmsOn } from '../../src/simulator/simulated-owlcms.ts'
import { silentLog } from '../support/silent-log.ts'
import { MemoryHall } from './memory-hall.ts'
import { FixedOrder, jane, zoe } from './transcript.ts'

describe('what browsers do at a platform', () => {
  it('tells a session from its load to the break behind it', () => {
    const hall = new MemoryHall().started()
    const desk = hall.owlcms.fieldOfPlay('A')
    desk.loadSession(new FixedOrder([jane, zoe]))
    desk.beginBreak('BEFORE_INTRODUCTION', 1000)
    hall.advanceTo(2000)
    desk.endCeremony()
    desk.startLifting()
    desk.weightChanged()
    desk.beginBreak('MARSHAL')
    desk.beginCeremony('MEDALS')
    expect(hall.said()).toEqual([
      't+0 owlcms/fop/resetDecisions/A reset',
      't+0 owlcms/fop/liftingOrderUpdated/A',
      't+0 owlcms/fop/break/A BEFORE_INTRODUCTION',
      't+0 owlcms/fop/break/A BEFORE_INTRODUCTION',
      't+1000 owlcms/fop/ceremony/A INTRODUCTION start',
      't+2000 owlcms/fop/ceremony/A INTRODUCTION stop',
      't+2000 owlcms/fop/startLifting/A',
      't+2000 owlcms/fop/liftingOrderUpdated/A',
      't+2000 owlcms/fop/liftingOrderUpdated/A',
      't+2000 owlcms/fop/stop/A 60000',
      't+2000 owlcms/fop/break/A MARSHAL',
      't+2000 owlcms/fop/ceremony/A MEDALS start',
    ])
  })

  it('answers the jury for the announcer, after rules were changed and changed back', () => {
    const hall = new MemoryHall({ announcerConfirmsJury: false }).started()
    const desk = hall.owlcms.fieldOfPlay('A')
    const order = new FixedOrder([jane, zoe, jane])
    desk.changeRules({ announcerConfirmsJury: true, singleReferee: true })
    desk.loadSession(order)
    desk.startLifting()
    hall.pressAt(0, 'owlcms/clock/A', 'start')
    hall.pressAt(1000, 'owlcms/refbox/decision/A', '2 bad')
    hall.pressAt(5000, 'owlcms/jurybox/break/A', 'deliberation')
    hall.pressAt(6000, 'owlcms/jurybox/decision/A', 'good')
    expect(order.results).toEqual(['bad'])
    desk.answerJury('confirm')
    expect(order.results).toEqual(['good'])
  })

  it('knows only its platforms', () => {
    const hall = new MemoryHall()
    expect(() => hall.owlcms.platform('B')).toThrow(RangeError)
  })
})

describe('client ids, docs/owlcms.md 1.7', () => {
  it.each([
    ['60.0.0', 'A_1700000000000'],
    ['61.0.0', 'A_owlcms_1700000000000'],
  ])('are as of %s: %s', (version, expected) => {
    const ids: string[] = []
    const { broker, clock } = new MemoryHall()
    const options = { platforms: ['A'], version, clock, log: silentLog }
    startOwlcmsOn((events) => {
      ids.push(events.clientId)
      return broker.openWire(events)
    }, options)
    expect(ids).toEqual([expected])
  })
})
