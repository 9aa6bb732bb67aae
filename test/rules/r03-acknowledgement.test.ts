import { beforeEach, describe, expect, it } from 'vitest'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { publication } from '../support/fake-upstream.ts'
import { PlainSession, press, publish, setStage, type Stage } from './stage.ts'

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

const answers = (packets: readonly object[]): object[] =>
  packets.map((packet) => {
    const { cmd, messageId, reasonCode } = packet as { cmd: string; messageId?: number; reasonCode?: number }
    return { cmd, id: messageId, ...(reasonCode === undefined ? {} : { code: reasonCode }) }
  })

describe('each outcome of a press is counted once (R3)', () => {
  it.each<[PublishOutcome, object]>([
    [{ kind: 'delivered' }, { passedOn: 1 }],
    [{ kind: 'offline' }, { droppedOffline: 1 }],
    [{ kind: 'lost' }, { lost: 1 }],
    [{ kind: 'refused', reasonCode: 0x87 }, { refused: 1 }],
  ])('%j', (outcome, counted) => {
    const session = new PlainSession(stage.hub)
    const before = { ...stage.hub.counters, passedOn: 0 }
    stage.hub.counters.passedOn = 0
    expect(press(stage.hub, session, 'owlcms/clock/A', 'start')).toEqual([])
    const outcomes = press(stage.hub, session, 'owlcms/clock/B', 'start')
    stage.upstream.sent.pop()?.settled(outcome)
    expect([outcomes, stage.hub.counters]).toEqual([[outcome], { ...before, ...counted }])
    // It has ended when no echo can come any more.
    const lastPressAt = stage.clock.now()
    stage.clock.advance(2_000)
    const dropped = outcome.kind === 'delivered' ? 0 : 1
    expect(stage.hub.presses.get('B')).toEqual({ lastPressAt, dropped })
  })
})

describe('QoS 2 from a client (R3, [MQTT-4.3.3-2])', () => {
  const topic = 'owlcms/new/A'

  it('passes a message sent again once, before the broker answered and after', () => {
    const client = stage.client()
    publish(client, topic, 'x', { qos: 2, id: 5 })
    publish(client, topic, 'x', { qos: 2, id: 5, dup: true })
    expect([stage.upstream.lines, client.take()]).toEqual([[`${topic} x`], []])
    stage.upstream.settleAll()
    publish(client, topic, 'x', { qos: 2, id: 5, dup: true })
    expect([stage.upstream.lines, answers(client.take())]).toEqual([
      [],
      [
        { cmd: 'pubrec', id: 5 },
        { cmd: 'pubrec', id: 5 },
      ],
    ])
  })

  it('takes the same identifier for another message once the first is let go', () => {
    const client = stage.client()
    publish(client, topic, 'first', { qos: 2, id: 5 })
    stage.upstream.settleAll()
    client.send({ cmd: 'pubrel', messageId: 5 })
    publish(client, topic, 'second', { qos: 2, id: 5 })
    expect(stage.upstream.lines).toEqual([`${topic} second`])
  })

  it('takes the same identifier again after a refusal', () => {
    const client = stage.client(5)
    publish(client, 'owlcms/refbox/decision/A', '1 maybe', { qos: 2, id: 5 })
    publish(client, 'owlcms/refbox/decision/A', '1 good', { qos: 2, id: 5 })
    stage.upstream.settleAll()
    expect(answers(client.take())).toEqual([
      { cmd: 'pubrec', id: 5, code: 0x99 },
      { cmd: 'pubrec', id: 5, code: 0 },
    ])
  })

  it('answers PUBREL for what is unknown with 0x92 of MQTT 5', () => {
    const client = stage.client(5)
    client.send({ cmd: 'pubrel', messageId: 9 })
    expect(answers(client.take())).toEqual([{ cmd: 'pubcomp', id: 9, code: 0x92 }])
  })

  it('never passes on a command that another connection had sent before (DUP), however often it comes', () => {
    const client = stage.client()
    for (let count = 0; count < 3; count += 1) {
      publish(client, 'owlcms/refbox/decision/A', '1 good', { qos: 2, id: 3, dup: true })
      stage.clock.advance(1_000)
    }
    expect(stage.upstream.lines).toEqual([])
    expect(stage.hub.counters).toMatchObject({ passedOn: 0 })
    expect(stage.hub.counters.droppedRedelivered).toBeGreaterThan(0)
  })
})

describe('an MQTT 3 client is acknowledged what will never be passed on, and nothing of an outage (R3)', () => {
  it.each([1, 2] as const)('at QoS %i, counted in red', (qos) => {
    const client = stage.client()
    let id = 0
    const send = (topic: string, payload: string): object[] => {
      publish(client, topic, payload, { qos, id: (id += 1) })
      return answers(client.take())
    }
    const acknowledged = (): object[] => [{ cmd: qos === 1 ? 'puback' : 'pubrec', id }]
    const { counters } = stage.hub
    send('owlcms/clock/A', 'start')
    stage.upstream.settleAll({ kind: 'lost' })
    expect([answers(client.take()), counters.lost]).toEqual([[], 1])
    send('owlcms/clock/B', 'start')
    stage.upstream.settleAll({ kind: 'refused', reasonCode: 0x97 })
    expect([answers(client.take()), counters.refused]).toEqual([acknowledged(), 1])
    expect([send('owlcms/fop/down/A', ''), counters.refused]).toEqual([acknowledged(), 2])
    expect([send('owlcms/refbox/decision/A', '1 maybe'), counters.refused]).toEqual([acknowledged(), 3])
    stage.hub.receive(publication('owlcms/fop/startup/C', 'on'))
    expect([send('owlcms/clock/C', 'start'), counters.droppedDeaf]).toEqual([acknowledged(), 1])
    stage.link(false)
    expect([send('owlcms/clock/D', 'start'), counters.droppedOffline]).toEqual([[], 1])
    stage.link(true)
    stage.clock.advance(10_000)
    expect([client.take(), client.closed]).toEqual([[], undefined])
    send('owlcms/clock/E', 'start')
    stage.upstream.settleAll()
    expect(answers(client.take())).toEqual(acknowledged())
  })

  it('however often it says what nobody may: it is never ended for it', () => {
    const client = stage.client()
    for (let id = 1; id <= 50; id += 1) publish(client, 'node-red/status', 'online', { qos: 1, id })
    expect([client.closed, client.take()]).toMatchObject([
      undefined,
      Array<object>(50).fill({ cmd: 'puback' }),
    ])
  })
})

describe('an MQTT 3 client whose window is full of presses of an outage (R3)', () => {
  const pressed = (client: ReturnType<Stage['client']>, count: number): void => {
    for (let id = 1; id <= count; id += 1) publish(client, 'owlcms/clock/A', 'stop', { qos: 1, id })
  }

  it('is kept while the link is down, and after it with fewer', () => {
    const full = stage.client(4, { clientId: 'full' })
    const few = stage.client(4, { clientId: 'few' })
    stage.link(false)
    pressed(full, 8)
    pressed(few, 7)
    expect([full.closed, few.closed]).toEqual([undefined, undefined])
    stage.link(true)
    expect([full.closed, few.closed, few.take()]).toEqual([closeCodes.jammed, undefined, []])
    expect(stage.gateway.counters.jammed).toBe(1)
  })
})

describe('MQTT 5 words', () => {
  it('are left out for a client that asked for none (Request Problem Information)', () => {
    const client = stage.client(5, { properties: { requestProblemInformation: false } })
    publish(client, 'owlcms/fop/down/A', '', { qos: 1 })
    const [answer] = client.take()
    expect(answer).toMatchObject({ cmd: 'puback', messageId: 7, reasonCode: 0x87 })
    expect(answer).not.toHaveProperty('properties.reasonString')
  })
})

describe('the limit of unanswered publications', () => {
  it('counts those that wait for the broker, and no others', () => {
    stage = setStage({ maxInboundInFlight: 2 })
    const client = stage.client(5)
    for (let id = 1; id <= 2; id += 1) publish(client, 'owlcms/new/A', 'x', { qos: 1, id })
    stage.upstream.settleAll()
    for (let id = 3; id <= 4; id += 1) publish(client, 'owlcms/new/A', 'x', { qos: 1, id })
    expect(client.closed).toBeUndefined()
    publish(client, 'owlcms/new/A', 'x', { qos: 1, id: 5 })
    expect(client.closed).toEqual(closeCodes.tooFast)
  })
})
