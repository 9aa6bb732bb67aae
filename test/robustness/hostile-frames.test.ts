import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/running-gateway.ts'
import { FakeUpstream } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import {
  clientFrame,
  closePayload,
  opcodes,
  RawWebSocket,
  type FrameOptions,
} from '../support/raw-websocket.ts'
import { bytes, connectBytes, Hall, packetsOf } from './hall.ts'
import { eventually } from '../support/eventually.ts'

const megabyte = 1024 * 1024
const connack = { cmd: 'connack', returnCode: 0 }

async function verdict(client: RawWebSocket): Promise<object> {
  await client.until(({ closeCode, gone }) => closeCode !== undefined || gone)
  return { code: client.closeCode, reason: client.closeReason, fault: client.fault }
}

const refusals: readonly (readonly [string, (client: RawWebSocket) => void, number])[] = [
  ['a frame of 1 MB', (client) => client.send(Buffer.alloc(megabyte)), 1009],
  [
    'a frame that only claims 1 MB',
    (client) => client.send(Buffer.alloc(0), { claimedLength: megabyte }),
    1009,
  ],
  ['1 MB in fragments', (client) => sendFragments(client, Buffer.alloc(megabyte), 16_384), 1009],
  ['an MQTT packet of 1 MB in small frames', (client) => sendFrames(client, hugePublish(), 8_192), 1009],
  ['a text frame', (client) => client.send(Buffer.from('CONNECT'), { opcode: opcodes.text }), 1003],
  ['a text frame that is not UTF-8', (client) => client.send(connectBytes(), { opcode: opcodes.text }), 1007],
  ['a frame that is not masked', (client) => client.send(connectBytes(), { mask: undefined }), 1002],
  ['a reserved bit', (client) => client.send(connectBytes(), { rsv: 4 }), 1002],
  ['an opcode without a meaning', (client) => client.send(connectBytes(), { opcode: 5 }), 1002],
  [
    'a ping of more than 125 bytes',
    (client) => client.send(Buffer.alloc(126), { opcode: opcodes.ping }),
    1002,
  ],
  ['a ping in fragments', (client) => client.send(Buffer.of(1), { opcode: opcodes.ping, fin: false }), 1002],
  [
    'a continuation of nothing',
    (client) => client.send(Buffer.of(1), { opcode: opcodes.continuation }),
    1002,
  ],
  ['a Close with a code that nobody may send', (client) => sendClose(client, 1006), 1002],
  [
    'a Close whose reason is not UTF-8',
    (client) => client.send(notUtf8Close, { opcode: opcodes.close }),
    1007,
  ],
  ['a packet before CONNECT', (client) => client.send(Buffer.of(0xc0, 0)), 1002],
  [
    'a flood of them before CONNECT',
    (client) => sendFrames(client, Buffer.alloc(megabyte, 'À\0', 'latin1'), 8_192),
    1002,
  ],
  ['a flood of zeros before CONNECT', (client) => sendFrames(client, Buffer.alloc(megabyte), 8_192), 1002],
  ['a second CONNECT', (client) => client.send(Buffer.concat([connectBytes(), connectBytes()])), 1002],
  [
    'a CONNECT that ends before its client ID',
    (client) => client.send(Buffer.from('100a00044d51545404040000', 'hex')),
    1002,
  ],
]

/** Code 1000, and a reason cut short in the middle of a character (RFC 6455 section 5.5.1). */
const notUtf8Close = Buffer.of(0x03, 0xe8, 0x41, 0xe2, 0x82)

function sendFrames(client: RawWebSocket, payload: Buffer, each: number): void {
  for (let at = 0; at < payload.length; at += each) client.send(payload.subarray(at, at + each))
}

function sendFragments(client: RawWebSocket, payload: Buffer, each: number): void {
  for (let at = 0; at < payload.length; at += each) {
    const options: FrameOptions = { fin: at + each >= payload.length, opcode: at === 0 ? 2 : 0 }
    client.send(payload.subarray(at, at + each), options)
  }
}

function sendClose(client: RawWebSocket, code: number): void {
  client.send(closePayload(code), { opcode: opcodes.close })
}

function hugePublish(): Buffer {
  const topic = 'owlcms/refbox/decision/A'
  const payload = Buffer.alloc(megabyte)
  return Buffer.concat([
    connectBytes(),
    bytes({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }),
  ])
}

describe('a WebSocket client of /ws', () => {
  it('whose Close has a reason that is not UTF-8 is answered 1007', async () => {
    const hall = await Hall.open()
    const client = await hall.raw({ path: '/ws', protocol: '' })
    client.send(notUtf8Close, { opcode: opcodes.close })
    expect(await verdict(client)).toMatchObject({ code: 1007, fault: undefined })
  })
})

describe('a WebSocket client of /mqtt', () => {
  it('is ended with a named code for each of these, and leaves nothing behind', async () => {
    const hall = await Hall.open({ connectTimeoutMs: 2_000 })
    const well = await hall.wellClient()
    const verdicts = await Promise.all(
      refusals.map(async ([what, misbehave]) => {
        const client = await hall.raw()
        misbehave(client)
        return [what, await verdict(client)] as const
      }),
    )
    expect(Object.fromEntries(verdicts)).toMatchObject(
      Object.fromEntries(refusals.map(([what, , code]) => [what, { code, fault: undefined }])),
    )
    await hall.broker.publish('owlcms/fop/still', 'there')
    await eventually(() => expect(well.heard).toEqual(['owlcms/fop/still there']))
  })

  it.each([
    ['a text frame that is not UTF-8', clientFrame(Buffer.of(0xc3, 0x28), { opcode: opcodes.text }), 1007],
    ['a Close whose reason is not UTF-8', clientFrame(notUtf8Close, { opcode: opcodes.close }), 1007],
    [
      'a Close with a code that nobody may send',
      clientFrame(closePayload(1006), { opcode: opcodes.close }),
      1002,
    ],
    ['an opcode without a meaning', clientFrame(Buffer.of(1), { opcode: 5 }), 1002],
  ])('that sends %s behind a busy frame and goes on is ended, and nobody else', async (_, broken, code) => {
    const running = later(await startGateway(new FakeUpstream()))
    const upgraded = once(running.http, 'upgrade') as Promise<[unknown, Duplex]>
    const client = await RawWebSocket.open(running.webSocketPort)
    const [, socket] = await upgraded
    const ping = clientFrame(Buffer.alloc(0), { opcode: opcodes.ping })
    // Three reads of the socket, of which the first one waits for its turn meanwhile.
    for (const read of [ping, broken, Buffer.alloc(200, 0xc3)]) socket.push(read)
    expect(await verdict(client)).toMatchObject({ code, fault: undefined })
  })

  it('may send a packet in fragments with a ping in between, and gets the pong first', async () => {
    const hall = await Hall.open()
    const client = await hall.raw()
    const packet = connectBytes()
    client.send(packet.subarray(0, 5), { fin: false })
    client.send(Buffer.from('are you there'), { opcode: opcodes.ping })
    client.send(packet.subarray(5, 9), { opcode: opcodes.continuation, fin: false })
    client.send(packet.subarray(9), { opcode: opcodes.continuation })
    await client.until(({ frames, gone }) => frames.length === 2 || gone)
    expect(client.frames).toEqual([
      { opcode: opcodes.pong, fin: true, payload: Buffer.from('are you there') },
      { opcode: opcodes.binary, fin: true, payload: Buffer.from([0x20, 2, 0, 0]) },
    ])
  })

  it('may send single bytes, each in a frame of its own, and empty frames among them', async () => {
    const hall = await Hall.open()
    const client = await hall.raw({ protocol: '' })
    for (const byte of connectBytes()) {
      client.send(Buffer.of(byte))
      client.send(Buffer.alloc(0))
    }
    await client.until(({ frames, gone }) => frames.length === 1 || gone)
    expect(packetsOf(client)).toMatchObject([connack])
  })

  it('that floods pings without reading is cut, since its pongs would pile up', async () => {
    const hall = await Hall.open()
    const client = await hall.rawSubscriber({ keepalive: 0 })
    client.freeze()
    const ping = clientFrame(Buffer.alloc(125), { opcode: opcodes.ping })
    const pings = Buffer.concat(Array.from({ length: 500 }, () => ping))
    while (!client.gone) {
      client.sendBytes(pings)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually(async () => expect(await hall.counters()).toMatchObject({ clients: 0, sessions: 0 }))
  })

  it('that says nothing, or its CONNECT too slowly, is ended: bytes do not extend the deadline', async () => {
    const hall = await Hall.open({ connectTimeoutMs: 1_000 })
    const startedAt = performance.now()
    const [silent, dribbling] = await Promise.all([hall.raw(), hall.raw()])
    const packet = connectBytes()
    const dribble = async (): Promise<void> => {
      for (let at = 0; dribbling.closeCode === undefined && at < packet.length - 1; at += 1) {
        dribbling.send(packet.subarray(at, at + 1))
        await Promise.race([verdict(dribbling), new Promise((resolve) => setTimeout(resolve, 100))])
      }
    }
    await dribble()
    const expected = { code: 4440, reason: 'no start or CONNECT in time', fault: undefined }
    expect(await Promise.all([verdict(silent), verdict(dribbling)])).toEqual([expected, expected])
    expect(performance.now() - startedAt).toBeGreaterThan(900)
  })
})
