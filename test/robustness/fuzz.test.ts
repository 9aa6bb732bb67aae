import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { systemClock, type Clock } from '../../src/support/clock.ts'
import { createLogger } from '../../src/support/logger.ts'
import { publication } from '../support/fake-upstream.ts'
import { connectDevice, hallLogin, type Device } from '../support/running-bridge.ts'
import { startGateway, type RunningGateway } from '../support/running-gateway.ts'
import mqttPacket, { type IConnectPacket, type Packet, type QoS } from 'mqtt-packet'
import { clientFrame, closePayload, opcodes, readFrame, type FrameOptions } from '../support/raw-websocket.ts'
import { TcpPeer, WebSocketPeer, type Peer } from './peers.ts'
import { Random } from '../support/random.ts'
import { eventually } from '../support/eventually.ts'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of JavaScript heap in use, after a collection. */
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/**
 * A fuzzer on real sockets. Each case has a seed of its own, `FUZZ_SEED` plus its number, so a case that fails
 * is run alone by the command that the failure prints. `FUZZ_CASES` makes long runs.
 */
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 20_260)
const cases = Number(process.env['FUZZ_CASES'] ?? 400)
const atOnce = 8
/** Milliseconds in which every connection must have answered or ended. */
const patienceMs = 10_000
const controlTopic = 'owlcms/fop/control'

/** Codes with a name, but for "internal error", which would be a bug; and those of the WebSocket library. */
const allowedCodes = new Set<number>([
  ...Object.values(closeCodes).flatMap(({ code }) => (code === closeCodes.internalError.code ? [] : [code])),
  1002,
  1003,
  1007,
  1009,
])

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
function brokenStream(random: Random): Buffer[] {
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
function cut(random: Random, pieces: readonly Buffer[]): Buffer[] {
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
function framed(random: Random, pieces: readonly Buffer[]): Buffer[] {
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
function closeSaid(sent: Buffer): number | undefined {
  for (let frame = readFrame(sent); frame !== undefined; frame = readFrame(frame.rest)) {
    const { opcode, payload } = frame
    if (opcode === opcodes.close) return payload.length < 2 ? 1005 : payload.readUInt16BE()
  }
  return undefined
}

/** The real clock, but each second lasts only `1 / times` of one. */
function fasterClock(times: number): Clock {
  return {
    now: () => systemClock.now() * times,
    wallTime: (moment) => systemClock.wallTime(moment === undefined ? undefined : moment / times),
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / times, callback),
    repeat: (everyMs, callback) => systemClock.repeat(everyMs / times, callback),
    endOfTurn: (callback) => systemClock.endOfTurn(callback),
  }
}

/** A broker that gives everything back at once, or says no now and then. */
class LoopbackUpstream implements UpstreamLink {
  readonly ready = true
  readonly room = true
  receive: (publication: Publication) => void = () => undefined
  readonly #outcome: () => PublishOutcome

  constructor(outcome: () => PublishOutcome) {
    this.#outcome = outcome
  }

  publish(sent: Publication, settled: (outcome: PublishOutcome) => void): void {
    const outcome = this.#outcome()
    setImmediate(() => {
      if (outcome.kind === 'delivered') this.receive(sent)
      settled(outcome)
    })
  }
}

let rig: RunningGateway
let control: Device
/** How often the control client has heard each case's message; no list, so that long runs keep nothing. */
let heard: Uint8Array
let surprises: string[]
const onCrash = (error: unknown): void => void surprises.push(`crash: ${String(error)}`)

beforeEach(async () => {
  surprises = []
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
  const brokerRandom = new Random(firstSeed)
  const upstream = new LoopbackUpstream(() =>
    brokerRandom.chance(0.9)
      ? { kind: 'delivered' }
      : brokerRandom.pick([{ kind: 'refused', reasonCode: 0x87 }, { kind: 'lost' }, { kind: 'offline' }]),
  )
  rig = await startGateway(upstream, {
    authenticate: deviceAuthenticator(hallLogin.username, hallLogin.password),
    log: createLogger('error', { write: (line: string) => void surprises.push(`log: ${line}`) }),
    // Sessions of clients that left must be gone before the count at the end.
    clock: fasterClock(10),
    limits: {
      flushWindowMs: 0,
      connectTimeoutMs: 20_000,
      closeTimeoutMs: 20_000,
      maxSessionExpirySeconds: 5,
      maxPacketBytes: 2_048,
      maxWebSocketMessageBytes: 4_096,
      maxSubscriptions: 10,
      loginFailureBurst: 1e9,
    },
  })
  upstream.receive = (received) => rig.hub.receive(received)
  // No keep alive: on this clock a minute is six seconds.
  const options = { ...hallLogin, clientId: 'control', subscribe: controlTopic, keepalive: 0 }
  control = await connectDevice(`ws://127.0.0.1:${rig.webSocketPort}/mqtt`, options)
  heard = new Uint8Array(cases)
  control.client.on('message', (_topic, payload) => {
    heard[Number(payload.toString())]! += 1
    control.heard.length = 0
  })
})

afterEach(async () => {
  process.off('uncaughtException', onCrash)
  process.off('unhandledRejection', onCrash)
  await control.stop()
  await rig.stop()
})

const ping = Buffer.of(0xc0, 0)
const drain = Buffer.concat(Array.from({ length: 50 }, () => ping))

/** What the server did wrong to a client that sent this, or undefined. */
function faultOf(peer: Peer, sent: Buffer): string | undefined {
  if (!(peer instanceof WebSocketPeer)) return peer.stream.fault
  const { closeCode: code, fault = peer.stream.fault } = peer.client
  if (fault !== undefined) return fault
  if (code === undefined) return peer.ended ? 'cut without a Close frame' : undefined
  // The server repeats the client's own code, too [RFC 6455 section 5.5.1].
  return allowedCodes.has(code) || code === closeSaid(sent)
    ? undefined
    : `close code ${code}, which has no name`
}

/**
 * Sends PINGREQ until one is answered or the server hangs up. Many, since a broken length may have swallowed
 * the first ones; after `pings` answers to what was in the stream itself.
 */
async function answersOrEnds(peer: Peer, pings: number, say: (chunk: Buffer) => void): Promise<string> {
  const until = performance.now() + patienceMs
  while (!peer.ended && peer.stream.pingResponses <= pings) {
    if (performance.now() > until) throw new Error('neither answered nor ended')
    for (let round = 0; round < 10; round += 1)
      say(peer instanceof WebSocketPeer ? clientFrame(drain) : drain)
    await peer.news(20)
  }
  return peer.ended ? peer.ending : 'answers'
}

async function runCase(seed: number): Promise<string> {
  const random = new Random(seed)
  const stream = brokenStream(random)
  const pings = Buffer.concat(stream).toString('latin1').split(ping.toString('latin1')).length - 1
  const pieces = cut(random, stream)
  const peer = await (random.chance(0.65) ? WebSocketPeer.open(rig.webSocketPort) : TcpPeer.open(rig.tcpPort))
  const sent: Buffer[] = []
  const say = (chunk: Buffer): void => {
    sent.push(chunk)
    peer.write(chunk)
  }
  try {
    const pause = random.pick([0, 0, 0.1, 0.5])
    for (const chunk of peer instanceof WebSocketPeer ? cut(random, framed(random, pieces)) : pieces) {
      say(chunk)
      if (random.chance(pause)) await new Promise((resolve) => setImmediate(resolve))
    }
    const ending = await answersOrEnds(peer, pings, say)
    const fault = faultOf(peer, Buffer.concat(sent))
    if (fault !== undefined) throw new Error(fault)
    return ending
  } finally {
    peer.leave(random)
  }
}

/** Runs all cases, counts how they end, and notes the heap every 10 000. */
async function runAll(endings: Map<string, number>, heap: number[]): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < cases) {
      const number = next
      next += 1
      if (number % 10_000 === 0) heap.push(heapBytes())
      const seed = firstSeed + number
      const ending = await runCase(seed).catch((error: unknown) => {
        surprises.push(`case: ${String(error)}`)
        return 'fault'
      })
      if (surprises.length > 0) {
        throw new Error(`FUZZ_SEED=${seed} FUZZ_CASES=1 (or a neighbour): ${surprises.join('\n')}`)
      }
      endings.set(ending, (endings.get(ending) ?? 0) + 1)
      rig.hub.receive(publication(controlTopic, String(number), number % 2 === 0 ? 0 : 1))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

it(
  'ends every broken stream with a named code or goes on answering, and keeps a well client out of it',
  { timeout: 60_000 + cases * 50 },
  async () => {
    const startedAt = performance.now()
    const endings = new Map<string, number>()
    const heap: number[] = []
    await runAll(endings, heap)
    await eventually(async () => {
      expect({
        connections: rig.gateway.connectionCount,
        httpSockets: await promisify(rig.http.getConnections.bind(rig.http))(),
        sessions: rig.hub.sessionCount,
        subscriptions: rig.hub.subscriptionCount,
        present: rig.hub.presence
          .clients(0)
          .filter(({ connected }) => connected)
          .map(({ clientId }) => clientId),
        heard: heard.reduce((sum, times) => sum + times, 0),
      }).toEqual({
        connections: 1,
        httpSockets: 1,
        sessions: 1,
        subscriptions: 1,
        present: ['control'],
        heard: cases,
      })
    })
    expect(heard.every((times) => times === 1)).toBe(true)
    expect(surprises).toEqual([])
    // The fuzzer is worth something only if many streams survive and many don't.
    if (cases >= 300) {
      expect(endings.get('answers')).toBeGreaterThan(cases / 20)
      expect(endings.get('close 1002')).toBeGreaterThan(cases / 20)
    }
    if (process.env['FUZZ_CASES'] !== undefined) {
      const seconds = (performance.now() - startedAt) / 1000
      report({ firstSeed, cases, seconds, heap: [...heap, heapBytes()], ...counts(endings) })
    }
  },
)

const counts = (endings: ReadonlyMap<string, number>): object => ({
  endings: Object.fromEntries([...endings].toSorted(([, a], [, b]) => b - a)),
  gateway: rig.gateway.counters,
  hub: rig.hub.counters,
})

function report(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts, undefined, 2)}\n`)
}
