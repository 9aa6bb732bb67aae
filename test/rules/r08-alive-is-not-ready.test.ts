import { createServer, type AddressInfo } from 'node:net'
import { parser, type Packet } from 'mqtt-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { connectDevice, startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { startTestBroker, type TestBroker } from '../support/tls-broker.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const username = 'hall'
const password = 'planted-Secret-8472'
async function hall(): Promise<{ broker: TestBroker; bridge: TestBridge }> {
  const broker = later(await startTestBroker({ transport: 'tcp', username, password }))
  return { broker, bridge: await bridgeTo(broker) }
}

async function bridgeTo(broker: TestBroker): Promise<TestBridge> {
  const bridge = later(
    await startTestBridge({
      OWLCMS_MQTTSERVER: `mqtt://127.0.0.1:${broker.port}`,
      OWLCMS_MQTTUSERNAME: username,
      OWLCMS_MQTTPASSWORD: password,
    }),
  )
  await eventually(() => expect(bridge.ready).toBe(true))
  return bridge
}

interface Told {
  readonly owlcms: unknown
  readonly platforms: unknown
}

async function told(bridge: TestBridge): Promise<Told> {
  const body = (await (await fetch(`${bridge.url}/status`)).json()) as {
    readonly checks: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  }
  const owlcms = body.checks['owlcms:answers']?.[0]
  return { owlcms: owlcms?.['observedValue'], platforms: owlcms?.['platforms'] }
}

const codes = (bridge: TestBridge): Promise<number[]> =>
  Promise.all(['/livez', '/healthz', '/readyz'].map(async (path) => (await fetch(bridge.url + path)).status))

describe('a running bridge (R8)', () => {
  it('tells owlcms, each platform and what was dropped, and in an outage that nothing gets through', async () => {
    const { broker, bridge } = await hall()
    await broker.publish('owlcms/fop/config', '{"platforms":["A","Q"],"version":"69"}')
    await broker.publish('owlcms/fop/down/A', '')
    const device = later(
      await connectDevice(`ws://127.0.0.1:${bridge.port}/mqtt`, { username, password, protocolVersion: 5 }),
    )
    // Until the bridge has heard it: what the broker passes on takes its time.
    await eventually(async () => {
      await broker.publish('owlcms/fop/startup/S', 'on')
      await expect(device.press('owlcms/clock/S', 'start')).rejects.toThrow()
    })
    await device.press('owlcms/clock/nowhere', 'start')
    await eventually(async () => {
      // Said again each time, since it holds for 1.5 s only.
      await broker.publish('owlcms/fop/startup/S', 'on')
      expect(await told(bridge)).toEqual({
        owlcms: 'answering',
        platforms: [
          { name: 'A', state: 'ready', droppedPresses: 0 },
          { name: 'Q', state: 'quiet', droppedPresses: 0 },
          { name: 'S', state: 'starting', droppedPresses: 1 },
          { name: 'nowhere', state: 'quiet', droppedPresses: 0 },
        ],
      })
    })
    expect(await codes(bridge)).toEqual([200, 200, 200])
    await broker.kill()
    await eventually(async () => expect(await codes(bridge)).toEqual([200, 200, 503]))
    await expect(device.press('owlcms/clock/nowhere', 'stop')).rejects.toThrow()
    // What a connection told is not told again after it.
    expect(await told(bridge)).toEqual({
      owlcms: 'unreachable',
      platforms: [
        { name: 'S', state: 'offline', droppedPresses: 1 },
        { name: 'nowhere', state: 'offline', droppedPresses: 1 },
      ],
    })
    expect(device.client.connected).toBe(true)
  })

  it('ends an MQTT 3 client whose window an outage has filled, when the broker is back (R3)', async () => {
    const { broker, bridge } = await hall()
    const url = `ws://127.0.0.1:${bridge.port}/mqtt`
    const device = later(await connectDevice(url, { username, password, protocolVersion: 4 }))
    const modern = later(
      await connectDevice(url, { username, password, protocolVersion: 5, clientId: 'modern' }),
    )
    await broker.kill()
    await eventually(() => expect(bridge.ready).toBe(false))
    let closed = false
    device.client.on('close', () => (closed = true))
    for (let count = 0; count < 8; count += 1) device.client.publish('owlcms/clock/A', 'stop', { qos: 1 })
    // MQTT 5 is answered at once, and its socket is as slow as the other: by now both have been read.
    for (let count = 0; count < 3; count += 1) {
      await expect(modern.press('owlcms/clock/A', 'stop')).rejects.toThrow()
    }
    expect(closed).toBe(false)
    await eventually(async () => {
      const status = await (await fetch(`${bridge.url}/status`)).text()
      expect(status).toMatch(/"counter:droppedOffline": \[\s*\{\s*"observedValue": 11/)
    })
    await broker.restart()
    await eventually(() => expect(closed).toBe(true))
    expect(broker.publications.filter(({ topic }) => topic === 'owlcms/clock/A')).toEqual([])
  })
})

describe('one WebSocket message (R7)', () => {
  it('of more than 64 KiB is refused unread with 1009', async () => {
    const { bridge } = await hall()
    const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}/mqtt`, 'mqtt')
    const code = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    // Only PINGREQs, so that no packet is too large: the message is.
    socket.once('open', () => socket.send(Buffer.alloc(65_538, Buffer.from([0xc0, 0]))))
    expect(await code).toBe(1009)
  })
})

describe('two bridges of one name', () => {
  it('do not evict each other at the broker: their client IDs differ', async () => {
    const { broker, bridge } = await hall()
    const second = await bridgeTo(broker)
    const ids = broker.subscriptions.filter((each) => each.endsWith(' owlcms/#'))
    expect(new Set(ids).size).toBe(2)
    expect([bridge.ready, second.ready]).toEqual([true, true])
  })
})

describe('the last will of a bridge', () => {
  it('tells the others at the broker, and those who come later, that it is gone', async () => {
    const connected = new Promise<Packet>((resolve) => {
      const server = createServer((socket) => {
        const parse = parser()
        parse.on('packet', resolve)
        socket.on('data', (bytes) => parse.parse(bytes))
        socket.on('error', () => undefined)
        onTestFinished(() => void socket.destroy())
      })
      onTestFinished(() => void server.close())
      server.listen(0, '127.0.0.1', () => {
        void startTestBridge({
          OWLCMS_MQTTSERVER: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
          OWLCMS_MQTTUSERNAME: username,
          OWLCMS_MQTTPASSWORD: password,
          BRIDGE_NAME: 'north-hall',
        }).then(later)
      })
    })
    const connect = await connected
    const will = connect.cmd === 'connect' ? connect.will : undefined
    expect(will).toMatchObject({ topic: 'owlcms/bridge/north-hall/state', qos: 1, retain: true })
    expect(JSON.parse(String(will?.payload))).toMatchObject({ state: 'offline' })
  })
})
