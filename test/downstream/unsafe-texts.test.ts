import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { publish, setStage, type Stage } from '../rules/stage.ts'

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

/** MQTT allows them, and brokers cut the link for them. */
const unsafeTopics = [
  'owlcms/refbox/decision/A\r',
  'owlcms/refbox/decision/\u007f',
  'owlcms/clock/A\u0085',
  'owlcms/jurybox/break/\ufdd0',
  'owlcms/box/\u{1ffff}/status',
  `owlcms${'/x'.repeat(40)}`,
]
const why = 'brokers cut the line for this topic (a control character, or too deep): check the platform'

describe('a topic that brokers cut the link for (R12)', () => {
  it.each(unsafeTopics)(
    '%j goes nowhere, is counted, shows no platform, and the client may go on',
    (topic) => {
      const client = stage.client(4)
      for (const qos of [0, 1, 2] as const) publish(client, topic, '1 good', { qos, id: 1 + qos })
      publish(client, 'owlcms/refbox/decision/A', '1 good')
      expect(stage.upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
      expect(client.closed).toBeUndefined()
      expect(stage.hub.counters.refused).toBe(3)
      stage.upstream.settleAll()
      stage.clock.advance(2_000)
      expect([...stage.hub.presses.keys()]).toEqual(['A'])
      const [device] = stage.hub.presence.clients(stage.clock.now())
      expect(device).toMatchObject({ dropped: 3, presses: 1, pressedSeats: [{ platform: 'A' }] })
      expect(stage.logLines.filter((line) => line.includes('unsafeTopic'))).toHaveLength(1)
    },
  )

  it.each([
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const)('is refused to MQTT 5 at QoS %i with 0x90 in the %s, and with words', (qos, cmd) => {
    const client = stage.client(5)
    publish(client, 'owlcms/refbox/decision/A\r', '1 good', { qos })
    expect(client.take()).toMatchObject([
      { cmd, messageId: 7, reasonCode: 0x90, properties: { reasonString: why } },
    ])
  })

  it('behind a topic alias is refused each time', () => {
    const client = stage.client(5)
    for (const topic of ['owlcms/clock/A\n', '']) {
      client.send({
        ...{ cmd: 'publish', topic, payload: 'start', qos: 1, messageId: 3, dup: false, retain: false },
        properties: { topicAlias: 2 },
      })
    }
    expect(client.take()).toMatchObject([{ reasonCode: 0x90 }, { reasonCode: 0x90 }])
    expect(stage.upstream.lines).toEqual([])
  })

  it.each([
    [3, { returnCode: 3 }],
    [4, { returnCode: 3 }],
    [5, { reasonCode: 0x90, properties: { reasonString: 'the will has no valid topic' } }],
  ] as const)('as a will is refused at the CONNECT of protocol level %i', (version, answer) => {
    const client = new MemoryClient(stage.gateway, stage.clock, version)
    const will = { topic: 'owlcms/box/A\r', payload: Buffer.from('off'), qos: 0, retain: false } as const
    expect(client.connect({ will })).toMatchObject({ cmd: 'connack', ...answer })
    expect(stage.upstream.lines).toEqual([])
  })

  it.each([
    [4, 0x80],
    [5, 0x8f],
  ] as const)('as a filter of protocol level %i is refused alone, with %i', (version, code) => {
    const client = stage.client(version)
    client.send({
      ...{ cmd: 'subscribe', messageId: 2 },
      subscriptions: ['owlcms/fop/decision/A\r', 'owlcms/fop/decision/A'].map((topic) => ({ topic, qos: 0 })),
    })
    expect(client.take()).toMatchObject([{ cmd: 'suback', granted: [code, 0] }])
  })
})

/** Each place where a client may put a text, with `~` in it. */
const places: readonly (readonly [place: string, versions: readonly (3 | 4 | 5)[], packet: Packet])[] = [
  ['topic', [3, 4, 5], toPublish({ topic: 'owlcms/refbox/decision/~' })],
  ['content type', [5], toPublish({ properties: { contentType: '~' } })],
  ['response topic', [5], toPublish({ properties: { responseTopic: '~' } })],
  ['user property', [5], toPublish({ properties: { userProperties: { a: '~' } } })],
  ['name of a user property', [5], toPublish({ properties: { userProperties: { '~': 'a' } } })],
  ['filter', [3, 4, 5], { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/~', qos: 0 }] }],
  ['filter to end', [3, 4, 5], { cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['owlcms/~'] }],
  ['reason string', [5], { cmd: 'pubrel', messageId: 1, reasonCode: 0, properties: { reasonString: '~' } }],
  ['last reason string', [5], { cmd: 'disconnect', reasonCode: 4, properties: { reasonString: '~' } }],
]

function toPublish(more: object): Packet {
  const topic = 'owlcms/refbox/decision/A'
  return {
    cmd: 'publish',
    topic,
    payload: '1 good',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
    ...more,
  }
}

const login = { username: 'hall', password: Buffer.from('secret') }
const will = { topic: 'owlcms/box', payload: Buffer.from('off'), qos: 0, retain: false } as const
const connects: readonly (readonly [place: string, more: Partial<IConnectPacket>])[] = [
  ['client ID', { clientId: '~' }],
  ['user name', { username: '~' }],
  ['topic of the will', { will: { ...will, topic: 'owlcms/~' } }],
  ['user property', { properties: { userProperties: { a: '~' } } }],
  ['user property of the will', { will: { ...will, properties: { userProperties: { a: '~' } } } }],
  ['response topic of the will', { will: { ...will, properties: { responseTopic: '~' } } }],
]

/** The packet's bytes, with these in the place of `~`. */
function withBytes(packet: Packet, version: 3 | 4 | 5, bytes: readonly number[]): Buffer {
  const tildes = JSON.stringify(packet).includes('~') ? '~'.repeat(bytes.length) : ''
  const longer = JSON.parse(JSON.stringify(packet).replaceAll('~', tildes)) as Packet
  const raw = mqttPacket.generate({ ...packet, ...texts(longer) }, { protocolVersion: version })
  const at = raw.indexOf(tildes)
  raw.set(bytes, at)
  return raw
}

/** JSON turns buffers into something else, so those stay as they were. */
function texts(packet: object): object {
  return Object.fromEntries(
    Object.entries(packet).flatMap(([key, value]) => {
      if (key === 'password') return []
      if (key !== 'will') return [[key, value as unknown]]
      return [[key, { ...(value as object), payload: will.payload }]]
    }),
  )
}

const faults = [
  ['a lone continuation', [0x80]],
  ['a byte of Latin-1', [0xe9]],
  ['an overlong form', [0xc0, 0xaf]],
  ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a character cut short', [0xf0, 0x9f, 0x98]],
  ['more than U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['U+0000', [0x00]],
] as const

describe('text that is not UTF-8, or has U+0000 [MQTT-1.5.4-1, MQTT-1.5.4-2]', () => {
  for (const [fault, bytes] of faults) {
    it.each(places)(`ends the connection: ${fault} in the %s`, (_place, versions, packet) => {
      for (const version of versions) {
        const client = stage.client(version)
        client.take()
        client.bytes(withBytes(packet, version, bytes))
        expect({ version, closed: client.closed }).toEqual({ version, closed: closeCodes.badText })
        if (version === 5) {
          const reasonString = 'text that is not UTF-8: a text is not UTF-8, or has U+0000'
          expect(client.take()).toMatchObject([
            { cmd: 'disconnect', reasonCode: 0x81, properties: { reasonString } },
          ])
        }
      }
      expect(stage.upstream.lines).toEqual([])
      expect(stage.hub.presses.size).toBe(0)
    })

    it.each(connects)(`ends the connection: ${fault} in the %s of a CONNECT`, (_place, more) => {
      const client = new MemoryClient(stage.gateway, stage.clock, 5)
      const packet: IConnectPacket = {
        ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 20 },
        ...{ clientId: 'box', ...login, ...more },
      }
      client.bytes(withBytes(packet, 5, bytes))
      expect(client.closed).toEqual(closeCodes.badText)
      expect(stage.hub.sessionCount).toBe(0)
    })
  }

  it('is nobody’s business in a payload, which is bytes (R6)', () => {
    const client = stage.client(4)
    publish(client, 'owlcms/light/show', Buffer.of(0, 0xff, 0x80))
    expect(stage.upstream.sent.at(-1)?.publication.payload).toEqual(new Uint8Array([0, 0xff, 0x80]))
  })

  it('is not what a well-formed U+FFFD or U+FEFF is: those pass as they are (R6)', () => {
    const client = stage.client(5)
    publish(client, 'owlcms/light/\ufffd\ufeff', 'on')
    expect(stage.upstream.lines).toEqual(['owlcms/light/\ufffd\ufeff on'])
  })
})

describe('properties of MQTT 5', () => {
  it.each([
    ['twice: the topic alias [MQTT-3.3.2-8]', [0x23, 0, 1, 0x23, 0, 2]],
    ['that no client may send', [0x24, 1]],
    ['that don’t fit their length', [0x26, 0, 1, 0x61]],
  ])('%s: end the connection', (_what, list) => {
    const client = stage.client(5)
    const topic = Buffer.from('owlcms/x')
    const body = Buffer.from([0, topic.length, ...topic, list.length, ...list])
    client.bytes(Buffer.concat([Buffer.of(0x30, body.length), body]))
    expect(client.closed).toEqual(closeCodes.protocolError)
    expect(stage.upstream.lines).toEqual([])
  })

  const anywhere = [0x26, 0, 1, 0x61, 0, 1, 0x62]
  const text = [0, 1, 0x61]
  const withLength = (list: readonly number[]): readonly number[] => [list.length, ...list]
  const connectWith = (list: readonly number[], will: readonly number[] = []): readonly number[] => [
    ...[0, 4, 0x4d, 0x51, 0x54, 0x54, 5, will.length > 0 ? 0xc6 : 0xc2, 0, 9],
    ...[...withLength(list), 0, 3, 0x62, 0x6f, 0x78, ...will],
    ...[0, 4, 0x68, 0x61, 0x6c, 0x6c, 0, 6, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74],
  ]
  /** Each packet that has properties, with these; CONNECT opens its connection. */
  const packets = {
    connect: (list) => [0x10, ...withLength(connectWith(list))],
    will: (list) => [0x10, ...withLength(connectWith([], [...withLength(list), ...text, 0, 0]))],
    publish: (list) => [0x30, ...withLength([...text, ...withLength(list)])],
    puback: (list) => [0x40, ...withLength([0, 1, 0, ...withLength(list)])],
    pubrel: (list) => [0x62, ...withLength([0, 1, 0, ...withLength(list)])],
    subscribe: (list) => [0x82, ...withLength([0, 1, ...withLength(list), ...text, 0])],
    unsubscribe: (list) => [0xa2, ...withLength([0, 1, ...withLength(list), ...text])],
    disconnect: (list) => [0xe0, ...withLength([0, ...withLength(list)])],
  } satisfies Record<string, (list: readonly number[]) => readonly number[]>
  const names = Object.keys(packets) as (keyof typeof packets)[]
  /** What was said, as what ended the connection: the client itself, the gateway, or nothing. */
  const end = (name: keyof typeof packets, list: readonly number[]): string | undefined => {
    const opens = name === 'connect' || name === 'will'
    const client = opens ? new MemoryClient(stage.gateway, stage.clock, 5) : stage.client(5)
    client.bytes(Uint8Array.from(packets[name](list)))
    const { closed } = client
    client.drop()
    return closed?.code === closeCodes.normal.code ? undefined : closed?.reason
  }

  it.each<[string, number[], (keyof typeof packets)[]]>([
    ['a user property', anywhere, names],
    ['a payload format', [0x01, 1], ['publish', 'will']],
    ['a payload format that is none', [0x01, 2], []],
    ['a message expiry', [0x02, 0, 0, 0, 9], ['publish', 'will']],
    ['a response topic', [0x08, ...text], ['publish', 'will']],
    ['correlation data', [0x09, ...text], ['publish', 'will']],
    ['a subscription identifier [MQTT-3.3.4-6]', [0x0b, 5], ['subscribe']],
    ['the subscription identifier 0 (section 3.8.2.1.2)', [0x0b, 0], []],
    ['a session expiry', [0x11, 0, 0, 0, 0], ['connect', 'disconnect']],
    ['a wish for problem information', [0x17, 0], ['connect']],
    ['a wish for it that is neither yes nor no (section 3.1.2.11.7)', [0x17, 2], []],
    ['a will delay', [0x18, 0, 0, 0, 5], ['will']],
    ['a reason string', [0x1f, ...text], ['puback', 'pubrel', 'disconnect']],
    ['a receive maximum', [0x21, 0, 5], ['connect']],
    ['a topic alias', [0x23, 0, 1], ['publish']],
    ['a maximum packet size', [0x27, 0, 0, 4, 0], ['connect']],
    ['a server’s keep alive', [0x13, 0, 5], []],
  ])('%s is taken where it belongs, and ends the connection anywhere else', (_what, list, places) => {
    expect(names.filter((name) => end(name, list) === undefined)).toEqual(
      names.filter((name) => places.includes(name)),
    )
  })

  it('may name a user property again and again [MQTT-3.1.3-10]', () => {
    const client = stage.client(5)
    client.send(toPublish({ topic: 'owlcms/x', properties: { userProperties: { a: ['1', '2'] } } }))
    expect(stage.upstream.lines).toEqual(['owlcms/x 1 good'])
  })
})
