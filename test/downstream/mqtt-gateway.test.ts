import fc from 'fast-check'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { beforeEach, describe, expect, it } from 'vitest'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import { defaultClientLimits, type ClientLimits } from '../../src/support/limits.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { firstWordMs } from '../../src/downstream/mqtt-gateway/offline-queue.ts'
import { Hub } from '../../src/hub/hub.ts'
import { closeCodes, withRetryHint } from '../../src/protocol/contract/close-codes.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { recordingLog, silentLog } from '../support/silent-log.ts'
import type { Logger } from '../../src/support/logger.ts'

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let gateway: MqttGateway

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  hub = new Hub({ clock, upstream })
  hub.linkChanged(true)
  upstream.settleAll()
  gateway = gatewayWith({})
})

function gatewayWith(limits: Partial<ClientLimits>, log: Logger = silentLog): MqttGateway {
  return new MqttGateway({
    hub,
    clock,
    log,
    limits: { ...defaultClientLimits, ...limits },
    random: () => 0.5,
    authenticate: deviceAuthenticator('hall', 'secret'),
  })
}

function connected(
  version: 3 | 4 | 5 = 4,
  options: Parameters<MemoryClient['connect']>[0] = {},
): MemoryClient {
  const client = new MemoryClient(gateway, clock, version)
  client.connect(options)
  clock.advance(firstWordMs) // past the time in which presses are held back (R4)
  return client
}

function subscribe(client: MemoryClient, topic: string, qos: 0 | 1 | 2 = 0): void {
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic, qos, nl: false, rap: false, rh: 0 }],
  })
  client.take()
}

function publish(
  client: MemoryClient,
  topic: string,
  payload: string,
  qos: 0 | 1 | 2 = 0,
  messageId = 7,
  dup = false,
): void {
  client.send({ cmd: 'publish', topic, payload, qos, dup, retain: false, ...(qos > 0 ? { messageId } : {}) })
}

/** What a client received, without the fields that only the codec adds. */
function facts(packets: readonly Packet[]): object[] {
  return packets.map((packet) => {
    const rest = packet as Packet & { topic?: string }
    if (rest.cmd === 'publish') {
      return {
        cmd: 'publish',
        topic: rest.topic,
        payload: rest.payload.toString(),
        qos: rest.qos,
        dup: rest.dup,
      }
    }
    return { cmd: rest.cmd, ...('messageId' in rest ? { id: rest.messageId } : {}) }
  })
}

describe('CONNECT', () => {
  it.each([3, 4] as const)(
    "accepts protocol level %i with the broker's own user name and password",
    (version) => {
      const client = new MemoryClient(gateway, clock, version)
      expect(client.connect()).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: false })
      expect(client.closed).toBeUndefined()
    },
  )

  it('accepts MQTT 5 and tells its limits', () => {
    const client = new MemoryClient(gateway, clock, 5)
    expect(client.connect()).toMatchObject({
      cmd: 'connack',
      reasonCode: 0,
      properties: {
        ...{ maximumPacketSize: 8_092, receiveMaximum: 100, sharedSubscriptionAvailable: false },
        userProperties: { 'owlcms-bridge': 'one connection' },
      },
    })
  })

  it.each([
    ['a wrong password', { password: Buffer.from('Secret') }],
    ['a wrong user name', { username: 'Hall' }],
    ['an empty password', { password: Buffer.from('') }],
  ])('refuses %s with return code 4 and closes', (_, options) => {
    const client = new MemoryClient(gateway, clock)
    expect(client.connect(options)).toMatchObject({ cmd: 'connack', returnCode: 4 })
    expect(client.closed).toEqual(closeCodes.unauthorised)
    expect(hub.sessionCount).toBe(0)
  })

  it('refuses a wrong password of MQTT 5 with 0x86 and words', () => {
    const client = new MemoryClient(gateway, clock, 5)
    expect(client.connect({ password: Buffer.from('x') })).toMatchObject({
      reasonCode: 0x86,
      properties: { reasonString: 'user name or password refused: use the same ones as for the broker' },
    })
  })

  it('lets anybody in when no user name is set, empty credentials included', () => {
    gateway = new MqttGateway({
      hub,
      clock,
      log: silentLog,
      limits: defaultClientLimits,
      random: () => 0.5,
      authenticate: deviceAuthenticator(undefined, undefined),
    })
    const client = new MemoryClient(gateway, clock)
    expect(client.connect({ username: '', password: Buffer.from('') })).toMatchObject({ returnCode: 0 })
  })

  it('answers an unknown protocol level with return code 1 [MQTT-3.1.2-2]', () => {
    const client = new MemoryClient(gateway, clock)
    const bytes = mqttPacket.generate({ cmd: 'connect', protocolVersion: 4, clientId: 'x', keepalive: 0 })
    bytes[8] = 6
    client.bytes(bytes)
    expect(client.take()).toMatchObject([{ cmd: 'connack', returnCode: 1 }])
    expect(client.closed).toEqual(closeCodes.protocolError)
  })

  it('refuses an empty client ID without a clean session [MQTT-3.1.3-8] and assigns one for MQTT 5', () => {
    const old = new MemoryClient(gateway, clock)
    const bytes = mqttPacket.generate({
      cmd: 'connect',
      clientId: '',
      clean: true,
      username: 'hall',
      password: Buffer.from('secret'),
    })
    bytes[9]! &= ~0x02 // the codec refuses to write this pair
    old.bytes(bytes)
    expect(old.take()).toMatchObject([{ cmd: 'connack', returnCode: 2 }])
    const five = new MemoryClient(gateway, clock, 5)
    expect(five.connect({ clientId: '' })).toMatchObject({
      reasonCode: 0,
      properties: { assignedClientIdentifier: expect.stringMatching(/^auto-/) as string },
    })
  })

  it('shortens a keep alive of MQTT 5 to 45 s and says so; MQTT 3 keeps its own', () => {
    expect(new MemoryClient(gateway, clock, 5).connect({ keepalive: 60 })).toMatchObject({
      properties: { serverKeepAlive: 45 },
    })
    const old = connected(4, { keepalive: 60 })
    clock.advance(89_000 - firstWordMs)
    expect(old.closed).toBeUndefined()
  })

  it('closes a client that publishes before CONNECT [MQTT-3.1.0-1]', () => {
    const client = new MemoryClient(gateway, clock)
    publish(client, 'owlcms/clock/A', 'start')
    expect(client.closed).toEqual(closeCodes.protocolError)
    expect(upstream.lines).toEqual([])
  })

  it('closes on a second CONNECT [MQTT-3.1.0-2]', () => {
    const client = connected()
    client.connect()
    expect(client.closed).toEqual(closeCodes.protocolError)
  })

  it('closes a socket that does not CONNECT in time, whatever it trickles in', () => {
    const client = new MemoryClient(gateway, clock)
    const bytes = mqttPacket.generate({ cmd: 'connect', clientId: 'slow', keepalive: 0, protocolVersion: 4 })
    for (let at = 0; at < 6; at += 1) {
      client.bytes(bytes.subarray(at, at + 1))
      clock.advance(1_000)
    }
    expect(client.closed).toEqual(closeCodes.noStart)
  })

  it('ends the older connection of the same client ID [MQTT-3.1.4-2]', () => {
    const first = connected()
    const second = connected()
    expect(first.closed).toEqual(closeCodes.takenOver)
    expect([second.closed, hub.sessionCount]).toEqual([undefined, 1])
    first.drop()
    subscribe(second, 'owlcms/#')
    hub.receive(publication('owlcms/fop/down/A'))
    expect(facts(second.take())).toEqual([
      { cmd: 'publish', topic: 'owlcms/fop/down/A', payload: '', qos: 0, dup: false },
    ])
  })

  it('tells an MQTT 5 client that it was taken over', () => {
    const first = connected(5)
    connected(5)
    expect(first.take()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x8e }])
  })
})

describe('PUBLISH from a client', () => {
  it('acknowledges QoS 1 only after the broker did (R3)', () => {
    const client = connected()
    publish(client, 'owlcms/refbox/decision/A', '1 good', 1, 42)
    expect(client.take()).toEqual([])
    upstream.settleAll()
    expect(facts(client.take())).toEqual([{ cmd: 'puback', id: 42 }])
  })

  it('takes QoS 2 once, and acknowledges it in two steps [MQTT-4.3.3-2]', () => {
    const client = connected()
    publish(client, 'owlcms/refbox/decision/A', '1 good', 2, 5)
    publish(client, 'owlcms/refbox/decision/A', '1 good', 2, 5, true)
    upstream.settleAll()
    expect(facts(client.take())).toEqual([{ cmd: 'pubrec', id: 5 }])
    publish(client, 'owlcms/refbox/decision/A', '1 good', 2, 5, true)
    expect(facts(client.take())).toEqual([{ cmd: 'pubrec', id: 5 }])
    client.send({ cmd: 'pubrel', messageId: 5 })
    expect(facts(client.take())).toEqual([{ cmd: 'pubcomp', id: 5 }])
    expect(hub.counters.passedOn).toBe(1)
  })

  it('leaves an MQTT 3 press of an outage unacknowledged and keeps the session (R3)', () => {
    const client = connected()
    upstream.ready = false
    hub.linkChanged(false)
    publish(client, 'owlcms/refbox/decision/A', '1 good', 1)
    expect([client.take(), client.closed]).toEqual([[], undefined])
    upstream.ready = true
    hub.linkChanged(true)
    gateway.linkBack()
    clock.advance(5_000)
    expect([client.take(), client.closed, upstream.lines]).toEqual([[], undefined, []])
  })

  it('tells an MQTT 5 client at once that a press of an outage was not passed on (R3)', () => {
    const client = connected(5)
    upstream.ready = false
    publish(client, 'owlcms/refbox/decision/A', '1 good', 1)
    expect(client.take()).toMatchObject([
      {
        cmd: 'puback',
        messageId: 7,
        reasonCode: 0x83,
        properties: { reasonString: 'no link to the broker: not passed on, nothing is kept' },
      },
    ])
  })

  it.each([1, 2] as const)('drops a command redelivered at QoS %i, and ends the redelivering (R3)', (qos) => {
    const client = connected()
    publish(client, 'owlcms/clock/A', 'start', qos, 3, true)
    upstream.settleAll()
    // MQTT.js sends nothing else after a reconnect, not even SUBSCRIBE, until it has this.
    expect(facts(client.take())).toEqual([{ cmd: qos === 1 ? 'puback' : 'pubrec', id: 3 }])
    expect([upstream.lines, hub.counters.droppedRedelivered, hub.counters.passedOn]).toEqual([[], 1, 0])
  })

  it.each([
    ['owlcms/fop/down/A', '', 0x87],
    ['owlcms/refbox/decision/A', '1 maybe', 0x99],
  ])('refuses %s %j with reason 0x%s and keeps the session', (topic, payload, reasonCode) => {
    const client = connected(5)
    publish(client, topic, payload, 1)
    expect(client.take()).toMatchObject([{ cmd: 'puback', reasonCode }])
    expect([client.closed, upstream.lines]).toEqual([undefined, []])
  })

  it('ends an MQTT 3 client whose window is full of presses of the outage, once the link is back', () => {
    const client = connected()
    upstream.ready = false
    for (let id = 1; id <= 8; id += 1) publish(client, 'owlcms/clock/A', 'stop', 1, id)
    expect(client.closed).toBeUndefined()
    upstream.ready = true
    gateway.linkBack()
    expect(client.closed).toEqual(closeCodes.jammed)
  })

  it.each([
    ['a wildcard in the topic [MQTT-3.3.2-2]', 'owlcms/+/A'],
    ['an empty topic', ''],
  ])('closes on %s', (_, topic) => {
    const client = connected()
    publish(client, topic, 'x')
    expect(client.closed).toEqual(closeCodes.protocolError)
  })

  it('closes on packet identifier 0 [MQTT-2.3.1-1]', () => {
    const client = connected()
    // Made by hand: the codec refuses to write it.
    const topic = Buffer.from('owlcms/x')
    const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from([0, 0])])
    client.bytes(Buffer.concat([Buffer.from([0x32, body.length]), body]))
    expect(client.closed).toEqual(closeCodes.protocolError)
  })

  it('closes on a packet larger than the limit, before it is complete (R7)', () => {
    const client = connected()
    client.bytes(Buffer.from([0x30, 0xff, 0xff, 0x7f]))
    expect(client.closed).toEqual(closeCodes.tooLarge)
  })

  it('understands topic aliases of MQTT 5 and refuses unknown ones', () => {
    const client = connected(5)
    const base = { cmd: 'publish', payload: 'x', qos: 0, dup: false, retain: false } as const
    client.send({ ...base, topic: 'owlcms/new/A', properties: { topicAlias: 2 } })
    client.send({ ...base, topic: '', properties: { topicAlias: 2 } })
    expect(upstream.lines).toEqual(['owlcms/new/A x', 'owlcms/new/A x'])
    client.send({ ...base, topic: '', properties: { topicAlias: 3 } })
    expect(client.closed).toEqual(closeCodes.protocolError)
  })
})

describe('SUBSCRIBE and delivery', () => {
  it('grants each filter by itself [MQTT-3.8.4-5]', () => {
    const client = connected()
    client.send({
      cmd: 'subscribe',
      messageId: 9,
      subscriptions: [
        { topic: 'owlcms/fop/#', qos: 2 },
        { topic: 'owlcms/#/bad', qos: 1 },
        { topic: '$share/g/owlcms/#', qos: 1 },
        { topic: '#', qos: 0 },
      ],
    })
    expect(client.take()).toMatchObject([{ cmd: 'suback', messageId: 9, granted: [1, 0x80, 0x80, 0] }])
  })

  it('answers UNSUBSCRIBE also when there was nothing to end [MQTT-3.10.4-5]', () => {
    const client = connected(5)
    subscribe(client, 'owlcms/#')
    client.send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['owlcms/#', 'owlcms/x'] })
    expect(client.take()).toMatchObject([{ cmd: 'unsuback', messageId: 4, granted: [0, 0x11] }])
    hub.receive(publication('owlcms/fop/down/A'))
    expect(client.take()).toEqual([])
  })

  it('delivers at the lower of both QoS, and frees the identifier at PUBACK', () => {
    const client = connected()
    subscribe(client, 'owlcms/fop/#', 1)
    hub.receive(publication('owlcms/fop/down/A', '', 1))
    hub.receive(publication('owlcms/fop/stop/A', '60000', 0))
    const packets = client.take()
    expect(facts(packets)).toEqual([
      { cmd: 'publish', topic: 'owlcms/fop/down/A', payload: '', qos: 1, dup: false },
      { cmd: 'publish', topic: 'owlcms/fop/stop/A', payload: '60000', qos: 0, dup: false },
    ])
    client.send({ cmd: 'puback', messageId: packets[0]!.messageId! })
    expect(client.closed).toBeUndefined()
  })

  it.each([3, 4, 5] as const)(
    'grants level %i no QoS 2, since the broker sends us none, and delivers what it grants [MQTT-3.8.4-8]',
    (version) => {
      const client = connected(version)
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'owlcms/fop/#', qos: 2, nl: false, rap: false, rh: 0 }],
      })
      expect(client.take()).toMatchObject([{ cmd: 'suback', granted: [1] }])
      for (const qos of [0, 1, 2] as const) hub.receive(publication('owlcms/fop/resetDecisions/A', '', qos))
      expect(client.take()).toMatchObject([{ qos: 0 }, { qos: 1 }, { qos: 1 }])
    },
  )

  it.each([0, 1] as const)('writes at once what at most eight hear, at QoS %i', (qos) => {
    const clients = Array.from({ length: 9 }, (_, at) =>
      connected(5, { clientId: `box ${at}`, keepalive: 0 }),
    )
    for (const client of clients.slice(1)) subscribe(client, 'owlcms/fop/decision/A', qos)
    for (const client of clients) subscribe(client, 'owlcms/fop/down/A', qos)
    hub.receive(publication('owlcms/fop/decision/A', '1 good', 1))
    expect(clients.map(({ received }) => received.length)).toEqual([0, ...Array<number>(8).fill(1)])
    hub.receive(publication('owlcms/fop/down/A', '', 1))
    expect(clients.map(({ received }) => received.length)).toEqual([0, ...Array<number>(8).fill(1)])
    expect(clients.map((client) => client.take().length)).toEqual([1, ...Array<number>(8).fill(2)])
  })

  it('keeps to the Receive Maximum of MQTT 5 and to the order [MQTT-3.3.4-9]', () => {
    const client = connected(5, { properties: { receiveMaximum: 2 } })
    subscribe(client, 'owlcms/fop/#', 1)
    for (const n of ['1', '2', '3', '4']) hub.receive(publication('owlcms/fop/decision/A', `${n} good`))
    const first = client.take()
    expect(first).toHaveLength(2)
    client.send({ cmd: 'puback', messageId: first[0]!.messageId! })
    expect(facts(client.take())).toMatchObject([{ payload: '3 good' }])
  })

  it('leaves out what is larger than the client takes [MQTT-3.1.2-25]', () => {
    const client = connected(5, { properties: { maximumPacketSize: 60 } })
    subscribe(client, 'owlcms/fop/#')
    hub.receive(publication('owlcms/fop/config', 'x'.repeat(100), 0))
    hub.receive(publication('owlcms/fop/down/A', '', 0))
    expect(facts(client.take())).toMatchObject([{ topic: 'owlcms/fop/down/A' }])
  })

  it('sends the subscription identifiers of MQTT 5 [MQTT-3.3.4-3]', () => {
    const client = connected(5)
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'owlcms/#', qos: 0, nl: false, rap: false, rh: 0 }],
      properties: { subscriptionIdentifier: 12 },
    })
    client.take()
    hub.receive(publication('owlcms/fop/down/A', '', 0))
    expect(client.take()).toMatchObject([{ properties: { subscriptionIdentifier: 12 } }])
  })
})

describe('sessions that outlive their connection', () => {
  const kept = { clean: false } as const

  it('keep subscriptions, tell what is still true, and never a signal that is over (R1)', () => {
    const client = connected(4, kept)
    subscribe(client, 'owlcms/#', 1)
    client.drop()
    hub.receive(publication('owlcms/fop/down/A'))
    hub.receive(publication('owlcms/fop/resetDecisions/A', 'reset'))
    hub.receive(publication('owlcms/refbox/decision/A', '1 good'))
    const again = new MemoryClient(gateway, clock)
    again.send({
      cmd: 'connect',
      clientId: 'box-1',
      clean: false,
      username: 'hall',
      password: Buffer.from('secret'),
    })
    const [connack, ...rest] = again.take()
    expect(connack).toMatchObject({ cmd: 'connack', sessionPresent: true })
    expect(facts(rest)).toEqual([
      { cmd: 'publish', topic: 'owlcms/fop/resetDecisions/A', payload: 'reset', qos: 1, dup: false },
    ])
  })

  it('redelivers with DUP what was not acknowledged [MQTT-4.4.0-1], but no signal', () => {
    const client = connected(4, kept)
    subscribe(client, 'owlcms/fop/#', 1)
    hub.receive(publication('owlcms/fop/resetDecisions/A', 'reset'))
    hub.receive(publication('owlcms/fop/down/A'))
    expect(client.take()).toHaveLength(2)
    client.drop()
    const again = new MemoryClient(gateway, clock)
    again.send({
      cmd: 'connect',
      clientId: 'box-1',
      clean: false,
      username: 'hall',
      password: Buffer.from('secret'),
    })
    expect(facts(again.take())).toEqual([
      { cmd: 'connack' },
      { cmd: 'publish', topic: 'owlcms/fop/resetDecisions/A', payload: 'reset', qos: 1, dup: true },
    ])
  })

  it('end with a clean session, and after five minutes', () => {
    connected(4, kept).drop()
    expect(hub.sessionCount).toBe(1)
    clock.advance(300_000)
    expect(hub.sessionCount).toBe(0)
    connected(4, kept).drop()
    const clean = new MemoryClient(gateway, clock)
    expect(clean.connect({ clean: true })).toMatchObject({ sessionPresent: false })
    clean.send({ cmd: 'disconnect' })
    expect(hub.sessionCount).toBe(0)
  })
})

describe('the will', () => {
  const will = { topic: 'owlcms/box/1', payload: Buffer.from('gone'), qos: 0, retain: true } as const

  it('is published when the client vanishes, without retain', () => {
    connected(4, { will }).drop()
    expect(upstream.sent.at(-1)?.publication).toEqual({
      topic: 'owlcms/box/1',
      payload: Buffer.from('gone'),
      qos: 0,
      retain: false,
    })
  })

  it('is forgotten at DISCONNECT [MQTT-3.14.4-3], unless MQTT 5 asks for it', () => {
    connected(4, { will }).send({ cmd: 'disconnect' })
    expect(upstream.lines).toEqual([])
    connected(5, { will }).send({ cmd: 'disconnect', reasonCode: 4 })
    expect(upstream.lines).toEqual(['owlcms/box/1 gone'])
  })

  it('is subject to the same permissions', () => {
    connected(4, { will: { ...will, topic: 'owlcms/fop/down/A' } }).drop()
    expect(upstream.lines).toEqual([])
  })
})

describe('keep alive and closing', () => {
  it('ends a silent MQTT 5 client as if the network had failed, without DISCONNECT [MQTT-3.1.2-22]', () => {
    const client = connected(5, { keepalive: 20 })
    clock.advance(31_000)
    expect([client.closed, client.take()]).toEqual([closeCodes.silent, []])
  })

  it('answers PINGREQ, and closes after one and a half keep-alives of silence [MQTT-3.1.2-24]', () => {
    const client = connected(4, { keepalive: 20 })
    clock.advance(29_000 - firstWordMs)
    client.send({ cmd: 'pingreq' })
    expect(facts(client.take())).toEqual([{ cmd: 'pingresp' }])
    clock.advance(30_000)
    expect(client.closed).toBeUndefined()
    clock.advance(2_000)
    expect(client.closed).toEqual(closeCodes.silent)
  })

  it('tells everybody at the end and takes no new clients', () => {
    const old = connected()
    const five = connected(5, { clientId: 'five' })
    for (const leaver of gateway.drain()) leaver.leave(closeCodes.restarting, 0)
    const told = withRetryHint(closeCodes.restarting, 0)
    expect([old.closed, five.closed]).toEqual([told, told])
    // libmosquitto takes any DISCONNECT for the end, and would never come back.
    expect(five.take()).toEqual([])
    expect(new MemoryClient(gateway, clock).closed).toEqual(closeCodes.restarting)
  })

  it('ends a client that does not read, at once and without waiting for it (R7)', () => {
    const client = connected()
    subscribe(client, 'owlcms/#')
    client.bufferedBytes = 600 * 1024
    hub.receive(publication('owlcms/fop/down/A', '', 0))
    clock.finishTurn()
    hub.receive(publication('owlcms/fop/down/A', '', 0))
    clock.finishTurn()
    expect([client.destroyed, hub.counters.slowClients, hub.sessionCount]).toEqual([true, 1, 0])
  })
})

describe('the burst right after CONNECT (R4)', () => {
  function justConnected(version: 4 | 5 = 5): MemoryClient {
    const client = new MemoryClient(gateway, clock, version)
    client.connect()
    return client
  }

  it('is held back, told and counted, and never passed on', () => {
    const client = justConnected()
    publish(client, 'owlcms/refbox/decision/A', '1 good', 1)
    clock.advance(defaultClientLimits.flushWindowMs)
    publish(client, 'owlcms/clock/A', 'start', 1, 8)
    expect(client.take()).toMatchObject([
      { cmd: 'puback', messageId: 7, reasonCode: 0x83 },
      { cmd: 'puback', messageId: 8, reasonCode: 0x83 },
    ])
    clock.advance(10_000)
    expect([upstream.lines, hub.counters.heldBack]).toEqual([[], 2])
    expect(hub.presence.clients(clock.now())).toMatchObject([{ clientId: 'box-1', held: 2, dropped: 0 }])
  })

  it('lets through what is no command, such as a question for the config', () => {
    const client = justConnected()
    publish(client, 'owlcms/config', 'x')
    publish(client, 'owlcms/new/A', 'y')
    clock.advance(2_000)
    publish(client, 'owlcms/config', ' ')
    expect(upstream.lines).toEqual(['owlcms/new/A y', 'owlcms/config  '])
  })
})

describe('limits (R7)', () => {
  it('refuses what is over the rate of one client, counts it, and lets it go on after a while', () => {
    const client = connected(5)
    for (let id = 1; id <= 201; id += 1) {
      publish(client, 'owlcms/new/A', 'x', 1, id)
      upstream.settleAll()
    }
    const codes = client.take().map((packet) => (packet.cmd === 'puback' ? packet.reasonCode : undefined))
    expect(codes).toEqual([...Array.from({ length: 200 }, () => 0), 0x97])
    expect(gateway.counters.overRate).toBe(1)
    clock.advance(20)
    publish(client, 'owlcms/new/A', 'x', 1, 300)
    upstream.settleAll()
    expect(client.take()).toMatchObject([{ reasonCode: 0 }])
  })

  it('takes a whole hall from one address, and no more than the setting says', () => {
    gateway = gatewayWith({ maxClientsPerAddress: 120 })
    const hall = Array.from({ length: 120 }, (_, at) => {
      const client = new MemoryClient(gateway, clock)
      client.connect({ clientId: `box ${at}` })
      return client
    })
    expect(hall.every((client) => client.closed === undefined)).toBe(true)
    expect(new MemoryClient(gateway, clock).closed).toEqual(closeCodes.full)
    hall[0]!.drop()
    expect(new MemoryClient(gateway, clock).closed).toBeUndefined()
  })

  it('takes no more clients than the setting says', () => {
    gateway = gatewayWith({ maxClients: 1 })
    connected()
    expect(new MemoryClient(gateway, clock).closed).toEqual(closeCodes.full)
    expect(gateway.counters.tooManyClients).toBe(1)
  })

  it('lets an address that tries passwords wait, the right one too, and 4 s at most', async () => {
    const guess = (password: string) => {
      const client = new MemoryClient(gateway, clock)
      return { client, answer: client.connect({ password: Buffer.from(password) }) }
    }
    for (let count = 0; count < 100; count += 1)
      expect(guess('wrong').answer).toMatchObject({ returnCode: 4 })
    const waiting = Array.from({ length: 19 }, () => guess('wrong'))
    const right = guess('secret')
    expect(guess('secret').answer).toMatchObject({ returnCode: 3 })
    expect(gateway.counters.loginsBlocked).toBe(1)
    expect([...waiting, right].map(({ answer }) => answer)).toEqual(Array(20).fill(undefined))
    clock.advance(4_000)
    await eventually(() => expect(right.client.take()).toMatchObject([{ returnCode: 0 }]))
    expect(waiting.map(({ client }) => client.take())).toMatchObject(waiting.map(() => [{ returnCode: 4 }]))
  })

  it('keeps no more sessions of clients that are away than the setting says', () => {
    gateway = gatewayWith({ maxKeptSessions: 1 })
    for (const clientId of ['a', 'b']) connected(4, { clientId, clean: false }).drop()
    expect(hub.sessionCount).toBe(1)
  })

  it('refuses more subscriptions than the limit', () => {
    const client = connected(5)
    for (let count = 0; count < 100; count += 1) subscribe(client, `owlcms/${count}`)
    client.send({
      cmd: 'subscribe',
      messageId: 2,
      subscriptions: [{ topic: 'owlcms/more', qos: 0, nl: false, rap: false, rh: 0 }],
    })
    expect(client.take()).toMatchObject([{ granted: [0x97] }])
  })

  it('logs a refused publication once per crossing', () => {
    const { log, lines } = recordingLog()
    gateway = gatewayWith({}, log)
    const client = connected()
    const refusals = (): number => lines.filter((text) => text.includes('publication not passed on')).length
    for (let count = 0; count < 3; count += 1) publish(client, 'owlcms/fop/down/A', '')
    expect(refusals()).toBe(1)
    publish(client, 'owlcms/new/A', 'x')
    upstream.settleAll()
    publish(client, 'owlcms/refbox/decision/A', '1 secretverdict')
    expect(refusals()).toBe(2)
    expect(lines.join('')).not.toContain('secretverdict')
  })
})

describe('two boxes with one client ID (docs/owlcms.md 1.7)', () => {
  it('may both stay once they have fought, are flagged, and both hear and press', () => {
    const id = { clientId: 'owlcms-42' }
    const kicked = [connected(4, id), connected(4, id)]
    const third = connected(4, id)
    const fourth = connected(4, id)
    expect(kicked.map((client) => client.closed)).toEqual([closeCodes.takenOver, closeCodes.takenOver])
    expect([third.closed, fourth.closed]).toEqual([undefined, undefined])
    for (const client of [third, fourth]) subscribe(client, 'owlcms/#')
    hub.receive(publication('owlcms/fop/down/A', '', 0))
    expect([third.take().length, fourth.take().length]).toEqual([1, 1])
    publish(third, 'owlcms/decision/A', '1 good')
    publish(fourth, 'owlcms/decision/B', '2 good')
    expect(upstream.lines).toEqual(['owlcms/decision/A 1 good', 'owlcms/decision/B 2 good'])
    const flags = hub.presence.clients(clock.now()).filter(({ connected: here }) => here)
    expect(flags.map(({ clientId, duplicate }) => [clientId, duplicate])).toEqual([
      ['owlcms-42', false],
      ['owlcms-42', true],
    ])
  })
})

describe('small boxes (docs/owlcms.md 5.5)', () => {
  it('get no packet above 256 bytes, other clients do', () => {
    const box = connected(4, { clientId: 'owlcms-7' })
    const other = connected(4, { clientId: 'other' })
    for (const client of [box, other]) subscribe(client, 'owlcms/#')
    hub.receive(publication('owlcms/led/A', 'x'.repeat(300), 0))
    hub.receive(publication('owlcms/led/A', 'on', 0))
    expect([box.take().length, other.take().length]).toEqual([1, 2])
  })
})

describe('retained publications', () => {
  const state = publication('owlcms/bridge/hall/state', '{"state":"online"}', 1, true)
  const wanted = (
    client: MemoryClient,
    options: { nl?: boolean; rap?: boolean; rh?: 0 | 1 | 2; qos?: 0 | 1 } = {},
  ): Packet[] => {
    const { nl = false, rap = false, rh = 0, qos = 0 } = options
    client.send({
      cmd: 'subscribe',
      messageId: 3,
      subscriptions: [{ topic: 'owlcms/bridge/#', qos, nl, rap, rh }],
    })
    return client.take().filter((packet) => packet.cmd === 'publish')
  }

  it('reach late joiners, flagged [MQTT-3.3.1-8], and listeners of the moment unflagged [MQTT-3.3.1-9]', () => {
    const early = connected(4, { clientId: 'early' })
    expect(wanted(early)).toEqual([])
    hub.receive(state)
    expect(early.take()).toMatchObject([{ retain: false }])
    const late = connected(4, { clientId: 'late' })
    expect(wanted(late)).toMatchObject([{ topic: state.topic, retain: true }])
  })

  it('follow the Retain Handling of MQTT 5 [MQTT-3.8.4-9 to 11]', () => {
    hub.receive(state)
    const counts = ([0, 1, 2] as const).map((rh) => {
      const client = connected(5, { clientId: `rh ${rh}` })
      return [wanted(client, { rh }).length, wanted(client, { rh }).length]
    })
    expect(counts).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
    ])
  })

  it('keep their flag for Retain As Published [MQTT-3.8.4-4 of MQTT 5]', () => {
    const client = connected(5)
    wanted(client, { rap: true })
    hub.receive({ ...state, retain: false })
    expect(client.take()).toMatchObject([{ retain: true }])
  })

  it('are never made by a device: its flag is stripped (docs/owlcms.md 5.2)', () => {
    const client = connected()
    client.send({ cmd: 'publish', topic: 'owlcms/new/A', payload: 'x', qos: 0, dup: false, retain: true })
    expect(upstream.sent.at(-1)?.publication.retain).toBe(false)
  })

  it('belong to the connection to the broker they came by', () => {
    hub.receive(state)
    hub.linkChanged(false)
    expect(wanted(connected())).toEqual([])
  })
})

describe('No Local [MQTT-3.8.3-3]', () => {
  it("leaves out the client's own publication when it comes back, and nobody else's", () => {
    const own = connected(5, { clientId: 'own' })
    const other = connected(5, { clientId: 'other' })
    for (const client of [own, other]) {
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'owlcms/new/#', qos: 0, nl: true, rap: false, rh: 0 }],
      })
      client.take()
    }
    publish(own, 'owlcms/new/A', 'mine')
    const up = upstream.sent.at(-1)!.publication
    hub.receive(up)
    hub.receive(up) // the same words from somebody else
    expect([own.take().length, other.take().length]).toEqual([1, 2])
  })
})

describe('what a vanished client leaves behind', () => {
  it('is passed on once: QoS 2, when the broker answers after the socket went and the client comes back', () => {
    const kept = { clean: false } as const
    const client = connected(4, kept)
    publish(client, 'owlcms/new/A', 'x', 2, 9)
    client.drop()
    upstream.settleAll()
    const again = connected(4, kept)
    again.take()
    publish(again, 'owlcms/new/A', 'x', 2, 9, true)
    expect(upstream.lines).toEqual([])
    expect(facts(again.take())).toEqual([{ cmd: 'pubrec', id: 9 }])
  })

  it('is no press: a will that is a command is held back, since it was written at CONNECT (R4)', () => {
    const will = {
      topic: 'owlcms/refbox/decision/A',
      payload: Buffer.from('1 bad'),
      qos: 0,
      retain: false,
    } as const
    connected(4, { will }).drop()
    expect([upstream.lines, hub.counters.heldBack]).toEqual([[], 1])
  })
})

it('does not end a client for a QoS 0 press while its QoS 1 window is full', () => {
  const client = connected(5)
  for (let id = 1; id <= 100; id += 1) publish(client, 'owlcms/new/A', 'x', 1, id)
  publish(client, 'owlcms/new/B', 'y', 0)
  expect(client.closed).toBeUndefined()
  expect(upstream.lines.at(-1)).toBe('owlcms/new/B y')
})

describe('packets that lack what they must have', () => {
  it.each<[string, 4 | 5, number[]]>([
    ['PUBREC without an identifier', 4, [0x50, 0]],
    ['PUBREC without an identifier', 5, [0x50, 0]],
    ['PUBREL without an identifier', 4, [0x62, 0]],
    ['PUBREL without an identifier', 5, [0x62, 0]],
    ['PUBACK without an identifier', 4, [0x40, 0]],
    ['PUBACK with half an identifier', 4, [0x40, 1, 0]],
    ['PUBCOMP without an identifier', 4, [0x70, 0]],
    ['PUBLISH at QoS 1 without an identifier', 5, [0x32, 7, 0, 5, 0x61, 0x2f, 0x62, 0x2f, 0x63]],
    ['PUBLISH at QoS 2 without an identifier', 4, [0x34, 7, 0, 5, 0x61, 0x2f, 0x62, 0x2f, 0x63]],
    ['SUBSCRIBE without a filter [MQTT-3.8.3-3]', 4, [0x82, 2, 0, 1]],
    ['SUBSCRIBE without a filter [MQTT-3.8.3-3]', 5, [0x82, 3, 0, 1, 0]],
    ['UNSUBSCRIBE without a filter [MQTT-3.10.3-2]', 4, [0xa2, 2, 0, 1]],
    ['UNSUBSCRIBE without a filter [MQTT-3.10.3-2]', 5, [0xa2, 3, 0, 1, 0]],
  ])('%s in MQTT %i ends the connection and is not answered', (_, version, bytes) => {
    const client = connected(version)
    client.take()
    client.bytes(Uint8Array.from(bytes))
    expect(client.closed).toEqual(closeCodes.protocolError)
    expect(facts(client.take()).filter((fact) => (fact as { cmd: string }).cmd !== 'disconnect')).toEqual([])
  })

  it('ends a client that opens QoS 2 publications and never lets go of one (R7)', () => {
    const client = connected(5)
    for (let id = 1; id <= 100; id += 1) {
      publish(client, 'owlcms/new/A', 'x', 2, id)
      upstream.settleAll()
    }
    expect(client.closed).toBeUndefined()
    publish(client, 'owlcms/new/A', 'x', 2, 101)
    expect(client.closed).toEqual(closeCodes.tooFast)
  })
})

describe('any bytes', () => {
  it('read the same however the wire cuts them', () => {
    const packets: Packet[] = [
      {
        cmd: 'connect',
        clientId: 'cut',
        username: 'hall',
        password: Buffer.from('secret'),
        clean: true,
        keepalive: 9,
      },
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/#', qos: 1 }] },
      { cmd: 'publish', topic: 'owlcms/new/A', payload: 'x'.repeat(300), qos: 0, dup: false, retain: false },
      { cmd: 'pingreq' },
    ]
    const stream = Buffer.concat(packets.map((packet) => mqttPacket.generate(packet)))
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        // One client that comes so often is a flood.
        clock.advance(1_000)
        const client = new MemoryClient(gateway, clock)
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        for (const [at, edge] of edges.entries()) client.bytes(stream.subarray(edges[at - 1] ?? 0, edge))
        expect(facts(client.take()).map((fact) => (fact as { cmd: string }).cmd)).toEqual([
          'connack',
          'suback',
          'pingresp',
        ])
        client.drop()
      }),
    )
  })

  it('never throw, and end in a named close code or leave the client connected', () => {
    const reasons = Object.values(closeCodes)
    const junk = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 })
    fc.assert(
      fc.property(fc.boolean(), fc.constantFrom(3, 4, 5), junk, (first, version, chunks) => {
        const client = new MemoryClient(gateway, clock, version)
        if (first) client.connect()
        client.take()
        for (const chunk of chunks) {
          try {
            client.bytes(chunk)
          } catch (error) {
            // The test client may not understand its own answers; the gateway must never throw.
            expect(String(error)).not.toContain('gateway')
          }
        }
        if (client.closed !== undefined) expect(reasons).toContainEqual(client.closed)
        client.drop()
      }),
      { numRuns: 500 },
    )
  })
})
