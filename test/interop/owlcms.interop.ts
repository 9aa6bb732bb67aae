import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import type { LinkPlaceView } from '../../src/http/api/access-view.ts'
import { until } from '../support/eventually.ts'
import { later } from '../support/later.ts'
import { freePort } from '../support/program.ts'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { describeIf } from '../support/requirements.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { moquette, pahoJava, javaCommand } from './support/foreign.ts'
import { startLineProcess, type LineProcess } from './support/lines.ts'

type PahoOwlcms = Awaited<ReturnType<typeof startPahoOwlcms>>

/**
 * An owlcms with one platform, as its MQTT side is: Paho Java with owlcms's own settings and habits. Says "connected", "listening"
 * (after the lamp test; it resolves then), "took TOPIC PAYLOAD", "lost".
 */
async function startPahoOwlcms(
  uri: string,
  platform: string,
  login: { readonly username: string; readonly password: string },
) {
  const command = javaCommand(pahoJava, 'interop.Owlcms', ['-Xmx64m', '-XX:TieredStopAtLevel=1'])
  const { lines, kill } = startLineProcess([...command, uri, platform], [login.username, login.password])
  await lines.said('listening')
  const version = lines.all.shift()?.replace('version ', '') ?? 'unknown'
  return { lines, version, kill }
}

/** The server inside owlcms, with its settings, on 127.0.0.1. */
interface Moquette {
  /** Plain MQTT, as owlcms's own clients and the boxes in the hall come. */
  readonly port: number
  /** MQTT over WebSocket at /mqtt. */
  readonly webSocketPort: number
  readonly version: string
  /** Ends it without a goodbye, as owlcms's end does; what it kept is gone. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  restart(): Promise<void>
}

/** Starts it and waits until it listens; without a user name anybody gets in. */
async function startMoquette(login: {
  readonly username: string
  readonly password: string
}): Promise<Moquette> {
  const [port, webSocketPort] = [await freePort(), await freePort()]
  const command = javaCommand(moquette, 'interop.Moquette', ['-Xmx128m', '-XX:TieredStopAtLevel=1'])
  let running: LineProcess | undefined
  let version = 'unknown'
  const restart = async (): Promise<void> => {
    running = startLineProcess(
      [...command, String(port), String(webSocketPort)],
      [login.username, login.password],
    )
    await running.lines.said('READY')
    version = running.lines.all.find((line) => line.startsWith('version '))?.slice(8) ?? version
  }
  await restart()
  return {
    ...{ port, webSocketPort, restart },
    get version() {
      return version
    },
    kill: async () => {
      await running?.kill()
      running = undefined
    },
  }
}

/**
 * owlcms is the broker: Moquette with owlcms's settings, owlcms's own client beside it, and the bridge coming by WebSocket at
 * /mqtt, through a proxy that cuts silent lines (after 5 minutes in the world, sooner here).
 */

const login = { username: 'competition', password: 'planted-Secret-8472' }
const loginSettings = { OWLCMS_MQTTUSERNAME: login.username, OWLCMS_MQTTPASSWORD: login.password }
const idleCutMs = 5_000
const press = 'owlcms/jurybox/juryMember/decision/A'
const echo = 'owlcms/fop/juryMemberDecision/A'

interface Hall {
  readonly broker: Moquette
  readonly door: TcpProxy
  owlcms: PahoOwlcms
}

async function hall(): Promise<Hall> {
  const broker = await startMoquette(login)
  later({ stop: () => broker.kill() })
  const door = later(await startTcpProxy(broker.webSocketPort, { idleCutMs }))
  const owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${broker.port}`, 'A', login)
  const made: Hall = { broker, door, owlcms }
  later({ stop: () => made.owlcms.kill() })
  return made
}

async function bridgeAt({ door }: Hall, settings: Record<string, string> = {}): Promise<TestBridge> {
  const server = { OWLCMS_MQTTSERVER: `ws://127.0.0.1:${door.port}/mqtt` }
  return later(await startTestBridge({ ...server, ...loginSettings, ...settings }))
}

async function boxAt(bridge: TestBridge, clientId = 'box'): Promise<Device> {
  const options = { ...login, clientId, protocolVersion: 5, subscribe: 'owlcms/#' } as const
  return later(await connectDevice(`ws://127.0.0.1:${bridge.port}/mqtt`, options))
}

/** Whether a vote is acknowledged. */
const votes = (box: Device, payload: string): Promise<boolean> =>
  box.press(press, payload).then(
    () => true,
    () => false,
  )

async function metric(bridge: TestBridge, line: RegExp): Promise<number> {
  const text = await (await fetch(`${bridge.url}/metrics`)).text()
  return Number(line.exec(text)?.[1] ?? 0)
}

const taken = (bridge: TestBridge): Promise<number> =>
  metric(bridge, /^owlcms_bridge_presses_total\{outcome="taken"\} (\d+)$/m)

/** What a client that has just come is told of what the broker keeps. */
async function kept(broker: Moquette): Promise<readonly string[]> {
  const late = await connectDevice(`mqtt://127.0.0.1:${broker.port}`, {
    ...{ ...login, clientId: `late-${Math.random()}`, subscribe: 'owlcms/bridge/#' },
  })
  await sleep(500)
  await late.stop()
  return late.heard.map((line) => line.split(' ')[0] ?? '').toSorted()
}

async function revokeAll({ url }: TestBridge): Promise<void> {
  const headers = { 'content-type': 'application/json', origin: url }
  const post = (path: string, body: object, more = {}): Promise<Response> =>
    fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    })
  const entered = await post('/login', { password: login.password })
  const cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!
  // It replays nothing on a line that stands, and keeps in memory only: no success without a file.
  expect((await post('/seats/revoke', { what: 'all' }, { cookie })).status).toBe(409)
}

describeIf([...new Set([...moquette.needs, ...pahoJava.needs])])('owlcms’s own server, by its /mqtt', () => {
  it('passes presses and echoes, also after a silence that proxies cut, and a press is proved', async ({
    task,
  }) => {
    const all = await hall()
    task.meta.tested = `Moquette ${all.broker.version} over WebSocket at /mqtt`
    const bridge = await bridgeAt(all)
    await until(() => bridge.ready)
    const box = await boxAt(bridge)
    await until(() => votes(box, '1 good'))
    await until(() => box.heard.includes(`${echo} 1 good`))
    const accepted = all.door.clients.length
    await sleep(2 * idleCutMs)
    expect(await votes(box, '2 bad')).toBe(true)
    await until(() => box.heard.includes(`${echo} 2 bad`))
    expect(box.heard.filter((line) => line.endsWith(' 2 bad'))).toEqual([`${press} 2 bad`, `${echo} 2 bad`])
    expect(all.door.clients.length).toBe(accepted)
    await until(async () => (await taken(bridge)) >= 2)
  })

  it('refuses presses while owlcms is away, takes them again after it, and none arrives late', async ({
    task,
  }) => {
    const all = await hall()
    task.meta.tested = `Moquette ${all.broker.version} killed and started again`
    const bridge = await bridgeAt(all)
    await until(() => bridge.ready)
    const box = await boxAt(bridge)
    await until(() => votes(box, '1 good'))
    await all.owlcms.kill()
    await all.broker.kill()
    await until(() => !bridge.ready)
    expect(await votes(box, '2 bad')).toBe(false)
    await all.broker.restart()
    all.owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${all.broker.port}`, 'A', login)
    await until(() => bridge.ready)
    await until(() => votes(box, '3 good'))
    await until(() => box.heard.includes(`${echo} 3 good`))
    expect(all.owlcms.lines.all.filter((line) => line.startsWith('took '))).toEqual([`took ${press} 3 good`])
  })

  it('says that the password is wrong', async ({ task }) => {
    const all = await hall()
    task.meta.tested = `Moquette ${all.broker.version} with a wrong password`
    const bridge = await bridgeAt(all, { OWLCMS_MQTTPASSWORD: 'wrong' })
    await until(() => bridge.logLines.some((line) => line.includes('broker link down')))
    const fault = bridge.logLines.find((line) => line.includes('broker link down'))
    expect(fault).toMatch(/"code":"badCredentials"/)
    expect(bridge.ready).toBe(false)
  })

  it('keeps what bridges say until it restarts, and then they say it again', async ({ task }) => {
    const all = await hall()
    task.meta.tested = `Moquette ${all.broker.version} keeps states and revocations until its restart`
    const north = await bridgeAt(all, { BRIDGE_NAME: 'north' })
    const south = await bridgeAt(all, { BRIDGE_NAME: 'south' })
    await until(() => north.ready && south.ready)
    const others = async ({ url }: TestBridge): Promise<string> => (await fetch(`${url}/status`)).text()
    await until(
      async () => (await others(north)).includes('south') && (await others(south)).includes('north'),
    )
    const token = await south.issue({ platform: 'A', role: 'referee', number: 2 } as LinkPlaceView, 1)
    const entersSouth = (): Promise<boolean> =>
      connectDevice(`ws://127.0.0.1:${south.port}/mqtt`, { username: 'x', password: token }).then(
        async (link) => {
          await link.stop()
          return true
        },
        () => false,
      )
    expect(await entersSouth()).toBe(true)
    await revokeAll(north)
    await until(async () => !(await entersSouth()))
    const topics = ['north', 'south'].flatMap((name) => [
      `owlcms/bridge/${name}/revoked`,
      `owlcms/bridge/${name}/state`,
    ])
    await until(async () => (await kept(all.broker)).join() === topics.join())
    await all.broker.kill()
    await until(() => !north.ready && !south.ready)
    await all.broker.restart()
    await until(() => north.ready && south.ready)
    await until(async () => (await kept(all.broker)).join() === topics.join())
    expect(await entersSouth()).toBe(false)
  })
})

/** The box here asks and presses faster than any official. */
const startBridge = (port: string): Promise<TestBridge> =>
  startTestBridge(
    { BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: port, ...loginSettings },
    { limits: { messagesPerSecond: 1_000, messageBurst: 100_000 } },
  )

describeIf(pahoJava.needs)('owlcms’s own client, with the bridge as its broker', () => {
  let bridge: TestBridge
  let owlcms: PahoOwlcms
  let box: Device

  beforeEach(async () => {
    bridge = await startBridge('0')
    later({ stop: () => bridge.stop() })
    owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${bridge.owlcmsPort!}`, 'A', login)
    later({ stop: () => owlcms.kill() })
    box = await boxAt(bridge)
    // A moment of deafness after the lamps (R11) may be left.
    await until(() => votes(box, '1 good'))
  })

  const took = (payload: string): boolean => owlcms.lines.all.includes(`took ${press} ${payload}`)

  it('takes a press at once, and its echo comes back', async ({ task }) => {
    const delays: number[] = []
    for (let turn = 0; turn < 100; turn += 1) {
      const payload = `${(turn % 5) + 1} ${turn % 2 === 0 ? 'good' : 'bad'}`
      const before = box.heard.filter((line) => line === `${echo} ${payload}`).length
      const began = performance.now()
      expect(await votes(box, payload)).toBe(true)
      await until(() => box.heard.filter((line) => line === `${echo} ${payload}`).length > before)
      delays.push(performance.now() - began)
    }
    const median = delays.toSorted((a, b) => a - b)[50]!
    task.meta.tested = `Paho Java ${owlcms.version} as owlcms; press to echo ${median.toFixed(1)} ms (median)`
    expect(owlcms.lines.all.filter((line) => line.startsWith('took ')).length).toBeGreaterThanOrEqual(100)
  })

  it('is missed as soon as its process ends, and taken in again as soon as it listens', async ({ task }) => {
    await owlcms.kill()
    await until(async () => !(await votes(box, '2 good')))
    owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${bridge.owlcmsPort!}`, 'A', login)
    const listening = performance.now()
    await until(() => votes(box, '3 good'))
    task.meta.tested = `Paho Java ${owlcms.version} as owlcms; takes presses ${Math.round(performance.now() - listening)} ms after it listens`
    await until(() => took('3 good'))
    // Nothing that was refused meanwhile came later.
    expect(owlcms.lines.all.filter((line) => line.startsWith('took '))).toEqual([`took ${press} 3 good`])
  })

  it('comes back by itself when the bridge restarts', async ({ task }) => {
    const port = String(bridge.owlcmsPort!)
    await box.stop()
    await bridge.stop()
    await owlcms.lines.said('lost')
    bridge = await startBridge(port)
    const back = performance.now()
    box = await boxAt(bridge)
    await until(() => votes(box, '4 bad'))
    const ms = Math.round(performance.now() - back)
    task.meta.tested = `Paho Java ${owlcms.version} as owlcms; first press ${ms} ms after the bridge is back`
    await until(() => took('4 bad'))
    expect(ms).toBeLessThan(10_000)
  })
})
