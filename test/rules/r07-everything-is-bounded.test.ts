import { describe, expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { heard, setStage, subscribe } from './stage.ts'

const down = publication('owlcms/fop/down/A', '', 0)
const login = { username: 'hall', password: Buffer.from('secret') }

describe('a client that does not read (R7)', () => {
  it('is ended by what piles up within one turn, at its limit and not before', () => {
    const stage = setStage({ outboxBytes: 16_384 })
    // What fewer hear is written at once, and waits in the socket if anywhere.
    const clients = Array.from({ length: 9 }, (_, at) =>
      stage.client(4, { clientId: `c${at}`, keepalive: 0 }),
    )
    for (const client of clients) subscribe(client, 'owlcms/#')
    const big = publication('owlcms/fop/x/A', 'x'.repeat(4_000), 0)
    const ended = (): number => clients.filter(({ destroyed }) => destroyed).length
    for (let count = 0; count < 4; count += 1) stage.hub.receive(big)
    expect([ended(), stage.hub.counters.slowClients]).toEqual([0, 0])
    stage.hub.receive(big)
    stage.clock.finishTurn()
    expect([ended(), stage.hub.counters.slowClients]).toEqual([9, 9])
  })

  it('is not taken for slow by what waited at its last write and has left since', () => {
    const stage = setStage({ outboxBytes: 16_384 })
    const client = stage.client()
    subscribe(client, 'owlcms/#')
    client.bufferedBytes = 16_384
    stage.hub.receive(down)
    stage.clock.finishTurn()
    client.bufferedBytes = 0
    stage.hub.receive(down)
    expect([heard(client.take()).length, client.destroyed]).toEqual([2, false])
  })

  it('is ended once and without a last word when it speaks MQTT 5', () => {
    const stage = setStage({ outboxBytes: 16_384 })
    const client = stage.client(5)
    subscribe(client, 'owlcms/#')
    client.bufferedBytes = 16_384
    stage.hub.receive(down)
    expect(heard(client.take())).toEqual(['owlcms/fop/down/A '])
    stage.hub.receive(down)
    stage.clock.finishTurn()
    expect([client.destroyed, client.closed, client.take()]).toEqual([true, undefined, []])
    expect([stage.hub.counters.slowClients, stage.hub.sessionCount]).toEqual([1, 0])
  })

  it('is ended when it acknowledges nothing: its window and the queue behind it are full', () => {
    const stage = setStage({ maxOutboundInFlight: 2, maxOutboundWaiting: 3 })
    const client = stage.client()
    subscribe(client, 'owlcms/#', 1)
    for (let count = 0; count < 5; count += 1) stage.hub.receive(publication('owlcms/fop/down/A'))
    expect([client.take().length, client.destroyed]).toEqual([2, false])
    stage.hub.receive(publication('owlcms/fop/down/A'))
    stage.clock.finishTurn()
    expect([client.destroyed, stage.hub.counters.slowClients]).toEqual([true, 1])
  })

  it('never keeps others waiting, whatever their place among the listeners', () => {
    const stage = setStage({ outboxBytes: 16_384 })
    const clients = ['first', 'slow', 'last'].map((clientId) => stage.client(4, { clientId }))
    for (const [at, client] of clients.entries()) subscribe(client, 'owlcms/#', at === 2 ? 1 : 0)
    clients[1]!.bufferedBytes = 16_384
    for (let count = 0; count < 3; count += 1) {
      stage.hub.receive(publication('owlcms/fop/down/A'))
      stage.clock.finishTurn()
    }
    expect(clients.map((client) => heard(client.take()).length)).toEqual([3, 1, 3])
  })
})

describe('messages of one turn, joined for clients that hear the same (R7)', () => {
  it('are never another client’s, though the first and the number of them are the same', () => {
    const stage = setStage()
    const clients = ['A', 'B'].map((platform) => {
      const client = stage.client(4, { clientId: platform })
      for (const topic of ['owlcms/fop/config', `owlcms/fop/+/${platform}`]) subscribe(client, topic)
      return client
    })
    for (const topic of ['owlcms/fop/config', 'owlcms/fop/down/A', 'owlcms/fop/down/B'])
      stage.hub.receive(publication(topic, 'x', 0))
    expect(clients.map((client) => heard(client.take()))).toEqual([
      ['owlcms/fop/config x', 'owlcms/fop/down/A x'],
      ['owlcms/fop/config x', 'owlcms/fop/down/B x'],
    ])
  })
})

describe('a packet larger than a client takes [MQTT-3.1.2-25]', () => {
  it('is left out at QoS 1 too, and does not block what follows', () => {
    const stage = setStage()
    const client = stage.client(5, { properties: { maximumPacketSize: 60, receiveMaximum: 1 } })
    subscribe(client, 'owlcms/#', 1)
    stage.hub.receive(publication('owlcms/fop/config', 'x'.repeat(100)))
    stage.hub.receive(publication('owlcms/fop/down/A'))
    expect(heard(client.take())).toEqual(['owlcms/fop/down/A '])
  })
})

describe('sessions of clients that are away (R7)', () => {
  const kept = { clean: false } as const

  it('make room for others when they come back', () => {
    const stage = setStage({ maxKeptSessions: 1 })
    for (let count = 0; count < 3; count += 1) stage.client(4, { ...kept, clientId: 'a' }).drop()
    expect(stage.hub.sessionCount).toBe(1)
    const back = stage.client(4, { ...kept, clientId: 'a' })
    stage.client(4, { ...kept, clientId: 'b' }).drop()
    back.drop()
    expect(stage.hub.sessionCount).toBe(1)
  })

  it('do not end while their client is back', () => {
    const stage = setStage()
    stage.client(4, { ...kept, keepalive: 0 }).drop()
    stage.clock.advance(200_000)
    const back = stage.client(4, { ...kept, keepalive: 0 })
    subscribe(back, 'owlcms/#')
    stage.clock.advance(200_000)
    stage.hub.receive(down)
    expect([heard(back.take()), stage.hub.sessionCount]).toEqual([['owlcms/fop/down/A '], 1])
  })

  it.each([
    ['CONNECT', (client: MemoryClient) => client.drop()],
    [
      'DISCONNECT',
      (client: MemoryClient) =>
        client.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 4_000_000 } }),
    ],
  ])('end after five minutes, whatever %s of MQTT 5 asks for', (_, leave) => {
    const stage = setStage()
    leave(stage.client(5, { clean: false, properties: { sessionExpiryInterval: 4_000_000 } }))
    stage.clock.advance(299_999)
    expect(stage.hub.sessionCount).toBe(1)
    stage.clock.advance(1)
    expect(stage.hub.sessionCount).toBe(0)
  })

  it('keep no more publications than one window', () => {
    const stage = setStage({ maxOutboundInFlight: 2 })
    const client = stage.client(4, kept)
    subscribe(client, 'owlcms/#', 1)
    client.drop()
    for (let count = 0; count < 5; count += 1) stage.hub.receive(publication('owlcms/new/A', String(count)))
    const again = new MemoryClient(stage.gateway, stage.clock)
    again.send({ cmd: 'connect', clientId: 'box-1', keepalive: 20, ...login, ...kept })
    expect(heard(again.take())).toEqual(['owlcms/new/A 0', 'owlcms/new/A 1'])
    for (const id of [1, 2, 3]) again.send({ cmd: 'puback', messageId: id })
    expect(heard(again.take())).toEqual([])
  })
})

describe('what a client asks for (R7)', () => {
  it.each([0, 17])('topic alias %i is refused, 16 is not', (topicAlias) => {
    const client = setStage().client(5)
    const base = {
      cmd: 'publish',
      topic: 'owlcms/x',
      payload: '',
      qos: 0,
      dup: false,
      retain: false,
    } as const
    client.send({ ...base, properties: { topicAlias: 16 } })
    expect(client.closed).toBeUndefined()
    // The codec refuses to write alias 0: the last two bytes of the properties are the number.
    const bytes = Buffer.from([0x30, 14, 0, 8, ...Buffer.from('owlcms/x'), 3, 0x23, 0, topicAlias])
    client.bytes(bytes)
    expect(client.closed).toEqual(closeCodes.protocolError)
  })

  it('a subscription it has may be replaced though it has as many as allowed', () => {
    const stage = setStage({ maxSubscriptions: 1 })
    const client = stage.client()
    const ask = (topic: string): unknown => {
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
      const [answer] = client.take()
      return answer?.cmd === 'suback' && answer.granted
    }
    expect([ask('a'), ask('b'), ask('a')]).toEqual([[1], [0x80], [1]])
  })
})

describe('silence (R7)', () => {
  it('ends a client after one and a half keep-alives and is counted', () => {
    const stage = setStage()
    const client = stage.client(5, { keepalive: 600 })
    stage.clock.advance(60_000)
    expect(client.closed).toBeUndefined()
    stage.clock.advance(10_000)
    expect([client.closed, stage.gateway.counters.keepAliveTimeouts]).toEqual([closeCodes.silent, 1])
  })
})
