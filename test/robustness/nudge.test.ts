import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import { RawWebSocket } from '../support/raw-websocket.ts'
import { startGateway } from '../support/running-gateway.ts'
import { bytes, connectBytes, heardBy, subscribeBytes } from './hall.ts'

const idleNudgeMs = 900
const connack = Buffer.of(0x20, 2, 0, 0)

it('sends a WebSocket client an empty binary frame after each idle time, and nothing else', async () => {
  const rig = later(await startGateway(new FakeUpstream(), { limits: { idleNudgeMs, flushWindowMs: 0 } }))
  const tcp = connect(rig.tcpPort, '127.0.0.1')
  onTestFinished(() => void tcp.destroy())
  const tcpBytes: Buffer[] = []
  tcp.on('data', (chunk) => tcpBytes.push(chunk))
  tcp.write(connectBytes({ clientId: 'tcp' }))
  const [idle, busy] = await Promise.all([
    RawWebSocket.open(rig.webSocketPort),
    RawWebSocket.open(rig.webSocketPort),
  ])
  onTestFinished(() => {
    idle.destroy()
    busy.destroy()
  })
  idle.send(connectBytes({ clientId: 'idle' }))
  busy.send(connectBytes({ clientId: 'busy' }))
  busy.send(subscribeBytes())
  await idle.until(({ frames }) => frames.length === 1)
  await busy.until(({ frames }) => frames.length === 2)
  let said = 0
  const timer = setInterval(() => rig.hub.receive(publication('owlcms/fop/tick', String(++said), 0)), 200)
  onTestFinished(() => clearInterval(timer))
  const arrivals = [performance.now()]
  for (const count of [2, 3]) {
    await idle.until(({ frames, gone }) => frames.length === count || gone)
    arrivals.push(performance.now())
  }
  const nudge = { opcode: 2, fin: true, payload: Buffer.alloc(0) }
  expect(idle.frames).toEqual([{ opcode: 2, fin: true, payload: connack }, nudge, nudge])
  // Never early; the event loop may be late by a little in noticing either end.
  expect(arrivals[1]! - arrivals[0]!).toBeGreaterThan(idleNudgeMs - 100)
  expect(arrivals[2]! - arrivals[1]!).toBeGreaterThan(idleNudgeMs - 100)
  // A client that hears something is not nudged, and TCP has nothing to be nudged with.
  expect(heardBy(busy).length).toBeGreaterThan(10)
  expect(busy.frames.filter(({ payload }) => payload.length === 0)).toEqual([])
  expect(Buffer.concat(tcpBytes)).toEqual(connack)
  // It was worth it: the client is still there and answered.
  idle.send(bytes({ cmd: 'pingreq' }))
  await idle.until(({ frames, gone }) => frames.length === 4 || gone)
  expect(idle.frames.at(-1)).toEqual({ opcode: 2, fin: true, payload: Buffer.of(0xd0, 0) })
})
