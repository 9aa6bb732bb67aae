import { beforeAll, describe, expect, it } from 'vitest'
import type { LiftingOrder } from '../../src/simulator/lifting-order.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import type { Limits } from '../../src/support/limits.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { startTestBroker, type TestBroker } from '../support/tls-broker.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const username = 'hall-of-secrets'
const password = 'planted-Secret-8472'
const acl = [`user ${username}`, 'topic readwrite owlcms/#']
const oneAthlete: LiftingOrder = {
  current: () => ({
    athleteId: 1,
    athleteName: 'DOE, Jane',
    attemptNumber: 1,
    liftType: 'SNATCH',
    session: 'W1',
  }),
  record: () => undefined,
  changeLast: () => undefined,
}

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

async function bridgeTo(
  port: number,
  settings: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<TestBridge> {
  return later(
    await startTestBridge(
      {
        OWLCMS_MQTTSERVER: 'localhost',
        OWLCMS_MQTTPORT: String(port),
        OWLCMS_MQTTUSERNAME: username,
        OWLCMS_MQTTPASSWORD: password,
        BRIDGE_MQTT_CA: certificates.ca,
        ...settings,
      },
      { limits },
    ),
  )
}

const ready = (bridge: TestBridge): Promise<void> =>
  eventually(async () => expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200))

const device = async (
  bridge: TestBridge,
  options: { subscribe?: string; protocolVersion?: 4 | 5 } = {},
): Promise<Device> =>
  later(await connectDevice(`ws://127.0.0.1:${bridge.port}/mqtt`, { username, password, ...options }))

const outside = async (port: number, protocol = 'mqtts'): Promise<Device> =>
  later(
    await connectDevice(`${protocol}://localhost:${port}`, {
      username,
      password,
      subscribe: 'owlcms/#',
      ca: certificates.ca,
    }),
  )

function owlcms(broker: { port: number }, transport: 'tls' | 'wss'): SimulatedOwlcms {
  return later(
    startSimulatedOwlcms({
      address: {
        transport,
        host: 'localhost',
        port: broker.port,
        ...(transport === 'wss' ? { path: '/mqtt' } : {}),
      },
      username,
      password,
      ca: certificates.ca,
      platforms: ['A'],
      clock: systemClock,
      log: silentLog,
    }),
  )
}

function mosquitto(transport: 'tls' | 'wss'): Promise<Mosquitto> {
  return startMosquitto({ transport, certificate: certificates.valid, users: { [username]: password }, acl })
}

describeIf(requirement('mosquitto'))('a press through the bridge and Mosquitto', () => {
  it.each(['tls', 'wss'] as const)('arrives once over %s, and owlcms answers', async (transport) => {
    const broker = later(await mosquitto(transport))
    const bridge = await bridgeTo(
      broker.port,
      transport === 'wss' ? { OWLCMS_MQTTSERVER: 'wss://localhost/mqtt' } : {},
    )
    const listener = await outside(broker.port, transport === 'wss' ? 'wss' : 'mqtts')
    const simulated = owlcms(broker, transport)
    await simulated.ready
    simulated.fieldOfPlay('A').loadSession(oneAthlete)
    simulated.fieldOfPlay('A').startLifting()
    await ready(bridge)
    const referee = await device(bridge, { subscribe: 'owlcms/fop/#' })
    await referee.press('owlcms/clock/A', 'start')
    await referee.press('owlcms/refbox/decision/A', '1 good')
    await eventually(() => expect(referee.heard).toContain('owlcms/fop/decision/A 1 good'))
    expect(listener.heard.filter((line) => line === 'owlcms/refbox/decision/A 1 good')).toHaveLength(1)
    expect(referee.heard.filter((line) => line === 'owlcms/fop/decision/A 1 good')).toHaveLength(1)
  })

  it('never arrives when it was made while the broker was away, is counted, and readiness says so', async () => {
    const broker = later(await mosquitto('tls'))
    const bridge = await bridgeTo(broker.port)
    await ready(bridge)
    const old = await device(bridge)
    const modern = await device(bridge, { protocolVersion: 5 })
    await broker.kill()
    await eventually(async () => expect((await fetch(`${bridge.url}/readyz`)).status).toBe(503))
    expect((await fetch(`${bridge.url}/livez`)).status).toBe(200)
    old.client.publish('owlcms/refbox/decision/A', '1 bad', { qos: 0 })
    let acknowledged = false
    old.client.publish('owlcms/refbox/decision/A', '2 bad', { qos: 1 }, () => (acknowledged = true))
    await expect(modern.press('owlcms/refbox/decision/A', '3 bad')).rejects.toThrow()
    await broker.restart()
    await ready(bridge)
    const listener = await outside(broker.port)
    expect([old.client.connected, modern.client.connected]).toEqual([true, true])
    await modern.press('owlcms/refbox/decision/A', '1 good')
    await eventually(() => expect(listener.heard).toContain('owlcms/refbox/decision/A 1 good'))
    expect(listener.heard.filter((line) => line.includes('bad'))).toEqual([])
    const status = await (await fetch(`${bridge.url}/status`)).text()
    expect(JSON.parse(status)).toMatchObject({ checks: { 'counter:droppedOffline': [{ observedValue: 3 }] } })
    // MQTT 3 has no word for "no": the press of the outage stays unacknowledged.
    expect(acknowledged).toBe(false)
  })

  it('is refused with words when the page shows why the broker refuses the bridge', async () => {
    const broker = later(await mosquitto('tls'))
    const bridge = await bridgeTo(broker.port, { OWLCMS_MQTTPASSWORD: 'not-the-Password-5531' })
    await eventually(async () => {
      const page = await (await fetch(bridge.url)).text()
      expect(page).toContain('OWLCMS_MQTTPASSWORD')
    })
    expect((await fetch(`${bridge.url}/readyz`)).status).toBe(503)
  })
})

describe('a bridge with an in-process broker', () => {
  async function aedes(): Promise<TestBroker> {
    return later(
      await startTestBroker({ transport: 'tls', certificate: certificates.valid, username, password }),
    )
  }
  const settings = { OWLCMS_MQTTSERVER: 'mqtts://localhost' }

  it('speaks 3.1.1 to a broker that has no MQTT 5, subscribes to two filters, and is never named like owlcms', async () => {
    const broker = await aedes()
    const bridge = await bridgeTo(broker.port, settings)
    await ready(bridge)
    // A second time, once its own state is stored: whether the broker brings that again.
    expect([...new Set(broker.subscriptions)]).toEqual([
      expect.stringMatching(/^owlcms-bridge-bridge-[0-9a-z]{6} owlcms\/#$/),
      // Some brokers give what they have stored only to who asks for it by name.
      expect.stringMatching(/^owlcms-bridge-bridge-[0-9a-z]{6} owlcms\/bridge\/bridge\/revoked$/),
    ])
  })

  it('tells its clients at a stop and is gone within the deadline, broker link included', async () => {
    const broker = await aedes()
    const bridge = await bridgeTo(broker.port, settings)
    await ready(bridge)
    const modern = await device(bridge, { protocolVersion: 5 })
    const closed = new Promise<void>((resolve) => modern.client.once('close', () => resolve()))
    await bridge.stop()
    await closed
    await expect(fetch(bridge.url)).rejects.toThrow()
  })

  it('lets no password out: not in logs at debug level, pages, status or error texts (R10)', async () => {
    const broker = await aedes()
    const bridge = await bridgeTo(broker.port, { ...settings, BRIDGE_SECRET: 'planted-signing-secret-99' })
    await ready(bridge)
    await expect(
      connectDevice(`ws://127.0.0.1:${bridge.port}/mqtt`, { username, password: 'planted-wrong-guess' }),
    ).rejects.toThrow()
    const referee = await device(bridge)
    await referee.press('owlcms/refbox/decision/A', '1 good')
    await broker.stop()
    await eventually(async () => expect((await fetch(`${bridge.url}/readyz`)).status).toBe(503))
    const pages = await Promise.all(
      ['/', '/status', '/readyz', '/livez', '/nowhere', '/mqtt', '/assets/style.css'].map(async (path) =>
        (await fetch(bridge.url + path)).text(),
      ),
    )
    const everything = [...bridge.logLines, ...pages].join('\n')
    expect(everything.length).toBeGreaterThan(1_000)
    for (const secret of [password, username, 'planted-wrong-guess', 'planted-signing-secret-99', '1 good']) {
      expect(everything).not.toContain(secret)
    }
  })

  it('sees and shows another bridge on the broker, and when it goes, by its own word or by its will', async () => {
    const broker = await aedes()
    const here = await bridgeTo(broker.port, { ...settings, BRIDGE_NAME: 'here' })
    await ready(here)
    const shown = (text: string): Promise<void> =>
      eventually(async () => expect(await (await fetch(here.url)).text()).toContain(text))
    const gone = (text: string): Promise<void> =>
      eventually(async () => expect(await (await fetch(here.url)).text()).not.toContain(text))
    const there = await bridgeTo(broker.port, { ...settings, BRIDGE_NAME: 'there' })
    await shown('Bridge there')
    await there.stop()
    await gone('Bridge there')
    const twin = await bridgeTo(broker.port, { ...settings, BRIDGE_NAME: 'here' })
    await shown('Runs twice')
    expect(await (await fetch(`${twin.url}/status`)).json()).toMatchObject({
      checks: { 'bridge:others': [{ status: 'warn', observedValue: 'here' }] },
    })
    await broker.kill()
    await broker.restart()
    await ready(here)
    await ready(twin)
    await shown('Runs twice')
  })

  it('accepts the subprotocols mqtt, mqttv3.1 and none, and says no to other paths', async () => {
    const broker = await aedes()
    const bridge = await bridgeTo(broker.port, settings)
    const { WebSocket } = await import('ws')
    const open = (path: string, protocols: string[]): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}${path}`, protocols)
        socket.once('open', () => {
          resolve(`open ${socket.protocol}`)
          socket.terminate()
        })
        socket.once('error', (error) => resolve(error.message))
      })
    expect(await open('/mqtt', ['mqtt'])).toBe('open mqtt')
    expect(await open('/mqtt', ['mqttv3.1', 'x'])).toBe('open mqttv3.1')
    expect(await open('/mqtt', [])).toBe('open ')
    expect(await open('/elsewhere', ['mqtt'])).toBe('Unexpected server response: 404')
  })

  it('closes a text frame with 1003 [MQTT-6.0.0-1] and a silent socket with a named code', async () => {
    const broker = await aedes()
    const bridge = await bridgeTo(broker.port, settings, { connectTimeoutMs: 1_000 })
    const { WebSocket } = await import('ws')
    const closeCode = (first: string | undefined): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}/mqtt`, 'mqtt')
        socket.once('close', resolve)
        if (first !== undefined) socket.once('open', () => socket.send(first))
      })
    expect(await Promise.all([closeCode('hello'), closeCode(undefined)])).toEqual([1003, 4440])
  })
})
