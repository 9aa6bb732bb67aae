import { beforeEach, describe, expect, it } from 'vitest'
import { Hub, type Circumstances, type PressOutcome, type Session } from '../../src/hub/hub.ts'
import type { FrameFormat } from '../../src/hub/routing/fan-out.ts'
import type { Outbox } from '../../src/hub/routing/outbox.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { Publication, QoS } from '../../src/protocol/publication.ts'
import { filter } from '../rules/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, line, publication } from '../support/fake-upstream.ts'

/** Counts its encodings; a frame is the text of the publication and a newline. */
class TextFormat implements FrameFormat {
  encodings = 0
  encode(publication: Publication): Uint8Array {
    this.encodings += 1
    return new TextEncoder().encode(`${line(publication)}\n`)
  }
}

let sessions = 0

class TestSession implements Session {
  readonly key: string
  readonly principal: Principal
  readonly via = 'mqtt'
  readonly outbox: Outbox
  readonly format: FrameFormat
  readonly writes: string[] = []
  readonly delivered: string[] = []
  bufferedBytes = 0
  slowCalls = 0

  constructor(hub: Hub, format: FrameFormat = new TextFormat(), principal: Principal = { kind: 'device' }) {
    this.format = format
    this.principal = principal
    this.key = `session ${(sessions += 1)}`
    this.outbox = hub.createOutbox(this)
    hub.open(this)
  }
  write(frames: Uint8Array): void {
    this.writes.push(new TextDecoder().decode(frames))
  }
  deliver(publication: Publication, qos: QoS, identifiers: readonly number[]): 'queued' {
    this.delivered.push(
      `${line(publication)} @${qos}${identifiers.length > 0 ? ` #${identifiers.join(',')}` : ''}`,
    )
    return 'queued'
  }
  slow(): void {
    this.slowCalls += 1
  }
  taken(done: (taken: boolean) => void): void {
    this.outbox.whenTaken(done)
  }
  cut(): void {
    this.outbox.close()
  }
}

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  hub = new Hub({ clock, upstream, limits: { outboxBytes: 1_000 } })
  hub.linkChanged(true)
})

const fresh: Circumstances = { redelivered: false, flushed: false }

function press(session: Session, topic: string, payload: string, circumstances = fresh): PressOutcome[] {
  const outcomes: PressOutcome[] = []
  hub.publish(session, publication(topic, payload), circumstances, (outcome) => outcomes.push(outcome))
  return outcomes
}

describe('now or refused (R1)', () => {
  it('refuses a press while the link is down and never sends it later', () => {
    const session = new TestSession(hub)
    upstream.ready = false
    hub.linkChanged(false)
    const outcomes = press(session, 'owlcms/refbox/decision/A', '1 good')
    expect(outcomes).toEqual([{ kind: 'offline' }])
    upstream.ready = true
    hub.linkChanged(true)
    clock.advance(60_000)
    expect(upstream.lines).toEqual([])
    expect(hub.counters.droppedOffline).toBe(1)
    expect(hub.presses.get('A')).toEqual({ lastPressAt: expect.any(Number) as number, dropped: 1 })
  })

  it('refuses what waits for its turn when the link breaks', () => {
    const session = new TestSession(hub)
    press(session, 'owlcms/refbox/decision/A', '1 good')
    const waiting = press(session, 'owlcms/refbox/decision/A', '2 good')
    upstream.ready = false
    hub.linkChanged(false)
    expect(waiting).toEqual([{ kind: 'offline' }])
    upstream.ready = true
    hub.linkChanged(true)
    clock.advance(1_000)
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
  })
})

describe("the broker's order is the truth (R2)", () => {
  it('gives a publication to local clients only when it comes back from the broker, once', () => {
    const sender = new TestSession(hub)
    const listener = new TestSession(hub)
    hub.subscribe(listener, filter('owlcms/#'), { qos: 0 })
    hub.subscribe(listener, filter('owlcms/refbox/decision/A'), { qos: 0 })
    press(sender, 'owlcms/refbox/decision/A', '1 good')
    clock.finishTurn()
    expect(listener.writes).toEqual([])
    hub.receive(publication('owlcms/refbox/decision/A', '1 good'))
    clock.finishTurn()
    expect(listener.writes).toEqual(['owlcms/refbox/decision/A 1 good\n'])
  })

  it('answers a config request at once from the last reply of this connection, to the asker only', () => {
    const asker = new TestSession(hub)
    const other = new TestSession(hub)
    for (const session of [asker, other]) hub.subscribe(session, filter('owlcms/fop/config'), { qos: 0 })
    hub.receive(publication('owlcms/fop/config', '{"platforms":["A"],"version":"69"}'))
    clock.finishTurn()
    press(asker, 'owlcms/config', ' ')
    clock.finishTurn()
    const reply = 'owlcms/fop/config {"platforms":["A"],"version":"69"}\n'
    expect([asker.writes, other.writes]).toEqual([[reply, reply], [reply]])
  })

  it.each([
    ['of Firmata', '', ''],
    ['of Blue Owl', ' ', ' '],
    ['of replays', 'requesting configuration', 'requesting configuration'],
    ['of a bridge', 'owlcms-bridge', 'owlcms-bridge'],
    ['in other words', 'Requesting configuration', ' '],
    ['that advertises', 'buy now at evil.example', ' '],
    ['of 5,000 bytes', 'x'.repeat(5_000), ' '],
    ['with U+0000', '\u0000', ' '],
  ])('passes a config request %s on with no words but those of known devices', (_, asked, passedOn) => {
    clock.advance(2_000)
    upstream.sent.length = 0
    const viewer = new TestSession(hub, new TextFormat(), { kind: 'viewer' })
    press(viewer, 'owlcms/config', asked)
    expect(upstream.sent.map(({ publication: { payload } }) => Buffer.from(payload).toString())).toEqual([
      passedOn,
    ])
  })

  it('passes config requests on at most every 2 s, and its own question counts', () => {
    const session = new TestSession(hub)
    press(session, 'owlcms/config', ' ')
    clock.advance(2_000)
    press(session, 'owlcms/config', ' ')
    press(session, 'owlcms/config', ' ')
    clock.advance(1_999)
    press(session, 'owlcms/config', ' ')
    expect(upstream.lines).toEqual(['owlcms/config  '])
  })

  it('forgets the last reply with the connection it came by', () => {
    const session = new TestSession(hub)
    hub.subscribe(session, filter('owlcms/fop/config'), { qos: 0 })
    hub.receive(publication('owlcms/fop/config', '{"platforms":["A"]}'))
    clock.finishTurn()
    hub.linkChanged(false)
    hub.linkChanged(true)
    press(session, 'owlcms/config', 'x')
    clock.finishTurn()
    expect(session.writes).toHaveLength(1)
  })
})

describe('an acknowledgement means delivered (R3)', () => {
  it('settles only when the broker has answered', () => {
    const session = new TestSession(hub)
    const outcomes = press(session, 'owlcms/refbox/decision/A', '1 good')
    expect(outcomes).toEqual([])
    upstream.settleAll()
    expect(outcomes).toEqual([{ kind: 'delivered' }])
  })

  it('says lost when the link broke before the answer', () => {
    const session = new TestSession(hub)
    const outcomes = press(session, 'owlcms/clock/A', 'start')
    upstream.settleAll({ kind: 'lost' })
    expect(outcomes).toEqual([{ kind: 'lost' }])
    expect(hub.presses.get('A')?.dropped).toBe(1)
  })

  it('drops a redelivered command and passes another redelivered message', () => {
    const session = new TestSession(hub)
    const outcomes = press(session, 'owlcms/clock/A', 'start', { ...fresh, redelivered: true })
    press(session, 'owlcms/new/thing', 'x', { ...fresh, redelivered: true })
    expect(outcomes).toEqual([{ kind: 'redelivered' }])
    expect(upstream.lines).toEqual(['owlcms/new/thing x'])
  })
})

describe('permissions of a device (R5)', () => {
  it.each([
    ['owlcms/fop/down/A', 'reserved'],
    ['owlcms/bridge/x/state', 'reserved'],
    ['owlcms/led/invented', 'reserved'],
    ['owlcms/summon/A/2', 'reserved'],
    ['owlcms/decisionRequest/A/1', 'reserved'],
    ['homeassistant/light', 'outsideOwlcms'],
    ['owlcms', 'outsideOwlcms'],
  ])('refuses %s as %s', (topic, why) => {
    expect(press(new TestSession(hub), topic, 'x')).toEqual([{ kind: 'denied', why }])
    expect(upstream.lines).toEqual([])
  })
})

describe('unknown is passed on (R6)', () => {
  it('passes an unknown topic with its bytes and its QoS, and counts it', () => {
    const session = new TestSession(hub)
    hub.publish(session, publication('owlcms/light/show', '\u0000☃', 0), fresh, () => undefined)
    const sent = upstream.sent.find(({ publication: { topic } }) => topic === 'owlcms/light/show')
    expect(sent?.publication).toEqual(publication('owlcms/light/show', '\u0000☃', 0))
    expect(hub.counters.unknownPassedOn).toBe(1)
  })
})

describe('everything is bounded (R7)', () => {
  it('ends a client that does not read, and the others get everything', () => {
    const frozen = new TestSession(hub)
    const well = new TestSession(hub)
    for (const session of [frozen, well]) hub.subscribe(session, filter('owlcms/#'), { qos: 0 })
    frozen.bufferedBytes = 990
    for (let count = 0; count < 3; count += 1) {
      hub.receive(publication('owlcms/fop/timeRemaining/A', '90'))
      clock.finishTurn()
    }
    expect(frozen.slowCalls).toBeGreaterThan(0)
    expect(well.slowCalls).toBe(0)
    expect(well.writes).toEqual(Array(3).fill('owlcms/fop/timeRemaining/A 90\n'))
  })

  it('takes a client for slow by what waits now, not by what waited at its last write', () => {
    const session = new TestSession(hub)
    hub.subscribe(session, filter('owlcms/#'), { qos: 0 })
    session.bufferedBytes = 960
    hub.receive(publication('owlcms/fop/down/A'))
    clock.finishTurn()
    session.bufferedBytes = 0
    hub.receive(publication('owlcms/fop/timeRemaining/Platform 1', '30'))
    clock.finishTurn()
    expect(session.slowCalls).toBe(0)
    expect(session.writes).toHaveLength(2)
  })

  it('refuses the press after a full queue of one platform and leaves other platforms alone', () => {
    const session = new TestSession(hub)
    const outcomes = Array.from({ length: 22 }, () => press(session, 'owlcms/clock/A', 'toggle')).flat()
    expect(outcomes).toEqual([{ kind: 'tooFast' }])
    press(session, 'owlcms/clock/B', 'stop')
    expect(upstream.lines).toContain('owlcms/clock/B stop')
  })
})

describe("owlcms's weak spots are covered (R11)", () => {
  it('sends the presses of one platform in order and 5 ms apart, other platforms at once', () => {
    const session = new TestSession(hub)
    const sentAt: [string, number][] = []
    const t0 = clock.now()
    upstream.publish = ({ topic, payload }) => {
      sentAt.push([line({ topic, payload, qos: 1, retain: false }), clock.now() - t0])
    }
    press(session, 'owlcms/jurybox/juryMember/decision/A', '1 good')
    press(session, 'owlcms/jurybox/juryMember/decision/A', '2 good')
    press(session, 'owlcms/refbox/decision/B', '1 good')
    clock.advance(2)
    press(session, 'owlcms/jurybox/juryMember/decision/A', '3 bad')
    clock.advance(20)
    expect(sentAt).toEqual([
      ['owlcms/jurybox/juryMember/decision/A 1 good', 0],
      ['owlcms/refbox/decision/B 1 good', 0],
      ['owlcms/jurybox/juryMember/decision/A 2 good', 5],
      ['owlcms/jurybox/juryMember/decision/A 3 bad', 10],
    ])
  })

  it("waits a moment for room in the broker's window, and refuses what would be late", () => {
    const session = new TestSession(hub)
    upstream.room = false
    const first = press(session, 'owlcms/refbox/decision/A', '1 good')
    const second = press(session, 'owlcms/refbox/decision/A', '2 good')
    clock.advance(100)
    expect([first, second, upstream.lines]).toEqual([[], [], []])
    upstream.room = true
    clock.advance(10)
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good', 'owlcms/refbox/decision/A 2 good'])
    upstream.room = false
    const late = press(session, 'owlcms/clock/A', 'start')
    clock.advance(600)
    upstream.room = true
    clock.advance(600)
    expect([late, upstream.lines.length, hub.counters.tooFast]).toEqual([[{ kind: 'tooFast' }], 2, 1])
  })

  it('normalises a verdict and refuses what owlcms would show as a red light', () => {
    const session = new TestSession(hub)
    expect(press(session, 'owlcms/refbox/decision/A', '1 ok')).toEqual([
      { kind: 'invalid', why: 'badVerdict' },
    ])
    press(session, 'owlcms/refbox/decision/A', ' 1 GOOD ')
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
  })

  it('strips retain and sends a press at QoS 1', () => {
    const session = new TestSession(hub)
    hub.publish(session, publication('owlcms/clock/A', 'stop', 0, true), fresh, () => undefined)
    expect(upstream.sent.at(-1)?.publication).toEqual(publication('owlcms/clock/A', 'stop', 1, false))
  })

  it.each([
    ['on', 1_500],
    ['off', 500],
  ])('refuses presses for a platform whose owlcms said startup %s, for %i ms', (state, deafMs) => {
    const session = new TestSession(hub)
    hub.receive(publication('owlcms/fop/startup/A', state))
    clock.advance(deafMs - 1)
    expect(press(session, 'owlcms/clock/A', 'start')).toEqual([{ kind: 'deaf' }])
    press(session, 'owlcms/clock/B', 'start')
    clock.advance(1)
    press(session, 'owlcms/clock/A', 'stop')
    expect(upstream.lines).toEqual(['owlcms/clock/B start', 'owlcms/clock/A stop'])
  })

  it('remembers that owlcms is deaf when our own link bounces meanwhile', () => {
    const session = new TestSession(hub)
    hub.receive(publication('owlcms/fop/startup/A', 'on'))
    hub.linkChanged(false)
    hub.linkChanged(true)
    expect(press(session, 'owlcms/clock/A', 'start')).toEqual([{ kind: 'deaf' }])
  })

  it('keeps the legacy summons of official 4 from everybody', () => {
    const session = new TestSession(hub)
    hub.subscribe(session, filter('owlcms/#'), { qos: 0 })
    for (const topic of ['owlcms/summon/A/4', 'owlcms/summon/A/3', 'owlcms/fop/summon/A']) {
      hub.receive(publication(topic, 'on'))
    }
    clock.finishTurn()
    expect(session.writes.join('')).toBe('owlcms/summon/A/3 on\nowlcms/fop/summon/A on\n')
  })
})

describe('fan-out', () => {
  it('encodes once for all sessions of a format, and writes all messages of a turn at once', () => {
    const format = new TextFormat()
    const sessions = Array.from({ length: 9 }, () => new TestSession(hub, format))
    for (const session of sessions) hub.subscribe(session, filter('owlcms/fop/#'), { qos: 0 })
    hub.receive(publication('owlcms/fop/down/A'))
    hub.receive(publication('owlcms/fop/decision/A', '1 good'))
    expect(sessions.flatMap(({ writes }) => writes)).toEqual([])
    clock.finishTurn()
    expect(format.encodings).toBe(2)
    expect(sessions.map(({ writes }) => writes)).toEqual(
      Array(9).fill(['owlcms/fop/down/A \nowlcms/fop/decision/A 1 good\n']),
    )
  })

  it('writes at once what at most eight hear, a press and its echo, and keeps the order of what went to many before it', () => {
    const sessions = Array.from({ length: 9 }, () => new TestSession(hub))
    for (const session of sessions) hub.subscribe(session, filter('owlcms/fop/down/A'), { qos: 0 })
    for (const session of sessions.slice(1))
      hub.subscribe(session, filter('owlcms/fop/decision/A'), { qos: 0 })
    hub.receive(publication('owlcms/fop/down/A'))
    hub.receive(publication('owlcms/fop/decision/A', '1 good'))
    const [only, ...both] = sessions.map(({ writes }) => writes.join(''))
    expect(only).toBe('')
    expect(both).toEqual(Array(8).fill('owlcms/fop/down/A \nowlcms/fop/decision/A 1 good\n'))
    clock.finishTurn()
    expect(sessions[0]?.writes).toEqual(['owlcms/fop/down/A \n'])
  })

  it('never mixes the frames of two sessions that heard different topics in the same turn', () => {
    const format = new TextFormat()
    const a = new TestSession(hub, format)
    const both = new TestSession(hub, format)
    hub.subscribe(a, filter('owlcms/fop/+/A'), { qos: 0 })
    hub.subscribe(both, filter('owlcms/fop/#'), { qos: 0 })
    for (const platform of ['A', 'B', 'A']) hub.receive(publication(`owlcms/fop/down/${platform}`))
    clock.finishTurn()
    expect(a.writes.join('')).toBe('owlcms/fop/down/A \nowlcms/fop/down/A \n')
    expect(both.writes.join('')).toBe('owlcms/fop/down/A \nowlcms/fop/down/B \nowlcms/fop/down/A \n')
  })

  it('gives one copy at the highest QoS of overlapping filters, no higher than it came, with all identifiers', () => {
    const session = new TestSession(hub)
    hub.subscribe(session, filter('owlcms/#'), { qos: 0, identifier: 7 })
    hub.subscribe(session, filter('owlcms/fop/+/A'), { qos: 2, identifier: 9 })
    hub.receive(publication('owlcms/fop/down/A', '', 1))
    clock.finishTurn()
    expect(
      session.delivered.map((text) =>
        text.replace(/#(.*)/, (_, ids: string) => ids.split(',').sort().join('+')),
      ),
    ).toEqual(['owlcms/fop/down/A  @1 7+9'])
  })

  it('stops at unsubscribe and at close', () => {
    const session = new TestSession(hub)
    hub.subscribe(session, filter('owlcms/fop/#'), { qos: 0 })
    expect(hub.unsubscribe(session, filter('owlcms/fop/#'))).toBe(true)
    expect(hub.unsubscribe(session, filter('owlcms/fop/#'))).toBe(false)
    hub.subscribe(session, filter('owlcms/#'), { qos: 0 })
    hub.close(session)
    hub.receive(publication('owlcms/fop/down/A'))
    clock.finishTurn()
    expect([session.writes, hub.sessionCount, hub.subscriptionCount]).toEqual([[], 0, 0])
  })
})

describe("owlcms's presence (docs/owlcms.md 5.4)", () => {
  const asked = (): number =>
    upstream.sent.filter(({ publication: { topic } }) => topic === 'owlcms/config').length

  it('is unknown, then silent when a question stays unanswered, then answering', () => {
    expect(hub.watch.presence.kind).toBe('unknown')
    clock.advance(5_000)
    expect(hub.watch.presence).toMatchObject({ kind: 'silent' })
    hub.receive(publication('owlcms/fop/config', '{"platforms":["A","B"],"version":"69","jurySize":5}'))
    expect(hub.watch.presence).toEqual({
      kind: 'answering',
      since: clock.now(),
      config: { platforms: ['A', 'B'], version: '69', jurySize: 5 },
    })
  })

  it('is judged from any message of owlcms, and is silent again after an unanswered question', () => {
    hub.receive(publication('owlcms/fop/liftingOrderUpdated/A'))
    expect(hub.watch.presence.kind).toBe('answering')
    clock.advance(11_999)
    expect(hub.watch.presence.kind).toBe('answering')
    clock.advance(1)
    expect(hub.watch.presence.kind).toBe('silent')
  })

  it('asks at the start, after 7 s without a word, every 30 s even in traffic, and half a second after startup off', () => {
    const reply = publication('owlcms/fop/config', '{"platforms":["A"],"version":"69"}')
    expect(asked()).toBe(1)
    hub.receive(reply)
    clock.advance(6_999)
    expect(asked()).toBe(1)
    clock.advance(1)
    expect(asked()).toBe(2)
    hub.receive(reply)
    for (let second = 0; second < 30; second += 1) {
      hub.receive(publication('owlcms/fop/liftingOrderUpdated/A'))
      expect(asked()).toBe(2)
      clock.advance(1_000)
    }
    expect(asked()).toBe(3)
    hub.receive(publication('owlcms/fop/startup/A', 'off'))
    clock.advance(500)
    expect(asked()).toBe(4)
  })

  it('leaves no timer behind when the link is down', () => {
    hub.receive(publication('owlcms/fop/startup/A', 'off'))
    hub.linkChanged(false)
    expect(clock.pending).toBe(0)
    expect(hub.watch.presence.kind).toBe('unknown')
  })
})
