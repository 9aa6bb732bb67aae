import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { publication } from '../support/fake-upstream.ts'
import type { MemoryClient } from '../support/memory-client.ts'
import { filter, heard, PlainSession, press, publish, setStage, subscribe, type Stage } from './stage.ts'

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

const reply = '{"platforms":["A"],"version":"69"}'

describe('a question for the config (R2)', () => {
  let session: PlainSession
  beforeEach(() => {
    session = new PlainSession(stage.hub)
    stage.hub.subscribe(session, filter('owlcms/fop/config'), { qos: 0 })
    stage.hub.receive(publication('owlcms/fop/config', reply))
    stage.clock.advance(2_000)
  })

  it('is answered from the last reply, counted, and still passed on, once in 2 s', () => {
    const first = press(stage.hub, session, 'owlcms/config', ' ')
    const second = press(stage.hub, session, 'owlcms/config', 'y')
    stage.clock.finishTurn()
    expect(session.heard).toEqual(Array(3).fill(`owlcms/fop/config ${reply}`))
    expect([stage.upstream.lines, stage.hub.counters.configAnswered]).toEqual([['owlcms/config  '], 2])
    // The first waits for the broker; the second is answered by the first.
    expect([first, second]).toEqual([[], [{ kind: 'delivered' }]])
  })

  it('is acknowledged to an MQTT client also when another one was just passed on', () => {
    const client = stage.client()
    for (const id of [1, 2]) publish(client, 'owlcms/config', ' ', { qos: 1, id })
    stage.upstream.settleAll()
    const acknowledged = client.take().map((packet) => [packet.cmd, packet.messageId])
    expect(acknowledged.toSorted()).toEqual([
      ['puback', 1],
      ['puback', 2],
    ])
  })

  it('of one who may not hear it or has not subscribed is not answered past the subscription', () => {
    const deaf = new PlainSession(stage.hub)
    press(stage.hub, deaf, 'owlcms/config', 'x')
    stage.clock.finishTurn()
    expect(deaf.heard).toEqual([])
  })
})

describe('whose publication comes back (R2)', () => {
  const noLocal = (client: MemoryClient): void => {
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'owlcms/new/#', qos: 0, nl: true, rap: false, rh: 0 }],
    })
    client.take()
  }

  it('is forgotten with the link: the same words on the next connection are somebody else’s', () => {
    const own = stage.client(5)
    noLocal(own)
    publish(own, 'owlcms/new/A', 'x')
    stage.link(false)
    stage.link(true)
    stage.hub.receive(publication('owlcms/new/A', 'x'))
    expect(heard(own.take())).toEqual(['owlcms/new/A x'])
  })

  it('tells a device at the broker from one of ours', () => {
    const client = stage.client()
    publish(client, 'owlcms/decision/A', '1 good')
    stage.hub.receive(stage.upstream.sent.at(-1)!.publication)
    expect(stage.hub.presence.directDevices()).toEqual([])
    stage.hub.receive(publication('owlcms/decision/A', '2 good'))
    expect(stage.hub.presence.directDevices()).toEqual([
      { platform: 'A', seat: 'referee-2', lastAt: stage.clock.now() },
    ])
  })
})

describe('who listens to a platform', () => {
  const summon = 'owlcms/jurybox/summon/A'

  /** What is under way to the broker and back, and as whose each is heard. */
  function listening() {
    stage = setStage()
    const heardAs: (string | undefined)[] = []
    stage.platforms.listen({
      event: ({ publication: heardOne }) => heardAs.push(stage.hub.senderOf(heardOne)?.key),
      reset: () => undefined,
      appeared: () => undefined,
      configured: () => undefined,
    })
    stage.hub.receive(publication('owlcms/fop/config', reply))
    heardAs.length = 0
    let number = 0
    return {
      heardAs,
      say: (session: PlainSession): void => {
        // Each with its own words: of two that say the same nobody can tell which was lost.
        press(stage.hub, session, summon, `word ${(number += 1)}`)
        stage.clock.advance(5)
      },
      // After so many that the broker lost.
      back: (lost: number): void => {
        const { sent } = stage.upstream
        const ours = sent.flatMap(({ publication: one }) => (one.topic === summon ? [one] : []))
        const next = ours[lost]
        sent.splice(0, next === undefined ? 0 : sent.findIndex((one) => one.publication === next) + 1)
        if (next !== undefined) stage.hub.receive(next)
      },
    }
  }

  it("hears of each of our own presses as our own, and of a stranger's as a stranger's, however many are under way or lost (property)", () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(0, 1) },
      { weight: 5, arbitrary: fc.record({ lost: fc.constantFrom(0, 0, 0, 1, 3) }) },
      { weight: 2, arbitrary: fc.constantFrom('stranger', 'linkBreaks') },
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const { heardAs, say, back } = listening()
        const sessions = [new PlainSession(stage.hub), new PlainSession(stage.hub)]
        const expected: (string | undefined)[] = []
        let underWay: string[] = []
        for (const each of steps) {
          if (each === 'linkBreaks') {
            stage.link(false)
            stage.link(true)
            stage.upstream.sent.length = 0
            underWay = []
          } else if (each === 'stranger') {
            stage.hub.receive(publication('owlcms/decision/A', '3 bad'))
            expected.push(undefined)
          } else if (typeof each === 'number') {
            say(sessions[each]!)
            underWay.push(sessions[each]!.key)
          } else {
            back(each.lost)
            if (underWay.length > each.lost) expected.push(underWay.splice(0, each.lost + 1).at(-1))
          }
        }
        expect(heardAs).toEqual(expected)
        expect(stage.hub.presence.directDevices().map(({ seat }) => seat)).toEqual(
          expected.includes(undefined) ? ['referee-3'] : [],
        )
      }),
      { numRuns: 50 },
    )
  })

  it('still knows its own after a thousand that never came back (R7)', () => {
    const { heardAs, say, back } = listening()
    const session = new PlainSession(stage.hub)
    for (let lost = 0; lost < 1_001; lost += 1) {
      say(session)
      say(session)
      back(1)
    }
    expect(heardAs).toEqual(Array<string>(1_001).fill(session.key))
  })
})

describe('subscriptions that change between two publications of one topic', () => {
  it('take effect at once', () => {
    const client = stage.client()
    subscribe(client, 'owlcms/fop/down/A')
    const late = stage.client(4, { clientId: 'late' })
    const down = publication('owlcms/fop/down/A', '', 0)
    stage.hub.receive(down)
    subscribe(late, 'owlcms/fop/#')
    stage.hub.receive(down)
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['owlcms/fop/down/A'] })
    const before = heard(client.take())
    stage.hub.receive(down)
    expect([before.length, heard(client.take()).length, heard(late.take()).length]).toEqual([2, 0, 2])
  })
})

describe('one publication for clients of different kinds (R2)', () => {
  it('reaches each in its own version of MQTT and its own framing, once, from one encoding per kind', () => {
    const clients = ([3, 5, 4, 5, 3] as const).map((version, at) => {
      const client = stage.client(version, { clientId: `v${version} ${at}` })
      subscribe(client, 'owlcms/#')
      return client
    })
    const frames: Uint8Array[] = []
    stage.hub.subscribe(
      new (class extends PlainSession {
        override write(bytes: Uint8Array): void {
          frames.push(bytes)
        }
      })(stage.hub),
      filter('owlcms/#'),
      { qos: 0 },
    )
    stage.hub.receive(publication('owlcms/fop/stop/A', '60000', 0))
    stage.clock.finishTurn()
    expect(clients.map((client) => heard(client.take()))).toEqual(
      clients.map(() => ['owlcms/fop/stop/A 60000']),
    )
    expect(frames.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['owlcms/fop/stop/A 60000\n'])
  })
})
