import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { describeIf } from '../support/requirements.ts'
import { Cleanup } from './support/cleanup.ts'
import { pahoJava } from './support/foreign.ts'
import { startPahoOwlcms, type PahoOwlcms } from './support/paho-owlcms.ts'
import { until } from '../support/eventually.ts'

/** The bridge is the broker, and owlcms's own client library connects to it. */

const login = { username: 'competition', password: 'planted-Secret-8472' }
const press = 'owlcms/jurybox/juryMember/decision/A'
const echo = 'owlcms/fop/juryMemberDecision/A'

const cleanup = new Cleanup()
let bridge: TestBridge
let owlcms: PahoOwlcms
let box: Device

/** The box here asks and presses faster than any official. */
const startBridge = (port: string): Promise<TestBridge> =>
  startTestBridge(
    {
      ...{ BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: port },
      ...{ OWLCMS_MQTTUSERNAME: login.username, OWLCMS_MQTTPASSWORD: login.password },
    },
    { limits: { messagesPerSecond: 1_000, messageBurst: 100_000 } },
  )

const connectBox = (): Promise<Device> =>
  connectDevice(`ws://127.0.0.1:${bridge.port}/mqtt`, {
    ...{ ...login, protocolVersion: 5, subscribe: 'owlcms/#' },
  })

describeIf(pahoJava.needs)('owlcms’s own client, with the bridge as its broker', () => {
  beforeEach(async () => {
    bridge = await startBridge('0')
    cleanup.add(async () => {
      await bridge.stop()
    })
    owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${bridge.owlcmsPort!}`, 'A', login)
    cleanup.add(() => owlcms.kill())
    box = await connectBox()
    cleanup.add(() => box.stop())
    // A moment of deafness after the lamps (R11) may be left.
    await until(() => votes('1 good'))
  }, 60_000)
  afterEach(() => cleanup.run())

  /** Whether a vote is acknowledged. */
  const votes = (payload: string): Promise<boolean> =>
    box.press(press, payload).then(
      () => true,
      () => false,
    )
  const took = (payload: string): boolean => owlcms.lines.all.includes(`took ${press} ${payload}`)

  it('takes a press at once, and its echo comes back', async ({ task }) => {
    const delays: number[] = []
    for (let turn = 0; turn < 100; turn += 1) {
      const payload = `${(turn % 5) + 1} ${turn % 2 === 0 ? 'good' : 'bad'}`
      const before = box.heard.filter((line) => line === `${echo} ${payload}`).length
      const began = performance.now()
      expect(await votes(payload)).toBe(true)
      await until(() => box.heard.filter((line) => line === `${echo} ${payload}`).length > before)
      delays.push(performance.now() - began)
    }
    const median = delays.toSorted((a, b) => a - b)[50]!
    task.meta.tested = `Paho Java ${owlcms.version} as owlcms; press to echo ${median.toFixed(1)} ms (median)`
    expect(owlcms.lines.all.filter((line) => line.startsWith('took ')).length).toBeGreaterThanOrEqual(100)
  })

  it('is missed as soon as its process ends, and taken in again as soon as it listens', async ({ task }) => {
    await owlcms.kill()
    await until(async () => !(await votes('2 good')))
    owlcms = await startPahoOwlcms(`tcp://127.0.0.1:${bridge.owlcmsPort!}`, 'A', login)
    const listening = performance.now()
    await until(() => votes('3 good'))
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
    box = await connectBox()
    await until(() => votes('4 bad'))
    const ms = Math.round(performance.now() - back)
    task.meta.tested = `Paho Java ${owlcms.version} as owlcms; first press ${ms} ms after the bridge is back`
    await until(() => took('4 bad'))
    expect(ms).toBeLessThan(10_000)
  })
})
