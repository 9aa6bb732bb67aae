import { describe, expect, it } from 'vitest'
import { Hub } from '../../src/hub/hub.ts'
import { readTopic } from '../../src/protocol/owlcms/topics.ts'
import type { Clock } from '../../src/support/clock.ts'
import type { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { PlainSession, press, publish, setStage, subscribe } from './stage.ts'

describe('the pace of one platform (R11, docs/owlcms.md 5.2)', () => {
  /** `platform word time` of each message as it left, in milliseconds since the start. */
  function leaving(
    offer: (press: (platform: string, word: string) => void, clock: FakeClock) => void,
  ): string[] {
    const { hub, clock, upstream } = setStage()
    const session = new PlainSession(hub)
    const start = clock.now()
    const sent: string[] = []
    upstream.publish = ({ topic, payload }) => {
      const command = readTopic(topic)
      if (command.kind !== 'clock') return
      sent.push(`${command.platform} ${new TextDecoder().decode(payload)} ${clock.now() - start}`)
    }
    offer((platform, word) => void press(hub, session, `owlcms/clock/${platform}`, word), clock)
    clock.advance(1_000)
    return sent
  }

  it('holds for a press that comes just when another one is about to leave', () => {
    const sent = leaving((press, clock) => {
      press('A', 'one')
      press('A', 'two')
      clock.advance(5)
      press('A', 'three')
      press('A', 'four')
    })
    expect(sent).toEqual(['A one 0', 'A two 5', 'A three 10', 'A four 15'])
  })

  it('holds however many platforms there are, for those that wait and those that just sent', () => {
    const sent = leaving((press) => {
      press('A', 'one')
      press('A', 'two')
      press('B', 'one')
      for (let count = 0; count < 100; count += 1) press(`other ${count}`, 'x')
      press('A', 'three')
      press('B', 'two')
    })
    expect(sent.filter((text) => /^[AB] /.test(text))).toEqual([
      'A one 0',
      'B one 0',
      'A two 5',
      'B two 5',
      'A three 10',
    ])
  })

  it('starts anew after a pause', () => {
    const sent = leaving((press, clock) => {
      press('A', 'one')
      press('A', 'two')
      clock.advance(9)
      press('A', 'three')
      clock.advance(100)
      press('A', 'four')
    })
    expect(sent).toEqual(['A one 0', 'A two 5', 'A three 10', 'A four 109'])
  })

  it('does not trust a timer that fires early or late', () => {
    let now = 0
    const timers: (() => void)[] = []
    const early: Clock = {
      now: () => now,
      wallTime: (moment = now) => moment,
      setTimer: (_delayMs, callback) => {
        timers.push(callback)
        return () => undefined
      },
      repeat: () => () => undefined,
      endOfTurn: () => undefined,
    }
    const upstream = new FakeUpstream()
    const hub = new Hub({ clock: early, upstream })
    const session = new PlainSession(hub)
    for (const word of ['start', 'stop']) press(hub, session, 'owlcms/clock/A', word)
    now = 4.6
    timers.shift()?.()
    expect(upstream.lines).toEqual(['owlcms/clock/A start'])
    // One that comes before a timer that is late must not overtake.
    now = 5
    press(hub, session, 'owlcms/clock/A', 'toggle')
    expect(upstream.lines).toEqual(['owlcms/clock/A start'])
    timers.shift()?.()
    expect(upstream.lines).toEqual(['owlcms/clock/A start', 'owlcms/clock/A stop'])
  })

  it('refuses and counts what is more than may wait', () => {
    const stage = setStage({ pacedMessages: 2 })
    const client = stage.client()
    for (let count = 0; count < 4; count += 1) publish(client, 'owlcms/clock/A', 'toggle')
    stage.clock.advance(100)
    expect([stage.upstream.lines.length, stage.hub.counters.tooFast]).toEqual([3, 1])
    expect(stage.hub.presses.get('A')?.dropped).toBe(1)
  })
})

describe('what is refused is counted (R11)', () => {
  it('by its reason: unreadable, deaf', () => {
    const stage = setStage()
    const client = stage.client()
    publish(client, 'owlcms/refbox/decision/A', '1 maybe')
    stage.hub.receive(publication('owlcms/fop/startup/A', 'on'))
    publish(client, 'owlcms/clock/A', 'start')
    expect([stage.hub.counters.refused, stage.hub.counters.droppedDeaf]).toEqual([1, 1])
    expect(stage.hub.presses.get('A')?.dropped).toBe(2)
  })
})

describe('startup of owlcms (R11, docs/owlcms.md 1.5)', () => {
  it('makes only its own platform deaf, and half a second past its end', () => {
    const stage = setStage()
    const client = stage.client()
    stage.hub.receive(publication('owlcms/fop/startup/A', 'on'))
    stage.clock.advance(1_000)
    stage.hub.receive(publication('owlcms/fop/startup/A', 'off'))
    stage.hub.receive(publication('owlcms/fop/startup/B', 'on'))
    stage.clock.advance(500)
    for (const platform of ['A', 'B', 'C']) publish(client, `owlcms/clock/${platform}`, 'stop')
    expect(stage.upstream.lines).toEqual(['owlcms/clock/A stop', 'owlcms/clock/C stop'])
  })
})

describe('retain (R11, docs/owlcms.md 5.2)', () => {
  it.each(['owlcms/clock/A', 'owlcms/new/A', 'owlcms/config', 'owlcms/test/A'])(
    'never leaves with a message of a device on %s, by any way into the hub',
    (topic) => {
      const stage = setStage()
      const client = stage.client()
      publish(client, topic, 'stop', { retain: true })
      expect(stage.upstream.sent.map((sent) => sent.publication.retain)).toEqual([false])
      // The bridge asks owlcms a question of its own meanwhile.
      stage.clock.advance(4_000)
      stage.upstream.sent.length = 0
      const session = new PlainSession(stage.hub)
      stage.hub.publish(
        session,
        publication(topic, 'stop', 1, true),
        { redelivered: false, flushed: false },
        () => undefined,
      )
      expect(stage.upstream.sent.map((sent) => sent.publication.retain)).toEqual([false])
    },
  )

  it('never leaves with a will', () => {
    const stage = setStage()
    const will = { topic: 'owlcms/new/A', payload: Buffer.from('gone'), qos: 1, retain: true } as const
    stage.client(4, { will }).drop()
    expect(stage.upstream.sent.map((sent) => sent.publication.retain)).toEqual([false])
  })

  it('of the broker reaches no listener of the moment [MQTT-3.3.1-9]', () => {
    const stage = setStage()
    const client = stage.client()
    subscribe(client, 'owlcms/#', 1)
    stage.hub.receive(publication('owlcms/bridge/hall/log', 'x', 1, true))
    expect(client.take()).toMatchObject([{ cmd: 'publish', qos: 1, retain: false }])
  })
})
