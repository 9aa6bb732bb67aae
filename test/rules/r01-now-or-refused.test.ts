import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { filter, heard, PlainSession, press, publish, setStage, subscribe, type Stage } from './stage.ts'

const login = { username: 'hall', password: Buffer.from('secret') }

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

describe('a press that waits for its turn (R1)', () => {
  /** One press that left at once, and one that waits for its 5 ms; gives the outcomes of the second. */
  function waiting(session: PlainSession): object[] {
    press(stage.hub, session, 'owlcms/refbox/decision/A', '1 good')
    return press(stage.hub, session, 'owlcms/refbox/decision/A', '2 bad')
  }

  it('is refused when its turn comes and the link has just gone, before anybody said so', () => {
    const outcomes = waiting(new PlainSession(stage.hub))
    stage.upstream.ready = false
    stage.clock.advance(5)
    expect([outcomes, stage.upstream.lines]).toEqual([
      [{ kind: 'offline' }],
      ['owlcms/refbox/decision/A 1 good'],
    ])
    expect(stage.hub.counters.droppedOffline).toBe(1)
  })

  it('is refused when owlcms has gone deaf meanwhile (R11)', () => {
    const outcomes = waiting(new PlainSession(stage.hub))
    stage.hub.receive(publication('owlcms/fop/startup/A', 'on'))
    stage.clock.advance(5)
    expect([outcomes, stage.upstream.lines]).toEqual([
      [{ kind: 'deaf' }],
      ['owlcms/refbox/decision/A 1 good'],
    ])
  })

  it('is refused once, counted, and not sent behind a press of the next connection', () => {
    const session = new PlainSession(stage.hub)
    const outcomes = waiting(session)
    stage.link(false)
    expect([outcomes, stage.hub.counters.droppedOffline]).toEqual([[{ kind: 'offline' }], 1])
    stage.link(true)
    press(stage.hub, session, 'owlcms/refbox/decision/A', '3 good')
    stage.clock.advance(100)
    expect(stage.upstream.lines).toEqual([
      'owlcms/refbox/decision/A 1 good',
      'owlcms/refbox/decision/A 3 good',
    ])
    expect(outcomes).toEqual([{ kind: 'offline' }])
  })
})

describe('presses on a link that comes and goes, to a broker whose window is full now and then', () => {
  it('leave in the order in which each was made, 5 ms apart and within half a second, or are refused, and never both (property)', () => {
    const step = fc.record({
      who: fc.constantFrom(0, 1),
      room: fc.constantFrom(true, true, false),
      link: fc.constantFrom(...Array<boolean>(12).fill(true), false),
      ms: fc.constantFrom(0, 0, 1, 4, 5, 40, 400),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), (steps) => {
        stage = setStage()
        const { clock, hub, upstream } = stage
        const sent: { readonly word: string; readonly at: number }[] = []
        upstream.publish = ({ topic, payload }) => {
          expect(upstream.ready).toBe(true)
          if (topic === 'owlcms/jurybox/summon/A')
            sent.push({ word: Buffer.from(payload).toString(), at: clock.now() })
        }
        const sessions = [new PlainSession(hub), new PlainSession(hub)]
        const made = steps.map(({ who, room, link, ms }, number) => {
          upstream.room = room
          if (link !== upstream.ready) stage.link(link)
          const word = `press ${number}`
          const one = { who, word, at: clock.now() }
          const outcomes = press(hub, sessions[who]!, 'owlcms/jurybox/summon/A', word)
          clock.advance(ms)
          return { ...one, outcomes }
        })
        clock.advance(1_000)
        for (const { word, at, outcomes } of made) {
          const left = sent.filter((one) => one.word === word)
          expect([word, left.length + outcomes.length]).toEqual([word, 1])
          for (const one of left) expect(one.at - at).toBeLessThanOrEqual(500)
        }
        for (const who of [0, 1]) {
          const words = made.filter((one) => one.who === who).map(({ word }) => word)
          const left = sent.map(({ word }) => word).filter((word) => words.includes(word))
          expect(left).toEqual(words.filter((word) => left.includes(word)))
        }
        const gaps = sent.slice(1).map(({ at }, index) => at - sent[index]!.at)
        expect(Math.min(5, ...gaps)).toBe(5)
      }),
    )
  })
})

describe('a press while the broker’s window is full (R1, R11)', () => {
  const turns = ['1 good', '2 bad', '3 good']
  const pressAll = (session: PlainSession): object[][] =>
    turns.map((verdict) => press(stage.hub, session, 'owlcms/refbox/decision/A', verdict))

  it('leaves in its turn as soon as there is room, 5 ms after the one before', () => {
    stage.upstream.room = false
    const outcomes = pressAll(new PlainSession(stage.hub))
    stage.clock.advance(400)
    expect(stage.upstream.lines).toEqual([])
    stage.upstream.room = true
    stage.clock.advance(5)
    expect(stage.upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
    stage.clock.advance(10)
    expect(stage.upstream.lines).toEqual(turns.map((verdict) => `owlcms/refbox/decision/A ${verdict}`))
    expect(outcomes).toEqual([[], [], []])
  })

  it('is refused and counted after half a second, never sent when its moment is over', () => {
    stage.upstream.room = false
    const outcomes = pressAll(new PlainSession(stage.hub))
    stage.clock.advance(600)
    stage.upstream.room = true
    stage.clock.advance(1_000)
    expect([stage.upstream.lines, outcomes]).toEqual([[], turns.map(() => [{ kind: 'tooFast' }])])
    expect([stage.hub.counters.tooFast, stage.hub.counters.droppedOffline]).toEqual([3, 0])
  })

  it('waits also when there was room for the one before it only', () => {
    const session = new PlainSession(stage.hub)
    press(stage.hub, session, 'owlcms/refbox/decision/A', '1 good')
    press(stage.hub, session, 'owlcms/refbox/decision/A', '2 bad')
    stage.upstream.room = false
    stage.clock.advance(100)
    expect(stage.upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
  })
})

describe('a question for the config without a link (R1)', () => {
  it('is refused and counted, and not answered from what owlcms said before', () => {
    const session = new PlainSession(stage.hub)
    stage.hub.subscribe(session, filter('owlcms/fop/config'), { qos: 0 })
    stage.hub.receive(publication('owlcms/fop/config', '{"platforms":["A"]}'))
    stage.clock.advance(10_000)
    stage.upstream.settleAll()
    stage.upstream.ready = false
    const outcomes = press(stage.hub, session, 'owlcms/config', 'x')
    stage.clock.advance(10_000)
    expect(outcomes).toEqual([{ kind: 'offline' }])
    expect([session.heard, stage.upstream.lines, stage.hub.counters.droppedOffline]).toEqual([
      ['owlcms/fop/config {"platforms":["A"]}'],
      [],
      1,
    ])
  })
})

describe('a client that was away hears nothing that is over (R1, docs/owlcms.md 5.1)', () => {
  it.each([
    ['owlcms/fop/startup/A', false],
    ['owlcms/fop/start/A', false],
    ['owlcms/fop/stop/A', false],
    ['owlcms/fop/timeRemaining/A', false],
    ['owlcms/fop/down/A', false],
    ['owlcms/fop/decisionRequest/A', false],
    ['owlcms/fop/refereesDecision/A', false],
    ['owlcms/fop/summon/A', false],
    ['owlcms/led/A', false],
    ['owlcms/decisionRequest/A/1', false],
    ['owlcms/summon/A/1', false],
    ['owlcms/refbox/decision/A', false],
    ['owlcms/refbox/downEmitted/A', false],
    ['owlcms/clock/A', false],
    ['owlcms/jurybox/break/A', false],
    ['owlcms/jurybox/juryMember/decision/A', false],
    ['owlcms/jurybox/decision/A', false],
    ['owlcms/jurybox/summon/A', false],
    ['owlcms/config', false],
    ['owlcms/test/A', false],
    ['owlcms/fop/resetDecisions/A', true],
    ['owlcms/fop/config', true],
    ['owlcms/bridge/hall/log', true],
    ['owlcms/new/A', true],
  ])('%s is told later: %s, stored, under way or waiting for its turn', (topic, told) => {
    const options = { clean: false, properties: { sessionExpiryInterval: 300, receiveMaximum: 1 } }
    const client = stage.client(5, options)
    subscribe(client, 'owlcms/#', 1)
    stage.hub.receive(publication(topic, 'under way'))
    const [sent] = client.take()
    stage.hub.receive(publication(topic, 'waits'))
    client.drop()
    stage.hub.receive(publication(topic, 'stored'))
    const again = new MemoryClient(stage.gateway, stage.clock, 5)
    again.send({ cmd: 'connect', protocolVersion: 5, clientId: 'box-1', keepalive: 20, ...login, ...options })
    const later: string[] = []
    for (let id = sent?.messageId ?? 0; id <= 4; id += 1) {
      later.push(...heard(again.take()))
      again.send({ cmd: 'puback', messageId: id })
    }
    later.push(...heard(again.take()))
    expect(later).toEqual(told ? [`${topic} under way`, `${topic} waits`, `${topic} stored`] : [])
  })
})

describe('a press made without a link', () => {
  it('leaves no trace that hides the same words of somebody else later', () => {
    const own = stage.client(5)
    own.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'owlcms/new/#', qos: 0, nl: true, rap: false, rh: 0 }],
    })
    own.take()
    stage.link(false)
    publish(own, 'owlcms/new/A', 'x')
    stage.link(true)
    stage.hub.receive(publication('owlcms/new/A', 'x'))
    expect(heard(own.take())).toEqual(['owlcms/new/A x'])
  })
})
