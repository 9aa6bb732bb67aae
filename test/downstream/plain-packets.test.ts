import fc from 'fast-check'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { decode, decodeAny } from '../../src/downstream/mqtt-gateway/codec.ts'
import { PacketFramer } from '../../src/downstream/mqtt-gateway/packet-framer.ts'
import { readPlain } from '../../src/downstream/mqtt-gateway/plain-packets.ts'
import type { Result } from '../../src/protocol/result.ts'

const versions = [3, 4, 5] as const
type Version = (typeof versions)[number]
const qos = fc.constantFrom(0, 1, 2)
const id = fc.oneof(fc.constantFrom(1, 255, 256, 65_535), fc.integer({ min: 1, max: 65_535 }))
const topic = fc.oneof(
  fc.constantFrom(
    'owlcms/refbox/decision/A',
    'owlcms/clock/Plateforme Été',
    'a',
    'a\0b',
    '\u007f',
    '\u0080',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 200 }),
)
const payload = fc.oneof(
  fc.constantFrom('2 good', '', '{}').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 16_000, max: 17_000 }).map((size) => Buffer.alloc(size, 7)),
)
const properties = fc.option(
  fc.record(
    {
      topicAlias: fc.integer({ min: 1, max: 20 }),
      contentType: fc.string({ maxLength: 20 }),
      userProperties: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ maxLength: 5 })),
    },
    { requiredKeys: [] },
  ),
  { nil: {} },
)
const acknowledged = fc.record({ messageId: id, reasonCode: fc.constantFrom(0, 0x10, 0x80, 0x97) })

/** What a client may say once it is in. */
const packets: fc.Arbitrary<Packet> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ topic, payload, qos, dup: fc.boolean(), retain: fc.boolean(), messageId: id, properties })
      .map((facts) => ({ cmd: 'publish' as const, ...facts })),
  },
  fc
    .tuple(
      fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const),
      acknowledged,
    )
    .map(([cmd, facts]) => ({ cmd, ...facts })),
  fc.constantFrom<Packet>({ cmd: 'pingreq' }, { cmd: 'pingresp' }, { cmd: 'disconnect' }),
  fc.record({ messageId: id, qos }).map(({ messageId, qos: at }) => {
    return { cmd: 'subscribe' as const, messageId, subscriptions: [{ topic: 'owlcms/#', qos: at }] }
  }),
)

/** A packet of a client, whole, and what goes wrong with it. */
const said = (version: Version): fc.Arbitrary<Uint8Array> => {
  const whole = packets.map((packet) => {
    try {
      const bytes = mqttPacket.generate(packet, { protocolVersion: version })
      let body = 1
      while ((bytes[body] ?? 0) > 127) body += 1
      return [bytes[0] ?? 0, new Uint8Array(bytes.subarray(body + 1))] as const
    } catch {
      return [0xc0, new Uint8Array()] as const // The library doesn't write it, an empty topic for example.
    }
  })
  const changed = fc
    .tuple(
      whole,
      fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
    )
    .map(([[first, body], changes]) => {
      for (const [at, to] of changes) if (at < body.length) body[at] = to
      return [first, body] as const
    })
  const short = fc
    .tuple(whole, fc.nat({ max: 60 }))
    .map(([[first, body], cut]) => [first, body.subarray(0, Math.max(0, body.length - cut))] as const)
  const long = fc
    .tuple(whole, fc.uint8Array({ maxLength: 4 }))
    .map(([[first, body], more]) => [first, Buffer.concat([body, more])] as const)
  const random = fc.tuple(
    fc.oneof(
      fc.constantFrom(0x30, 0x32, 0x3b, 0x36, 0x40, 0x42, 0xc0, 0xc1, 0xe0, 0x82),
      fc.nat({ max: 255 }),
    ),
    fc
      .oneof(
        // The identifier 0, of PUBACK and of PUBLISH.
        fc.constantFrom([0, 0], [0, 1, 97, 0, 0], [0, 1, 97, 0, 0, 0, 97]),
        fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat({ max: 255 })), { maxLength: 12 }),
      )
      .map((body) => Uint8Array.from(body)),
  )
  return fc
    .tuple(fc.oneof(whole, changed, short, long, random), fc.nat({ max: 2 }))
    .map(([[first, body], more]) =>
      Buffer.concat([Uint8Array.of(first, ...lengthOf(body.length, more)), body]),
    )
}

/** A remaining length, said in more bytes than it needs, which MQTT 3 leaves open [MQTT-2.2.3]. */
function lengthOf(length: number, more: number): number[] {
  const digits = [length & 127]
  for (let rest = length >> 7; rest > 0; rest >>= 7) digits.push(rest & 127)
  for (let zero = 0; zero < more && digits.length < 4; zero += 1) digits.push(0)
  return digits.map((digit, at) => (at < digits.length - 1 ? digit | 128 : digit))
}

/** All that a handler of packets reads, whatever object it stands in. */
function facts(read: Result<Packet, string>): unknown {
  if (!read.ok) return read.error
  const { value } = read
  if (value.cmd === 'publish') {
    const { topic: name, qos: at, dup, retain, messageId, properties: more } = value
    return { name, payload: Buffer.from(value.payload).toString('hex'), at, dup, retain, messageId, more }
  }
  if (value.cmd === 'puback')
    return { messageId: value.messageId, code: value.reasonCode ?? 0, more: value.properties }
  return value.cmd === 'pingreq' ? 'pingreq' : value
}

describe.each(versions)('of MQTT level %i', (version) => {
  it('packets are read as the library reads them, or refused with the same words, wherever their stream was cut (property)', () => {
    fc.assert(
      fc.property(
        fc.array(said(version), { maxLength: 4 }),
        fc.array(fc.nat({ max: 400 })),
        (parts, cuts) => {
          const framer = new PacketFramer(20_000)
          let rest = Buffer.concat(parts)
          for (const cut of [...cuts, rest.length]) {
            // Its memory is used again for the next bytes, as a socket's is.
            const chunk = Buffer.from(rest.subarray(0, cut))
            const complete = framer.push(chunk)
            if (!complete.ok) throw new Error(complete.error)
            for (const packet of complete.value) {
              const [read, expected] = [decode(packet, version), decodeAny(packet, version)]
              expect(facts(read)).toEqual(facts(expected))
            }
            chunk.fill(0xff)
            rest = rest.subarray(cut)
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it.each<Packet>([
    {
      cmd: 'publish',
      topic: 'owlcms/refbox/decision/A',
      payload: '2 good',
      qos: 0,
      dup: false,
      retain: false,
    },
    {
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.alloc(8_000),
      qos: 2,
      dup: true,
      retain: true,
      messageId: 300,
    },
    { cmd: 'puback', messageId: 65_535 },
    { cmd: 'pingreq' },
  ])('%j is what is read without the library', (packet) => {
    // A reason in PUBACK may be left out [MQTT-3.4.2.1 of MQTT 5].
    const protocolVersion = packet.cmd === 'puback' ? 4 : version
    expect(readPlain(mqttPacket.generate(packet, { protocolVersion }), version)).toMatchObject(
      packet.cmd === 'publish' ? { ...packet, payload: Buffer.from(packet.payload) } : packet,
    )
  })
})
