import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { eventually } from '../support/eventually.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice, startTestBridge, type TestBridge } from '../support/running-bridge.ts'

/** SECURITY.md, "Attacks": an official presses and pings while 20 sockets of the same address flood, beside this thread. */

const username = 'hall'
const password = 'planted-Secret-8472'
const A = 'A' as Platform
const floodMs = 3_000

/** Twenty sockets that flood as fast as they can, and come again as soon as they are cut. */
const attackers = `
const { connect } = require('node:net')
const { workerData: { port, path, hello, again } } = require('node:worker_threads')
const upgrade = 'GET ' + path + ' HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n' +
  'Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n'
const open = () => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).once('close', () => setTimeout(open, 20))
  const flood = () => { while (!socket.destroyed && socket.write(again)); }
  socket.once('connect', () => {
    socket.write(upgrade)
    socket.once('data', () => { socket.write(hello); socket.resume(); setTimeout(() => { socket.on('drain', flood); flood() }, 100) })
  })
}
for (let at = 0; at < 20; at += 1) open()
`

let broker: Mosquitto
let bridge: TestBridge
beforeEach(async () => {
  broker = await startMosquitto({ transport: 'tcp', users: { [username]: password } })
  bridge = await startTestBridge({
    ...{ OWLCMS_MQTTSERVER: '127.0.0.1', OWLCMS_MQTTPORT: String(broker.port), BRIDGE_VIEWERS: 'open' },
    ...{ OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password, BRIDGE_LOG_LEVEL: 'error' },
  })
  await eventually(() => expect(bridge.ready).toBe(true))
})
afterEach(async () => {
  await bridge.stop()
  await broker.stop()
})

/** A masked frame; the mask is zero, so that its bytes stay as they are. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length = payload.byteLength
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head, 0, 0, 0, 0]), payload])
}
const text = (message: object): Buffer => frame(1, Buffer.from(JSON.stringify(message)))
const many = (bytes: Buffer): Buffer => Buffer.concat(Array<Buffer>(500).fill(bytes))
const field = (value: string): Buffer =>
  Buffer.from([value.length >> 8, value.length & 0xff, ...Buffer.from(value)])
function packet(type: number, body: Buffer): Buffer {
  const { length } = body
  return frame(
    2,
    Buffer.from([type, ...(length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7]), ...body]),
  )
}
const connectWith = (token: string): Buffer =>
  packet(
    0x10,
    Buffer.from([...field('MQTT'), 4, 0xc2, 0, 60, ...field('viewer'), ...field('x'), ...field(token)]),
  )

const quantile = (numbers: readonly number[], part: number): number =>
  Math.round(numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)] ?? NaN)

describeIf(requirement('mosquitto'))('an official keeps pressing while twenty sockets send', () => {
  it.each<[what: string, path: string, hello: (token: string) => Buffer, again: Buffer]>([
    [
      'presses at QoS 0 with a viewer’s link',
      '/mqtt',
      connectWith,
      many(packet(0x30, Buffer.concat([field('owlcms/clock/A'), Buffer.from('start')]))),
    ],
    [
      'subscriptions with a viewer’s link',
      '/mqtt',
      connectWith,
      many(packet(0x82, Buffer.from([0, 1, ...field('owlcms/fop/#'), 0]))),
    ],
    [
      'presses without a link on /ws',
      '/ws',
      () => text({ type: 'start', schema: 1 }),
      many(text({ type: 'press', id: 'x', platform: 'A', command: { kind: 'clock', action: 'start' } })),
    ],
  ])('%s', async (what, path, hello, again) => {
    const viewer = await bridge.issue({ platform: A, role: 'viewer' }, 1)
    const official = await connectDevice(bridge.url.replace('http', 'ws') + '/mqtt', {
      username,
      password,
      protocolVersion: 5,
    })
    const phone = new WebSocket(bridge.url.replace('http', 'ws') + '/ws')
    await once(phone, 'open')
    phone.send(
      JSON.stringify({
        type: 'start',
        schema: 1,
        token: await bridge.issue({ platform: A, role: 'referee', number: 1 }, 1),
      }),
    )
    phone.on('message', (data: Buffer) => data.toString().includes('"pong"') && phone.emit('pong!'))
    const workerData = { port: bridge.port, path, hello: hello(viewer), again }
    const worker = new Worker(attackers, { eval: true, workerData })
    await once(worker, 'online')
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const [pings, presses]: [number[], number[]] = [[], []]
    let refused = 0
    const until = performance.now() + floodMs
    try {
      while (performance.now() < until) {
        const began = performance.now()
        const answered = once(phone, 'pong!')
        phone.send('{"type":"ping"}')
        await answered
        pings.push(performance.now() - began)
        const pressed = performance.now()
        await official.press('owlcms/refbox/downEmitted/A', '').catch(() => (refused += 1))
        presses.push(performance.now() - pressed)
        await pause(20)
      }
    } finally {
      await worker.terminate()
      phone.terminate()
      await official.stop()
    }
    const told = {
      pings: pings.length,
      pingP50: quantile(pings, 0.5),
      pingP99: quantile(pings, 0.99),
      pressP99: quantile(presses, 0.99),
    }
    // The numbers are the machine's; that nothing is refused is ours.
    process.stdout.write(
      `${what}: ${JSON.stringify({ ...told, loopP99: Math.round(delay.percentile(99) / 1e6) })} ms\n`,
    )
    expect([refused, pings.length > 0]).toEqual([0, true])
  })
})
