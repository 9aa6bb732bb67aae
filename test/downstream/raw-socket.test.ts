import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { clientFrame, upgradeRequest } from '../support/raw-websocket.ts'
import { startGateway, type RunningGateway } from '../support/running-gateway.ts'

/**
 * Boxes on PubSubClient and on Zephyr, as bytes on a socket (docs/owlcms.md 3.2 to 3.4, docs/platforms.md 5): they
 * cut and join packets as their buffers please, know QoS 0 only, offer no subprotocol, and send empty credentials.
 */

const press = 'owlcms/decision/A'
const request = 'owlcms/decisionRequest/A/+'

let upstream: FakeUpstream
let running: RunningGateway
let boxes: RawBox[]

beforeEach(async () => {
  boxes = []
  upstream = new FakeUpstream()
  running = await startGateway(upstream, { limits: { flushWindowMs: 0 } })
})

afterEach(async () => {
  for (const box of boxes) box.socket.destroy()
  await running.stop()
})

const pubSubClient: IConnectPacket = {
  cmd: 'connect',
  ...{ protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 15 },
  ...{ clientId: 'owlcms-417', username: '', password: Buffer.alloc(0) },
}
const zephyr: IConnectPacket = {
  cmd: 'connect',
  ...{ protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 20, clientId: 'owlcms_ref_A_2' },
}
const subscribe: Packet = { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: request, qos: 0 }] }
const decide: Packet = {
  ...{ cmd: 'publish', topic: press, payload: '2 good', qos: 0, dup: false, retain: false },
}

/** What a box sends in its first second, and what it must hear. */
const firstSecond: readonly Packet[] = [pubSubClient, subscribe, decide, { cmd: 'pingreq' }]
const answers = ['connack 0', 'suback 0', 'pingresp']

/** A socket that collects the gateway's packets, out of its frames on a WebSocket. */
interface RawBox {
  readonly socket: Socket
  /** One piece of the byte stream: a write on TCP, a frame on a WebSocket. */
  send(piece: Uint8Array): void
  /** The gateway's packets, one a line. */
  readonly heard: string[]
  untilHeard(count: number): Promise<void>
  /** The bytes of the last packet. */
  readonly last: () => Buffer
  /** Answer to the upgrade, headers included; empty on TCP. */
  readonly handshake: string
}

async function openBox(transport: 'tcp' | 'websocket', protocol = ''): Promise<RawBox> {
  const socket = connect(transport === 'tcp' ? running.tcpPort : running.webSocketPort, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  let handshake = ''
  if (transport === 'websocket') {
    socket.write(upgradeRequest('/mqtt', protocol))
    handshake = String((await once(socket, 'data'))[0])
  }
  const heard: string[] = []
  const parser = mqttPacket.parser({ protocolVersion: 4 })
  parser.on('packet', (packet: Packet) => heard.push(summary(packet)))
  let last: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    last = transport === 'tcp' ? chunk : withoutFrames(chunk)
    parser.parse(last)
    socket.emit('heard')
  })
  const box: RawBox = {
    ...{ socket, heard, handshake, last: () => last },
    send: (piece) => void socket.write(transport === 'tcp' ? piece : clientFrame(piece)),
    untilHeard: async (count) => {
      while (heard.length < count) await once(socket, 'heard')
    },
  }
  boxes.push(box)
  return box
}

function summary(packet: Packet): string {
  if (packet.cmd === 'connack') return `connack ${packet.returnCode ?? ''}`
  if (packet.cmd === 'suback') return `suback ${packet.granted.map(String).join()}`
  if (packet.cmd === 'publish') return `${packet.topic} ${packet.payload.toString()} at ${packet.qos}`
  return packet.cmd
}

/** The payloads of complete frames below 64 KiB, joined; anything but binary throws. */
function withoutFrames(bytes: Buffer): Buffer {
  const payloads: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== 0x82) throw new Error(`not a whole binary frame: ${bytes[at]}`)
    const short = bytes[at + 1] ?? 0
    const start = at + (short === 126 ? 4 : 2)
    at = start + (short === 126 ? bytes.readUInt16BE(at + 2) : short)
    payloads.push(bytes.subarray(start, at))
  }
  return Buffer.concat(payloads)
}

function bytesOf(...packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map((packet) => mqttPacket.generate(packet)))
}

describe.each(['tcp', 'websocket'] as const)('a box on %s', (transport) => {
  it('is understood when it sends one byte at a time', async () => {
    const box = await openBox(transport)
    for (const byte of bytesOf(...firstSecond)) {
      box.send(Uint8Array.of(byte))
      // One turn for each, so that the bytes don't meet again in a buffer.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await box.untilHeard(answers.length)
    expect(box.heard).toEqual(answers)
    expect(upstream.lines).toEqual([`${press} 2 good`])
  })

  it('is understood when everything comes in one piece', async () => {
    const box = await openBox(transport)
    box.send(bytesOf(...firstSecond))
    await box.untilHeard(answers.length)
    expect(box.heard).toEqual(answers)
    expect(upstream.lines).toEqual([`${press} 2 good`])
  })

  it('is understood wherever its stream is cut in two', async () => {
    const stream = bytesOf(...firstSecond)
    for (let cut = 1; cut < stream.length; cut += 1) {
      const box = await openBox(transport)
      box.send(stream.subarray(0, cut))
      await new Promise((resolve) => setImmediate(resolve))
      box.send(stream.subarray(cut))
      await box.untilHeard(answers.length)
      expect({ cut, heard: box.heard }).toEqual({ cut, heard: answers })
      box.socket.destroy()
    }
    // Its presses are paced (5 ms), and at most 20 wait: how many get through is the pacer's business.
    expect(new Set(upstream.lines)).toEqual(new Set([`${press} 2 good`]))
  })

  it('gets in with empty user name and password, and without any, where no user is set', async () => {
    for (const packet of [pubSubClient, zephyr]) {
      const box = await openBox(transport)
      box.send(bytesOf(packet))
      await box.untilHeard(1)
      expect(box.heard).toEqual(['connack 0'])
    }
  })

  it('hears at QoS 0 what owlcms says at QoS 1, in a packet that fits its 256 bytes', async () => {
    const box = await openBox(transport)
    box.send(bytesOf(pubSubClient, { ...subscribe, subscriptions: [{ topic: 'owlcms/#', qos: 0 }] }))
    await box.untilHeard(2)
    // The longest platform such a box can hold has 18 bytes (docs/owlcms.md 1.3).
    const topic = 'owlcms/decisionRequest/Plattform zwei/12/3'
    running.hub.receive(publication(topic, 'on', 1))
    await box.untilHeard(3)
    expect(box.heard.at(-1)).toBe(`${topic} on at 0`)
    // Fixed header, topic length, topic, payload; no packet identifier and no retain flag.
    expect([...box.last()]).toEqual([
      ...[0x30, 2 + topic.length + 2, 0, topic.length],
      ...Buffer.from(`${topic}on`),
    ])
    expect(box.last().length).toBeLessThanOrEqual(256)
  })

  it('that floods is read no more, and gone soon', async () => {
    const box = await openBox(transport)
    const { socket } = box
    box.send(bytesOf(pubSubClient))
    await box.untilHeard(1)
    // Ends in a reset; and what is answered is of no interest.
    socket
      .on('error', () => undefined)
      .removeAllListeners('data')
      .resume()
    const ping = bytesOf({ cmd: 'pingreq' })
    const frame = transport === 'tcp' ? ping : clientFrame(ping)
    const flood = Buffer.concat(Array<Buffer>(10_000).fill(frame))
    while (!socket.destroyed) {
      if (!socket.write(flood)) {
        await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
      }
    }
    expect(running.gateway.counters.floods).toBe(1)
    // What both sides' buffers hold, and no more.
    expect(socket.bytesWritten).toBeLessThan(12 * 1024 * 1024)
  })
})

describe('the handshake of a box on a WebSocket', () => {
  it.each([
    ['', undefined],
    ['mqtt', 'mqtt'],
    ['mqttv3.1', 'mqttv3.1'],
  ])('that offers the subprotocol "%s" is answered with %s', async (offered, answered) => {
    const { handshake } = await openBox('websocket', offered)
    expect(handshake).toMatch(/^HTTP\/1\.1 101 /)
    expect(/^sec-websocket-protocol: (.*)$/im.exec(handshake)?.[1]?.trim()).toBe(answered)
  })
})
