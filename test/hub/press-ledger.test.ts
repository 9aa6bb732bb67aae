import { beforeEach, describe, expect, it } from 'vitest'
import { Hub, type Circumstances, type PressOutcome, type PressReceipt } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { echoWaitMs } from '../../src/hub/press/press.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { PressReport } from '../../src/protocol/contract/press-report.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { fresh, PlainSession } from '../rules/stage.ts'

const A = 'A' as Platform

let clock: FakeClock
let upstream: FakeUpstream
let platforms: Platforms
let hub: Hub
let reports: PressReport[]

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  reports = []
  hub.ledger.listen((report) => reports.push(report))
  hub.linkChanged(true)
  upstream.settleAll()
  hear('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61.0.0"}')
  hear('owlcms/fop/startLifting/A')
  clock.advance(1_000)
})

function hear(topic: string, payload = ''): void {
  const heard = publication(topic, payload)
  hub.receive(heard)
}

interface Told {
  readonly outcomes: PressOutcome['kind'][]
  readonly receipts: PressReceipt[]
}

function press(
  topic: string,
  payload: string,
  circumstances: Circumstances = fresh,
  principal?: Principal,
): Told {
  const told: Told = { outcomes: [], receipts: [] }
  hub.publish(
    new PlainSession(hub, principal),
    publication(topic, payload),
    circumstances,
    ({ kind }) => told.outcomes.push(kind),
    (receipt) => told.receipts.push(receipt),
  )
  return told
}

const decide = (circumstances?: Circumstances): Told =>
  press('owlcms/refbox/decision/A', '2 good', circumstances)
const atBroker = (outcome: PublishOutcome = { kind: 'delivered' }): void => {
  upstream.settleAll(outcome)
}

describe('a press', () => {
  it('is taken when owlcms echoes it, with the times to broker and echo', () => {
    hear('owlcms/fop/start/A', '{} 60000')
    const at = clock.now()
    const { pending } = clock
    const { fence } = platforms.now(A)!.state
    const told = decide()
    clock.advance(20)
    atBroker()
    clock.advance(30)
    hear('owlcms/fop/decision/A', '2 good')
    hear('owlcms/fop/decision/A', '2 good')
    expect(told).toEqual({ outcomes: ['delivered'], receipts: [{ outcome: 'taken' }] })
    expect(reports).toEqual([
      {
        id: '1',
        platform: 'A',
        kind: 'refereeDecision',
        seat: 'referee-2',
        via: 'mqtt',
        client: expect.stringMatching(/^session /) as string,
        at,
        fenceNow: fence,
        outcome: 'taken',
        brokerMs: 20,
        echoMs: 50,
      },
    ])
    expect(clock.pending).toBe(pending)
  })

  it('is taken also when the echo overtakes the acknowledgement, and the client hears of both in order', () => {
    const told = decide()
    hear('owlcms/fop/decision/A', '2 good')
    expect(told).toEqual({ outcomes: [], receipts: [] })
    atBroker()
    expect(told).toEqual({ outcomes: ['delivered'], receipts: [{ outcome: 'taken' }] })
    expect(reports.map(({ outcome }) => outcome)).toEqual(['taken'])
  })

  it('whose acknowledgement is lost with the link is taken all the same when owlcms echoed it', () => {
    const told = decide()
    hear('owlcms/fop/decision/A', '2 good')
    atBroker({ kind: 'lost' })
    expect(told).toEqual({ outcomes: ['lost'], receipts: [] })
    expect(reports.map(({ outcome }) => outcome)).toEqual(['taken'])
  })

  it("is not taken by another referee's echo, nor by the other colour", () => {
    const told = decide()
    atBroker()
    hear('owlcms/fop/decision/A', '1 good')
    hear('owlcms/fop/decision/A', '2 bad')
    clock.advance(echoWaitMs)
    expect(told.receipts).toEqual([{ outcome: 'notTaken' }])
    expect(reports.map(({ outcome }) => outcome)).toEqual(['notTaken'])
  })

  it('that the broker has when the link breaks is delivered, since no echo can be heard any more', () => {
    const told = decide()
    atBroker()
    hub.linkChanged(false)
    expect(told.receipts).toEqual([{ outcome: 'delivered', because: 'linkLost' }])
    clock.advance(10_000)
    expect(reports.map(({ outcome, why }) => [outcome, why])).toEqual([['delivered', 'linkLost']])
  })

  it.each<[string, () => unknown, PressReport['outcome'], string | undefined]>([
    ['without a link', () => ((upstream.ready = false), decide()), 'offline', undefined],
    [
      'that the broker refuses',
      () => {
        decide()
        atBroker({ kind: 'refused', reasonCode: 0x87 })
      },
      'refused',
      'brokerRefused',
    ],
    [
      'under way when the link breaks',
      () => {
        decide()
        atBroker({ kind: 'lost' })
      },
      'lost',
      undefined,
    ],
    ['sent again', () => decide({ ...fresh, redelivered: true }), 'refused', 'redelivered'],
    ['flushed after CONNECT', () => decide({ ...fresh, flushed: true }), 'refused', 'held'],
    ['over its rate', () => decide({ ...fresh, overRate: true }), 'refused', 'tooFast'],
    [
      'while owlcms is deaf',
      () => {
        hear('owlcms/fop/startup/A', 'on')
        decide()
      },
      'refused',
      'deaf',
    ],
    ['that owlcms would misread', () => press('owlcms/refbox/decision/A', '2 ok'), 'refused', 'badVerdict'],
    [
      'of another seat',
      () =>
        press('owlcms/refbox/decision/A', '2 good', fresh, { kind: 'seat', platform: A, role: 'timekeeper' }),
      'refused',
      'notYourSeat',
    ],
    ['during the light check', () => (hub.keepBack(() => true), decide()), 'drill', undefined],
  ])('%s ends with one report', (_, act, outcome, why) => {
    act()
    clock.advance(10_000)
    expect(reports.map((report) => [report.outcome, report.why])).toEqual([[outcome, why]])
  })

  it('that comes by plain MQTT while the lights are shown is too late: the next athlete is near (R4)', () => {
    hear('owlcms/fop/start/A', '{} 60000')
    for (const referee of [1, 2, 3]) hear('owlcms/fop/decision/A', `${referee} good`)
    hear('owlcms/fop/down/A')
    clock.advance(3_000)
    hear('owlcms/fop/refereesDecision/A', 'good')
    expect(decide().outcomes).toEqual(['tooLate'])
    expect(reports.map((report) => [report.outcome, report.why])).toEqual([['tooLate', 'phase']])
    expect(upstream.lines).toEqual([])
  })

  it('is not proved by the same verdict for the next attempt, which somebody else pressed', () => {
    hear('owlcms/fop/start/A', '{} 60000')
    const told = decide()
    atBroker()
    // owlcms did not take it; a restart and another press of the same seat follow within the time of an echo.
    hear('owlcms/fop/challenge/A')
    hear('owlcms/fop/startLifting/A')
    hear('owlcms/fop/decision/A', '2 good')
    clock.advance(echoWaitMs)
    expect(told.receipts).toEqual([{ outcome: 'notTaken' }])
  })

  it('is too late in the lights also after an outage, when three decisions came again at once (R4)', () => {
    hear('owlcms/fop/start/A', '{} 60000')
    for (const referee of [1, 2, 3]) hear('owlcms/fop/decision/A', `${referee} good`)
    hear('owlcms/fop/down/A')
    clock.advance(1_000)
    hub.linkChanged(false)
    hub.linkChanged(true)
    // A change of mind has all three told again, one second before the lights.
    clock.advance(1_000)
    for (const referee of [1, 2, 3]) hear('owlcms/fop/decision/A', `${referee} good`)
    clock.advance(1_000)
    hear('owlcms/fop/refereesDecision/A', 'good')
    expect(decide().outcomes).toEqual(['tooLate'])
  })

  it('that changes the mind of a referee before the lights is passed on', () => {
    hear('owlcms/fop/start/A', '{} 60000')
    for (const referee of [1, 2, 3]) hear('owlcms/fop/decision/A', `${referee} good`)
    hear('owlcms/fop/down/A')
    clock.advance(2_900)
    press('owlcms/refbox/decision/A', '2 bad')
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 2 bad'])
  })

  it('that became too late while it waited for its turn is not sent (R4)', () => {
    const { fence } = platforms.now(A)!.state
    decide({ ...fresh, fence })
    const told = press('owlcms/clock/A', 'start', { ...fresh, fence })
    // Another athlete is called within the five milliseconds of waiting.
    hear('owlcms/fop/liftingOrderUpdated/A')
    clock.advance(5)
    expect(told.outcomes).toEqual(['tooLate'])
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 2 good'])
  })

  it('on a platform that owlcms does not have is passed on, and then seen not to be taken (R6)', () => {
    const told = press('owlcms/refbox/decision/Z', '1 good')
    atBroker()
    clock.advance(echoWaitMs)
    expect(told).toEqual({ outcomes: ['delivered'], receipts: [{ outcome: 'notTaken' }] })
  })

  it('of a word that owlcms may learn one day is passed on and delivered, nothing more is known (R6)', () => {
    const told = press('owlcms/clock/A', '180')
    atBroker()
    expect(told).toEqual({ outcomes: ['delivered'], receipts: [{ outcome: 'delivered', because: 'noEcho' }] })
  })
})
