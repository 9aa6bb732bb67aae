import { describe, expect, it } from 'vitest'
import { Competition } from '../../src/simulator/competition.ts'
import { MemoryHall } from './memory-hall.ts'
import { FixedOrder, jane, zoe } from './transcript.ts'

const config = (at: number, jurySize: number, platforms: string[]) =>
  `t+${at} owlcms/fop/config ${JSON.stringify({ jurySize, platforms, version: '69.0.0' })}`

describe('the console of a platform', () => {
  it('does what browsers do: a session from its load to the break behind it', () => {
    const hall = new MemoryHall().started()
    const desk = hall.owlcms.console('A')
    desk.loadSession(new FixedOrder([jane, zoe]))
    desk.beginBreak('BEFORE_INTRODUCTION', 1000)
    hall.advanceTo(2000)
    desk.endCeremony()
    desk.startLifting()
    desk.changeWeight()
    desk.beginBreak('MARSHAL')
    desk.beginCeremony('MEDALS')
    expect(hall.heard()).toEqual([
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
    const desk = hall.owlcms.console('A')
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

  it('tests the down lamps outside any lift', () => {
    const hall = new MemoryHall().started()
    hall.owlcms.console('A').testDownLamps()
    hall.advanceTo(10_000)
    expect(hall.heard()).toEqual([
      't+0 owlcms/fop/timeRemaining/A 90',
      't+1000 owlcms/fop/timeRemaining/A 30',
      't+2000 owlcms/fop/timeRemaining/A 0',
      't+3000 owlcms/fop/down/A',
    ])
  })

  it('knows only its platforms', () => {
    const hall = new MemoryHall()
    expect(() => hall.owlcms.console('B')).toThrow(RangeError)
  })
})

describe('edits of the competition, docs/owlcms.md 1.8', () => {
  it('tell the new platform once, whose client then starts and answers, too', () => {
    const hall = new MemoryHall().started()
    hall.owlcms.addPlatform('B')
    hall.advanceTo(5000)
    hall.pressAt(5000, 'owlcms/config')
    expect(hall.heard()).toEqual([
      config(0, 3, ['A', 'B']),
      't+0 owlcms/fop/startup/B on',
      't+0 owlcms/led/B on',
      't+1000 owlcms/fop/startup/B off',
      't+1000 owlcms/led/B off',
      't+5000 owlcms/config',
      config(5000, 3, ['A', 'B']),
      config(5000, 3, ['A', 'B']),
    ])
  })

  it('leave the client of a deleted platform behind, which answers for ever', () => {
    const hall = new MemoryHall({ platforms: ['A', 'B'] }).started()
    hall.owlcms.removePlatform('B')
    hall.pressAt(0, 'owlcms/config')
    expect(hall.heard()).toEqual([
      config(0, 3, ['A']),
      't+0 owlcms/config',
      config(0, 3, ['A']),
      config(0, 3, ['A']),
    ])
  })

  it('tell the old size of the jury when it changes, and the new one when asked', () => {
    const hall = new MemoryHall().started()
    hall.owlcms.console('A').loadSession(new FixedOrder([jane]))
    hall.heard()
    hall.owlcms.setJurySize(5)
    hall.pressAt(0, 'owlcms/config')
    for (const member of [1, 2, 3, 4, 5]) {
      hall.pressAt(member, 'owlcms/jurybox/juryMember/decision/A', `${member} good`)
    }
    hall.advanceTo(1000)
    const heard = hall.heard()
    expect(heard.slice(0, 3)).toEqual([config(0, 3, ['A']), 't+0 owlcms/config', config(0, 5, ['A'])])
    expect(heard.slice(-5)).toEqual(
      [1, 2, 3, 4, 5].map((member) => `t+205 owlcms/fop/juryMemberDecision/A ${member} good`),
    )
  })
})

describe('client ids, docs/owlcms.md 1.7', () => {
  it.each([
    ['60.0.0', 'A_1700000000000'],
    ['61.0.0', 'A_owlcms_1700000000000'],
  ])('are as of %s: %s', async (version, expected) => {
    const ids: string[] = []
    const { startOwlcmsOn } = await import('../../src/simulator/simulated-owlcms.ts')
    const { MemoryBroker } = await import('./memory-broker.ts')
    const { FakeClock } = await import('../support/fake-clock.ts')
    const { silentLog } = await import('../support/silent-log.ts')
    const clock = new FakeClock()
    const broker = new MemoryBroker(clock)
    const options = { platforms: ['A'], version, clock, log: silentLog }
    startOwlcmsOn((events) => {
      ids.push(events.clientId)
      return broker.openWire(events)
    }, options)
    expect(ids).toEqual([expected])
  })
})

describe('a lifting order', () => {
  it('follows a declared weight, for one attempt only', () => {
    const light = { id: 1, name: 'LI, Mei', openingSnatchKg: 60, openingCleanJerkKg: 80 }
    const strong = { id: 2, name: 'DIALLO, Ana', openingSnatchKg: 70, openingCleanJerkKg: 90 }
    const order = new Competition('A1', [light, strong])
    const due = () => order.current()?.athleteId
    const seen = [due()]
    order.declare(1, 75)
    for (const verdict of ['good', 'good', 'good'] as const) {
      seen.push(due())
      order.record(verdict)
    }
    // 70, 73 and then 75 were lifted; 76 comes before 78.
    expect([...seen, due()]).toEqual([1, 2, 2, 1, 2])
  })
})
