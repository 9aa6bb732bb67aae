import { afterEach, describe, expect, it, vi } from 'vitest'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'

/**
 * The bridge is the broker: owlcms connects to it by a port of its own, or in the hall by the one that the boxes use.
 */

const credentials = { username: 'competition', password: 'planted-Secret-8472' }
const patience = { timeout: 15_000, interval: 10 }
const anonymous = { username: '', password: '' }

const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function later<T extends { stop(): Promise<unknown> }>(thing: T): T {
  cleanUps.push(() => thing.stop())
  return thing
}

async function ownBroker(settings: Readonly<Record<string, string>> = {}): Promise<TestBridge> {
  const bridge = await startTestBridge({
    BRIDGE_BROKER: 'own',
    BRIDGE_BROKER_PORT: '0',
    OWLCMS_MQTTUSERNAME: credentials.username,
    OWLCMS_MQTTPASSWORD: credentials.password,
    ...settings,
  })
  await vi.waitFor(() => expect(bridge.ready).toBe(true), patience)
  return later(bridge)
}

/** A hall without any account: devices and owlcms come by one port. */
const hall = (settings: Readonly<Record<string, string>> = {}): Promise<TestBridge> =>
  startTestBridge({
    ...{ BRIDGE_BROKER: 'own', BRIDGE_ALLOW_ANONYMOUS: 'true', BRIDGE_VENUE_PORT: '0' },
    ...settings,
  }).then(later)

async function owlcmsOn(
  bridge: TestBridge,
  { login = credentials, ...options }: { login?: Partial<typeof credentials>; version?: string } = {},
): Promise<SimulatedOwlcms> {
  const owlcms = later(
    startSimulatedOwlcms({
      ...{ address: { transport: 'tcp', host: '127.0.0.1', port: bridge.owlcmsPort! }, ...login },
      ...{ platforms: ['A'], clock: systemClock, log: silentLog, ...options },
    }),
  )
  await owlcms.ready
  owlcms.console('A').loadSession(new FixedOrder([jane, zoe, { ...zoe, attemptNumber: 2 }, jane]))
  owlcms.console('A').startLifting()
  return owlcms
}

const webSocket = (bridge: TestBridge): string => `ws://127.0.0.1:${bridge.port}/mqtt`
const plain = (port: number | undefined): string => `mqtt://127.0.0.1:${port!}`

async function device(
  bridge: TestBridge,
  options: Partial<Parameters<typeof connectDevice>[1]> = {},
): Promise<Device> {
  return later(
    await connectDevice(webSocket(bridge), {
      ...credentials,
      subscribe: 'owlcms/#',
      protocolVersion: 5,
      ...options,
    }),
  )
}

/** The clock runs for the athlete on the platform. */
async function attempt(owlcms: SimulatedOwlcms, box: Device): Promise<void> {
  await box.press('owlcms/clock/A', 'start')
  await vi.waitFor(() => expect(box.heard.join('\n')).toContain('owlcms/fop/start/A'), patience)
  expect(owlcms.fieldOfPlay('A')).toBeDefined()
}

describe('a bridge that is the broker itself', () => {
  it('passes a press to owlcms and its echo to everybody, without any other broker', async () => {
    const bridge = await ownBroker()
    const owlcms = await owlcmsOn(bridge)
    const box = await device(bridge)
    await attempt(owlcms, box)
    await box.press('owlcms/refbox/decision/A', '2 good')
    await vi.waitFor(() => expect(box.heard).toContain('owlcms/fop/decision/A 2 good'), patience)
    // Once, in one order: the press, then owlcms's word.
    expect(box.heard.filter((line) => line.includes('decision/A 2 good'))).toEqual([
      'owlcms/refbox/decision/A 2 good',
      'owlcms/fop/decision/A 2 good',
    ])
  })

  it('refuses a press at once while owlcms is not there, and nobody hears it', async () => {
    const bridge = await ownBroker()
    const box = await device(bridge)
    await expect(box.press('owlcms/refbox/decision/A', '2 good')).rejects.toThrow(/Implementation specific/)
    const owlcms = await owlcmsOn(bridge)
    await attempt(owlcms, box)
    expect(box.heard.filter((line) => line.includes('refbox'))).toEqual([])
  })

  it('lets nobody but owlcms speak on its topics', async () => {
    const bridge = await ownBroker()
    const box = await device(bridge)
    await expect(box.press('owlcms/fop/down/A', '')).rejects.toThrow(/not authorized/i)
    await expect(
      connectDevice(plain(bridge.owlcmsPort), { ...credentials, password: 'wrong', clientId: 'A_owlcms_17' }),
    ).rejects.toThrow(/bad user ?name/i)
    await expect(
      connectDevice(plain(bridge.owlcmsPort), { ...anonymous, clientId: 'A_owlcms_17' }),
    ).rejects.toThrow(/bad user ?name/i)
  })

  it('refuses presses of a restarted owlcms until it listens, and takes them then', async () => {
    const bridge = await ownBroker()
    const first = await owlcmsOn(bridge)
    const box = await device(bridge)
    await first.stop()
    await expect(box.press('owlcms/refbox/decision/A', '1 good')).rejects.toThrow(/Implementation specific/)
    const second = later(
      startSimulatedOwlcms({
        ...{ address: { transport: 'tcp', host: '127.0.0.1', port: bridge.owlcmsPort! }, ...credentials },
        ...{ platforms: ['A'], clock: systemClock, log: silentLog },
      } as const),
    )
    await vi.waitFor(() => expect(box.heard).toContain('owlcms/fop/startup/A on'), patience)
    await expect(box.press('owlcms/refbox/decision/A', '1 good')).rejects.toThrow(/Implementation specific/)
    await second.ready
    second.console('A').loadSession(new FixedOrder([jane, zoe]))
    second.console('A').startLifting()
    await attempt(second, box)
    await box.press('owlcms/refbox/decision/A', '1 good')
    await vi.waitFor(() => expect(box.heard).toContain('owlcms/fop/decision/A 1 good'), patience)
  })
})

describe('a hall without any account', () => {
  it('takes owlcms and boxes by one port: owlcms is told by its client ID', async () => {
    const bridge = await hall()
    const owlcms = await owlcmsOn(bridge, { login: anonymous })
    const box = later(
      await connectDevice(plain(bridge.venuePort), {
        ...anonymous,
        clientId: 'owlcms-7',
        subscribe: 'owlcms/#',
      }),
    )
    await attempt(owlcms, box)
    await box.press('owlcms/decision/A', '3 bad')
    await vi.waitFor(() => expect(box.heard).toContain('owlcms/fop/decision/A 3 bad'), patience)
  })

  it('knows an owlcms of before 61 as well, and lets no box speak on its topics', async () => {
    const bridge = await hall()
    await owlcmsOn(bridge, { login: anonymous, version: '54.2.0' })
    const firmata = later(
      await connectDevice(plain(bridge.venuePort), {
        ...{ ...anonymous, clientId: 'A_f_1700000000000', protocolVersion: 5, subscribe: 'owlcms/#' },
      }),
    )
    await expect(firmata.press('owlcms/fop/down/A', '')).rejects.toThrow(/not authorized/i)
  })

  it('asks owlcms for its password once there is one, and boxes for none', async () => {
    const bridge = await hall({
      OWLCMS_MQTTUSERNAME: credentials.username,
      OWLCMS_MQTTPASSWORD: credentials.password,
    })
    await expect(
      connectDevice(plain(bridge.venuePort), { ...anonymous, clientId: 'A_owlcms_17' }),
    ).rejects.toThrow(/bad user ?name/i)
    const owlcms = await owlcmsOn(bridge)
    const box = later(
      await connectDevice(plain(bridge.venuePort), {
        ...anonymous,
        clientId: 'owlcms-7',
        subscribe: 'owlcms/#',
      }),
    )
    await attempt(owlcms, box)
  })
})
