import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import { RawWebSocket } from '../support/raw-websocket.ts'
import { startGateway } from '../support/running-gateway.ts'
import { bytes, connectBytes, heardBy, subscribeBytes } from './hall.ts'

const idleNudgeMs = 900
const connack = Buffer.of(0x20, 2, 0, 0)

it('sends a WebSocket client an empty binary frame after each idle time, and nothing else', async () => {
  const clock = new FakeClock()
  // Its sockets are real.
  clock.endOfTurn = (callback) => systemClock.endOfTurn(callback)
  const limits = { idleNudgeMs, flushWindowMs: 0 }
  const rig = later(await startGateway(new FakeUpstream(), { clock, limits }))
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
    idle.socket.destroy()
    busy.socket.destroy()
  })
  idle.send(connectBytes({ clientId: 'idle' }))
  busy.send(connectBytes({ clientId: 'busy' }))
  busy.send(subscribeBytes())
  await idle.until(({ frames }) => frames.length === 1)
  await busy.until(({ frames }) => frames.length === 2)
  let said = 0
  const goOn = async (ms: number): Promise<void> => {
    clock.advance(ms)
    rig.hub.receive(publication('owlcms/fop/tick', String(++said), 0))
    await busy.until(({ frames, gone }) => frames.length === 2 + said || gone)
  }
  const nudge = { opcode: 2, fin: true, payload: Buffer.alloc(0) }
  const nudges: (typeof nudge)[] = []
  while (nudges.length < 2) {
    // Looked at each second, and counted from the first look at which nothing had been sent since the one before.
    for (const ms of [...Array<number>(9).fill(200), 199]) await goOn(ms)
    expect(idle.frames).toEqual([{ opcode: 2, fin: true, payload: connack }, ...nudges])
    await goOn(1)
    nudges.push(nudge)
    await idle.until(({ frames, gone }) => frames.length === 1 + nudges.length || gone)
    expect(idle.frames).toEqual([{ opcode: 2, fin: true, payload: connack }, ...nudges])
  }
  // A client that hears something is not nudged, and TCP has nothing to be nudged with.
  expect(heardBy(busy)).toHaveLength(said)
  expect(busy.frames.filter(({ payload }) => payload.length === 0)).toEqual([])
  await eventually(() => expect(Buffer.concat(tcpBytes)).toEqual(connack))
  // It was worth it: the client is still there and answered.
  idle.send(bytes({ cmd: 'pingreq' }))
  await idle.until(({ frames, gone }) => frames.length === 4 || gone)
  expect(idle.frames.at(-1)).toEqual({ opcode: 2, fin: true, payload: Buffer.of(0xd0, 0) })
})
