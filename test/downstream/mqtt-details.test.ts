import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { publish, setStage, subscribe, type Stage } from '../rules/stage.ts'
import { MemoryClient } from '../support/memory-client.ts'

/** What MQTT 5 and 3.1 say beside the main road, by their clauses. */

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

const size = (packet: Packet): number => mqttPacket.generate(packet, { protocolVersion: 5 }).byteLength

describe('Maximum Packet Size of MQTT 5 [MQTT-3.1.2-24]', () => {
  const limited = (maximumPacketSize: number, more: Partial<IConnectPacket> = {}): MemoryClient => {
    const client = new MemoryClient(stage.gateway, stage.clock, 5)
    client.connect({ properties: { maximumPacketSize }, ...more })
    stage.clock.advance(2_000)
    return client
  }
  const refused = 'owlcms/fop/down/A'

  it.each([
    ['MQTT-3.4.2-2', 1, 'puback'],
    ['MQTT-3.5.2-2', 2, 'pubrec'],
  ] as const)('a refusal too large for it goes without its reason string [%s]', (_clause, qos, cmd) => {
    const client = limited(30)
    publish(client, refused, '', { qos })
    const answers = client.take()
    expect(answers).toMatchObject([{ cmd, messageId: 7, reasonCode: 0x87 }])
    expect(answers[0]).not.toHaveProperty('properties')
    expect(size(answers[0]!)).toBeLessThanOrEqual(30)
    expect(client.closed).toBeUndefined()
  })

  it('a refusal that fits keeps its reason string', () => {
    const client = limited(100)
    publish(client, refused, '', { qos: 1 })
    expect(client.take()).toMatchObject([{ properties: { reasonString: 'only owlcms may publish there' } }])
  })

  it('a CONNACK that refuses goes without its reason string [MQTT-3.2.2-19]', () => {
    const client = new MemoryClient(stage.gateway, stage.clock, 5)
    const answer = client.connect({ password: Buffer.from('x'), properties: { maximumPacketSize: 20 } })
    expect(answer).toMatchObject({ cmd: 'connack', reasonCode: 0x86 })
    expect(answer).not.toHaveProperty('properties')
    expect(client.closed).toEqual(closeCodes.unauthorised)
  })

  it.each([
    [60, ['properties', 'reasonCode']],
    [25, ['reasonCode']],
  ] as const)('a DISCONNECT within %i bytes has %j [MQTT-3.14.2-3]', (maximum, has) => {
    const client = limited(maximum)
    client.send({ cmd: 'publish', topic: 'a/+', payload: '', qos: 0, dup: false, retain: false })
    const [goodbye] = client.take()
    expect(goodbye).toMatchObject({ cmd: 'disconnect', reasonCode: 0x82 })
    expect(['properties', 'reasonCode'].filter((key) => key in goodbye!)).toEqual(has)
  })

  it('a CONNACK with what it must say is too large for 19 bytes: the connection ends without a word', () => {
    const client = new MemoryClient(stage.gateway, stage.clock, 5)
    expect(client.connect({ properties: { maximumPacketSize: 19 } })).toBeUndefined()
    expect(client.closed).toEqual(closeCodes.tooLarge)
    expect(stage.hub.sessionCount).toBe(0)
  })

  it('a SUBACK that can’t be made smaller ends the connection, since the client would wait for ever', () => {
    const client = limited(40)
    client.send({
      ...{ cmd: 'subscribe', messageId: 5 },
      subscriptions: Array.from({ length: 60 }, (_, n) => ({ topic: `owlcms/${n}`, qos: 0 as const })),
    })
    expect(client.take()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x95 }])
    expect(client.closed).toEqual(closeCodes.tooLarge)
  })

  it('no packet of any kind is larger than it, down to the smallest that any client may ask for', () => {
    for (let maximum = 1; maximum <= 120; maximum += 1) {
      const client = new MemoryClient(stage.gateway, stage.clock, 5)
      client.connect({ clientId: '', properties: { maximumPacketSize: maximum } })
      subscribe(client, 'owlcms/#', 1)
      publish(client, refused, '', { qos: 1 })
      publish(client, refused, '', { qos: 2, id: 8 })
      client.send({ cmd: 'pingreq' })
      client.send({ cmd: 'auth', reasonCode: 0 })
      const tooLarge = client.received.filter((packet) => size(packet) > maximum)
      expect({ maximum, tooLarge }).toEqual({ maximum, tooLarge: [] })
      client.drop()
    }
  })

  it.each([{ maximumPacketSize: 0 }, { receiveMaximum: 0 }])(
    '%j is a protocol error (MQTT 5 sections 3.1.2.11.3 and 3.1.2.11.4)',
    (properties) => {
      const client = new MemoryClient(stage.gateway, stage.clock, 5)
      expect(client.connect({ properties })).toMatchObject({ cmd: 'connack', reasonCode: 0x82 })
      expect(client.closed).toEqual(closeCodes.protocolError)
      expect(stage.hub.sessionCount).toBe(0)
    },
  )
})

describe('the Will Delay Interval of MQTT 5', () => {
  const topic = 'owlcms/box/status'
  const vanish = (willDelayInterval: number, sessionExpiryInterval: number): void => {
    const client = stage.client(5, {
      clean: false,
      properties: { sessionExpiryInterval },
      will: { topic, payload: Buffer.from('off'), qos: 0, retain: false, properties: { willDelayInterval } },
    })
    client.drop()
  }
  const said = (): string[] => stage.upstream.lines

  it('holds the will back until it has passed, and then it comes once [MQTT-3.1.2-8]', () => {
    vanish(10, 60)
    stage.clock.advance(9_999)
    expect(said()).toEqual([])
    stage.clock.advance(1)
    expect(said()).toEqual([`${topic} off`])
    stage.clock.advance(60_000)
    expect(said()).toHaveLength(1)
  })

  it.each([
    [60, 10_000],
    [4_294_967_295, 10_000],
  ])('of %i s ends with the session, if that ends first [MQTT-3.1.2-8]', (delay, endsAfterMs) => {
    vanish(delay, endsAfterMs / 1_000)
    stage.clock.advance(endsAfterMs - 1)
    expect(said()).toEqual([])
    stage.clock.advance(1)
    expect(said()).toEqual([`${topic} off`])
  })

  it('of a session that ends with its connection is none', () => {
    vanish(10, 0)
    expect(said()).toEqual([`${topic} off`])
  })

  it('is over without a will when the client comes back to its session in time [MQTT-3.1.3-9]', () => {
    vanish(10, 60)
    stage.clock.advance(9_000)
    stage.client(5, { clean: false, properties: { sessionExpiryInterval: 60 } })
    stage.clock.advance(60_000)
    expect(said()).toEqual([])
  })

  it('does not outlive the session, which a clean start ends', () => {
    vanish(10, 60)
    stage.client(5, { clean: true })
    expect(said()).toEqual([`${topic} off`])
  })

  it('is over without a will for a client that is taken over with its session [MQTT-3.1.3-9]', () => {
    const options = {
      ...{ clean: false, properties: { sessionExpiryInterval: 60 } },
      will: {
        ...({ topic, payload: Buffer.from('off'), qos: 0, retain: false } as const),
        properties: { willDelayInterval: 10 },
      },
    }
    stage.client(5, options)
    stage.client(5, options)
    stage.clock.advance(30_000)
    expect(said()).toEqual([])
  })

  it('holds back no command for later either: that one is held for good (R4)', () => {
    const client = stage.client(5, {
      clean: false,
      properties: { sessionExpiryInterval: 60 },
      will: {
        ...{ topic: 'owlcms/clock/A', payload: Buffer.from('stop'), qos: 1, retain: false },
        properties: { willDelayInterval: 10 },
      },
    })
    client.drop()
    stage.clock.advance(10_000)
    expect([said(), stage.hub.counters.heldBack]).toEqual([[], 1])
  })
})

it.each([3, 4, 5] as const)(
  'a will at QoS 3 ends the CONNECT of MQTT %i [MQTT-3.1.2-14]',
  (protocolVersion) => {
    const client = new MemoryClient(stage.gateway, stage.clock, protocolVersion)
    const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT'
    const bytes = mqttPacket.generate({
      ...{ cmd: 'connect', protocolId, protocolVersion, clientId: 'wild', clean: true },
      ...{ username: 'hall', password: Buffer.from('secret') },
      will: { topic: 'owlcms/box/status', payload: Buffer.from('off'), qos: 2, retain: false },
    })
    // The codec doesn't write it: the flags stand behind the length, the protocol's name and its level.
    bytes[2 + 2 + protocolId.length + 1]! |= 0x18
    client.bytes(bytes)
    expect(client.closed).toEqual(closeCodes.protocolError)
    client.drop()
    stage.clock.advance(1_000)
    expect([stage.hub.sessionCount, stage.upstream.lines]).toEqual([0, []])
  },
)

describe('the session present flag', () => {
  it.each([
    [3, false],
    [4, true],
  ] as const)('of protocol level %i is %s for a kept session (reserved in MQTT 3.1)', (version, present) => {
    stage.client(version, { clean: false }).drop()
    const client = new MemoryClient(stage.gateway, stage.clock, version)
    expect(client.connect({ clean: false })).toMatchObject({ returnCode: 0, sessionPresent: present })
  })
})

it('a PUBREC for what was never sent is answered with 0x92 (MQTT 5 section 3.6.2.1)', () => {
  const client = stage.client(5)
  client.take()
  client.send({ cmd: 'pubrec', messageId: 3 })
  expect(client.take()).toMatchObject([{ cmd: 'pubrel', messageId: 3, reasonCode: 0x92 }])
})
