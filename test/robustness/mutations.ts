import { clientFrame, closePayload, opcodes, type FrameOptions } from '../support/raw-websocket.ts'
import type { Random } from './random.ts'
import mqttPacket, { type IConnectPacket, type Packet, type QoS } from 'mqtt-packet'
import { hallLogin } from '../support/running-bridge.ts'

type Version = 3 | 4 | 5

const topics = [
  'owlcms/refbox/decision/A',
  'owlcms/clock/B',
  'owlcms/jurybox/vote/A',
  'owlcms/decision/A',
  'owlcms/config',
  'owlcms/fop/decision/A',
  'owlcms/bridge/x/state',
  'owlcms/unknown/thing',
  'elsewhere',
  'owlcms/häß/€/𝄞',
] as const
const payloads = ['1 good', '2 bad', '3 maybe', 'start', '', ' ', 'x'.repeat(300)] as const
const filters = ['owlcms/#', 'owlcms/fop/#', '+/+/decision/A', '#', '$SYS/#', 'owlcms/+', '$share/g/a', 'a#']

/** Client IDs are few, so that cases take sessions from each other and resume them. */
function connectPacket(random: Random, version: Version): IConnectPacket {
  const withWill = random.chance(0.3)
  const clean = random.chance(0.6)
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clientId: random.chance(0.1) && clean && version !== 3 ? '' : `fuzz-${random.below(20)}`,
    clean,
    keepalive: random.pick([0, 1, 20, 65_535]),
    username: random.chance(0.03) ? 'nobody' : hallLogin.username,
    password: Buffer.from(hallLogin.password),
    ...(withWill ? { will: willOf(random, version) } : {}),
    ...(version === 5 && random.chance(0.6) ? { properties: connectProperties(random) } : {}),
  }
}

function willOf(random: Random, version: Version): NonNullable<IConnectPacket['will']> {
  return {
    topic: random.pick(topics),
    payload: Buffer.from(random.pick(payloads)),
    qos: random.below(3) as QoS,
    retain: random.chance(0.5),
    ...(version === 5 && random.chance(0.5) ? { properties: { willDelayInterval: random.below(3) } } : {}),
  }
}

function connectProperties(random: Random): NonNullable<IConnectPacket['properties']> {
  return {
    sessionExpiryInterval: random.pick([0, 1, 0xffff_ffff]),
    receiveMaximum: random.pick([1, 10, 65_535]),
    maximumPacketSize: random.pick([20, 256, 100_000]),
    requestProblemInformation: random.chance(0.5),
    topicAliasMaximum: random.below(20),
    ...(random.chance(0.05) ? { authenticationMethod: 'SCRAM' } : {}),
  }
}

function publishPacket(random: Random, version: Version): Packet {
  const qos = random.below(3) as QoS
  const alias = version === 5 && random.chance(0.3)
  return {
    cmd: 'publish',
    topic: alias && random.chance(0.5) ? '' : random.pick(topics),
    payload: random.pick(payloads),
    qos,
    dup: qos > 0 && random.chance(0.2),
    retain: random.chance(0.3),
    ...(qos > 0 ? { messageId: 1 + random.below(5) } : {}),
    ...(alias ? { properties: { topicAlias: random.pick([1, 2, 16, 17]) } } : {}),
  }
}

function subscribePacket(random: Random, version: Version): Packet {
  const options =
    version === 5 ? { nl: random.chance(0.3), rap: random.chance(0.3), rh: random.below(3) } : {}
  return {
    cmd: 'subscribe',
    messageId: 1 + random.below(9),
    subscriptions: Array.from({ length: 1 + random.below(3) }, () => ({
      topic: random.pick(filters),
      qos: random.below(3) as QoS,
      ...options,
    })),
    ...(version === 5 && random.chance(0.3)
      ? { properties: { subscriptionIdentifier: 1 + random.below(300) } }
      : {}),
  }
}

function anyPacket(random: Random, version: Version): Packet {
  const messageId = 1 + random.below(5)
  const kind = random.below(10)
  if (kind < 3) return publishPacket(random, version)
  if (kind < 5) return subscribePacket(random, version)
  if (kind === 5) return { cmd: 'unsubscribe', messageId, unsubscriptions: [random.pick(filters)] }
  if (kind === 6) return { cmd: 'pingreq' }
  if (kind < 9) return { cmd: random.pick(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const), messageId }
  return random.pick<Packet>([
    { cmd: 'disconnect' },
    { cmd: 'pingreq' },
    { cmd: 'pingresp' },
    connectPacket(random, version),
    ...(version === 5 ? [{ cmd: 'auth', reasonCode: 0 } as const] : []),
  ])
}

/** CONNECT and a few packets after it: a client's stream before anything is broken, packet by packet. */
function validStream(random: Random): Buffer[] {
  const version = random.pick([3, 4, 5] as const)
  const packets = [connectPacket(random, version)]
  const rest = Array.from({ length: random.below(8) }, () => anyPacket(random, version))
  return [...packets, ...rest].map((packet) => mqttPacket.generate(packet, { protocolVersion: version }))
}

type Mutation = (random: Random, packets: Buffer[]) => Buffer[]

const joined = (packets: readonly Buffer[]): Buffer => Buffer.concat(packets)

function flipBits(random: Random, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes)
  const flips = 1 + random.below(6)
  for (let flip = 0; flip < flips && flipped.length > 0; flip += 1) {
    flipped[random.below(flipped.length)]! ^= 1 << random.below(8)
  }
  return flipped
}

/** Another length in one packet's header, from off by one to the largest that MQTT can say. */
function wrongLength(random: Random, packet: Buffer): Buffer {
  const lengths = [
    [packet[1]! ^ (1 + random.below(3))],
    [0],
    [0x7f],
    [0xff, 0x01],
    [0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0xff, 0xff],
    [0x80, 0x80, 0x80, 0x80, 0x01],
    [0x80, 0x00],
  ]
  return Buffer.concat([packet.subarray(0, 1), Buffer.from(random.pick(lengths)), packet.subarray(2)])
}

/** Two neighbouring bytes become a big number: lengths of strings and properties inside a packet. */
function wrongInnerLength(random: Random, packet: Buffer): Buffer {
  const changed = Buffer.from(packet)
  if (changed.length > 4)
    changed.writeUInt16BE(
      random.pick([0, 0xffff, 0x7fff, random.below(300)]),
      2 + random.below(changed.length - 3),
    )
  return changed
}

function onePacket(change: (random: Random, packet: Buffer) => Buffer): Mutation {
  return (random, packets) => {
    const at = random.below(packets.length)
    return packets.map((packet, index) => (index === at ? change(random, packet) : packet))
  }
}

const mutations: readonly Mutation[] = [
  (_, packets) => packets,
  (random, packets) => [flipBits(random, joined(packets))],
  onePacket(flipBits),
  (random, packets) => {
    const all = joined(packets)
    return [all.subarray(0, random.below(all.length))]
  },
  (random, packets) => {
    const again = random.pick(packets)
    return [...packets, again, again]
  },
  (random, packets) => {
    const all = joined(packets)
    const from = random.below(all.length)
    const slice = all.subarray(from, from + random.below(all.length - from))
    const at = random.below(all.length)
    return [all.subarray(0, at), slice, all.subarray(at)]
  },
  (random, packets) => {
    const other = joined(validStream(random))
    const all = joined(packets)
    return [all.subarray(0, random.below(all.length)), other.subarray(random.below(other.length))]
  },
  onePacket(wrongLength),
  onePacket(wrongInnerLength),
  (random, packets) => {
    const [a, b] = [random.below(packets.length), random.below(packets.length)]
    return packets.with(a, packets[b]!).with(b, packets[a]!)
  },
  (random, packets) => {
    const at = random.below(packets.length + 1)
    return packets.toSpliced(at, 0, random.bytes(1 + random.below(200)))
  },
  (random, packets) => packets.toSpliced(random.below(packets.length), 1),
  (random) => [random.bytes(1 + random.below(3_000))],
]

/** A valid stream, broken in up to three ways. Its cuts say where packets began, as far as there are any left. */
export function brokenStream(random: Random): Buffer[] {
  let packets = validStream(random)
  const rounds = random.pick([0, 1, 1, 1, 1, 2, 3])
  for (let round = 0; round < rounds; round += 1) {
    packets = random
      .pick(mutations)(random, packets)
      .filter((bytes) => bytes.length > 0)
    if (packets.length === 0) return []
  }
  return packets
}

/** The same bytes in other pieces: as they were, one, single bytes, or at random places. */
export function cut(random: Random, pieces: readonly Buffer[]): Buffer[] {
  const how = random.below(4)
  if (how === 0) return [...pieces]
  const all = joined(pieces)
  if (how === 1 || all.length === 0) return [all]
  if (how === 2 && all.length < 400) return Array.from(all, (byte) => Buffer.of(byte))
  const cuts: Buffer[] = []
  for (let at = 0; at < all.length;) {
    const length = 1 + random.below(all.length - at)
    cuts.push(all.subarray(at, at + length))
    at += length
  }
  return cuts
}

type FrameMutation = (random: Random, payload: Buffer) => Buffer

function frameWith(options: (random: Random) => FrameOptions): FrameMutation {
  return (random, payload) => clientFrame(payload, { mask: random.bytes(4), ...options(random) })
}

const fragments: FrameMutation = (random, payload) => {
  const at = random.below(payload.length + 1)
  const between = random.chance(0.5)
    ? clientFrame(Buffer.from('hi'), { opcode: opcodes.ping })
    : Buffer.alloc(0)
  return Buffer.concat([
    clientFrame(payload.subarray(0, at), { fin: false }),
    between,
    clientFrame(payload.subarray(at), { opcode: opcodes.continuation, fin: random.chance(0.9) }),
  ])
}

const brokenFrames: readonly FrameMutation[] = [
  fragments,
  frameWith((random) => ({ opcode: random.below(16) })),
  frameWith((random) => ({ rsv: 1 + random.below(7) })),
  frameWith(() => ({ mask: undefined })),
  frameWith((random) => ({ fin: false, opcode: random.pick([0, 1, 2, 8, 9]) })),
  frameWith((random) => ({
    claimedLength: random.pick([0, 1, 125, 4_096, 4_097, 65_535, 2 ** 31, 2 ** 52]),
  })),
  frameWith((random) => ({ lengthBits: random.pick([16, 64] as const) })),
  frameWith((random) => ({ claimedLength: 2 ** 31 + random.below(9), lengthBits: 64 })),
  (random) => clientFrame(random.bytes(random.below(140)), { opcode: random.pick([9, 10]) }),
  (random) =>
    clientFrame(closePayload(random.pick([999, 1000, 1001, 1004, 1005, 1006, 1015, 3000, 4999, 5000]), 'x'), {
      opcode: opcodes.close,
    }),
  (random) => clientFrame(random.bytes(random.below(4)), { opcode: opcodes.close }),
  () => clientFrame(Buffer.alloc(0)),
  (random, payload) => flipBits(random, clientFrame(payload, { mask: random.bytes(4) })),
  (random, payload) => clientFrame(payload).subarray(0, random.below(payload.length + 6)),
]

/** Pieces of an MQTT stream in WebSocket frames; in half the cases some frames are broken. */
export function framed(random: Random, pieces: readonly Buffer[]): Buffer[] {
  const breaks = random.chance(0.5)
  return pieces.map((piece) =>
    breaks && random.chance(0.25)
      ? random.pick(brokenFrames)(random, piece)
      : clientFrame(piece, { mask: random.bytes(4) }),
  )
}

/**
 * The code of the first Close frame in what a client sent (1005: one without a code), or undefined: then it is
 * the server's turn to have a reason of its own.
 */
export function closeSaid(sent: Buffer): number | undefined {
  for (let at = 0; at + 2 <= sent.length;) {
    const short = sent[at + 1]! & 0x7f
    const masked = (sent[at + 1]! & 0x80) !== 0
    let body = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    if (body > sent.length) return undefined
    const length =
      short < 126 ? short : short === 126 ? sent.readUInt16BE(at + 2) : Number(sent.readBigUInt64BE(at + 2))
    const mask = masked ? sent.subarray(body, body + 4) : Buffer.alloc(4)
    if (masked) body += 4
    if ((sent[at]! & 0x0f) === opcodes.close) {
      const payload = sent.subarray(body, body + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
      return payload.length < 2 ? 1005 : Buffer.from(payload).readUInt16BE()
    }
    at = body + length
  }
  return undefined
}
