import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LinkPlaceView } from '../../src/http/api/access-view.ts'
import { loadConfig } from '../../src/config/config.ts'
import { runCheck } from '../../src/doctor/check.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { eventually } from '../support/eventually.ts'
import { laterThanAll } from '../support/later.ts'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

/**
 * The bridge is the broker: owlcms connects to it by a port of its own, or in the hall by the one that the boxes use. Each test has
 * its own bridge, and mostly waits for an owlcms that starts, so they run beside each other.
 */

const later = laterThanAll()

const credentials = { username: 'competition', password: 'planted-Secret-8472' }
const anonymous = { username: '', password: '' }

async function ownBroker(settings: Readonly<Record<string, string>> = {}): Promise<TestBridge> {
  const bridge = await startTestBridge({
    BRIDGE_BROKER: 'own',
    BRIDGE_BROKER_PORT: '0',
    OWLCMS_MQTTUSERNAME: credentials.username,
    OWLCMS_MQTTPASSWORD: credentials.password,
    ...settings,
  })
  await eventually(() => expect(bridge.ready).toBe(true))
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
  owlcms.fieldOfPlay('A').loadSession(new FixedOrder([jane, zoe, { ...zoe, attemptNumber: 2 }, jane]))
  owlcms.fieldOfPlay('A').startLifting()
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
  await eventually(() => expect(box.heard.join('\n')).toContain('owlcms/fop/start/A'))
  expect(owlcms.fieldOfPlay('A')).toBeDefined()
}

describe.concurrent('a bridge that is the broker itself', () => {
  it('passes a press to owlcms and its echo to everybody, without any other broker', async () => {
    const bridge = await ownBroker()
    const owlcms = await owlcmsOn(bridge)
    const box = await device(bridge)
    await attempt(owlcms, box)
    await box.press('owlcms/refbox/decision/A', '2 good')
    await eventually(() => expect(box.heard).toContain('owlcms/fop/decision/A 2 good'))
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
    await eventually(() => expect(box.heard).toContain('owlcms/fop/startup/A on'))
    await expect(box.press('owlcms/refbox/decision/A', '1 good')).rejects.toThrow(/Implementation specific/)
    await second.ready
    second.fieldOfPlay('A').loadSession(new FixedOrder([jane, zoe]))
    second.fieldOfPlay('A').startLifting()
    await attempt(second, box)
    await box.press('owlcms/refbox/decision/A', '1 good')
    await eventually(() => expect(box.heard).toContain('owlcms/fop/decision/A 1 good'))
  })
})

describe.concurrent('the pages of a bridge that is the broker itself', () => {
  const status = async ({ url }: TestBridge): Promise<string> => (await fetch(`${url}/?lang=en`)).text()

  /** As a page asks; who asks more often from one address is refused. */
  const slowly = { interval: 250 }

  it('say so, and miss an owlcms that is not connected', async () => {
    const bridge = await ownBroker()
    expect(await status(bridge)).toContain('The bridge is the broker itself')
    await eventually(async () => {
      expect(await status(bridge)).toContain('owlcms is not connected to this bridge.')
      expect((await fetch(`${bridge.url}/readyz`)).status).toBe(503)
    }, slowly)
    const owlcms = await owlcmsOn(bridge)
    await eventually(async () => {
      expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200)
    }, slowly)
    // Gone again: the platform shows it at once, before anybody was asked.
    await owlcms.stop()
    await eventually(
      async () => expect(await status(bridge)).toContain('Decisions from A do not get through'),
      slowly,
    )
  })

  it('show that two owlcms are connected', async () => {
    const bridge = await ownBroker()
    await owlcmsOn(bridge)
    expect(await status(bridge)).not.toContain('Two different owlcms')
    await owlcmsOn(bridge)
    expect(await status(bridge)).toContain('Two different owlcms answer on this broker.')
  })
})

describe.concurrent('a network between owlcms and its bridge that stands still', () => {
  it('never delivers a press late: the line is cut, and what waited in it is gone', async () => {
    const bridge = await ownBroker()
    const proxy = later(await startTcpProxy(bridge.owlcmsPort!))
    const taken: string[] = []
    const owlcms = later(
      await connectDevice(plain(proxy.port), {
        ...{ ...credentials, clientId: 'A_owlcms_17', subscribe: 'owlcms/refbox/decision/A' },
      }),
    )
    owlcms.client.on('message', (topic) => taken.push(topic))
    owlcms.client.publish('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"69.0.0"}')
    const box = await device(bridge)
    await box.press('owlcms/refbox/decision/A', '1 good')
    await eventually(() => expect(taken).toHaveLength(1))
    // Bytes wait in the line, as in a network that stands still.
    for (const socket of proxy.sockets) socket.pause()
    // Its connection takes the bytes, so nobody can tell yet.
    await box.press('owlcms/refbox/decision/A', '2 good')
    await eventually(() => expect(bridge.logLines.join('\n')).toContain('its line was cut'))
    // By a reset, which tells even who doesn't read.
    await eventually(() => expect(owlcms.client.connected).toBe(false))
    for (const socket of proxy.sockets) socket.resume()
    await owlcms.stop()
    expect(taken).toHaveLength(1)
  })
})

describe.concurrent('a hall without any account', () => {
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
    await eventually(() => expect(box.heard).toContain('owlcms/fop/decision/A 3 bad'))
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

/** The organiser declares all links void. */
async function revokeAll({ url }: TestBridge, status = 204): Promise<void> {
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify(body),
    })
  const login = await post('/login', { password: credentials.password })
  const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
  expect((await post('/seats/revoke', { what: 'all' }, { cookie })).status).toBe(status)
}

describe.concurrent('the check of a bridge that is the broker itself', () => {
  const check = async (settings: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const loaded = loadConfig({ HOST: '127.0.0.1', ...settings }, [])
    const { findings } = await runCheck(loaded, { clock: systemClock, random: Math.random })
    return findings.flatMap(({ result, code, step }) =>
      result === 'fail' || result === 'warn' ? [`${step} ${code ?? ''}`] : [],
    )
  }
  const own = {
    ...{ BRIDGE_BROKER: 'own', BRIDGE_ADMIN_PASSWORD: 'x' },
    ...{ OWLCMS_MQTTUSERNAME: credentials.username, OWLCMS_MQTTPASSWORD: credentials.password },
  }

  it('goes the whole way to owlcms, and misses whoever is missing', async () => {
    const bridge = await ownBroker()
    const settings = { ...own, BRIDGE_BROKER_PORT: String(bridge.owlcmsPort!) }
    expect(await check(settings)).toEqual(['owlcms owlcmsNotHere'])
    const owlcms = await owlcmsOn(bridge)
    expect(await check(settings)).toEqual([])
    expect(await check({ ...settings, OWLCMS_MQTTPASSWORD: 'wrong' })).toEqual(['connect badCredentials'])
    await owlcms.stop()
    await bridge.stop()
    expect(await check(settings)).toEqual(['tcp bridgeNotRunning'])
  })

  it('gets in by the hall’s port with owlcms’s pair, and is no second owlcms', async () => {
    const bridge = await hall({
      ...{ OWLCMS_MQTTUSERNAME: credentials.username, OWLCMS_MQTTPASSWORD: credentials.password },
      ...{ BRIDGE_VENUE_USERNAME: 'hall', BRIDGE_VENUE_PASSWORD: 'boxes' },
    })
    await owlcmsOn(bridge)
    const settings = { ...own, BRIDGE_VENUE_PORT: String(bridge.venuePort!) }
    expect(await check(settings)).toEqual([])
  })
})

describe.concurrent('over a restart of the bridge', () => {
  it.for([
    ['with a folder for its files what was revoked stays so', true],
    ['without one it tells that this holds until the restart only', false],
  ] as const)('%s', async ([, hasFolder], { onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-kept-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const settings = {
      BRIDGE_SECRET: 'a-secret-for-both-starts',
      ...(hasFolder ? { BRIDGE_JOURNAL_DIR: folder } : {}),
    }
    const first = await ownBroker(settings)
    const token = await first.issue({ platform: 'A', role: 'referee', number: 2 } as LinkPlaceView, 1)
    // A line that a busy machine lets go says nothing about the token.
    const enter = (bridge: TestBridge): Promise<string> =>
      eventually(() =>
        connectDevice(webSocket(bridge), { username: 'x', password: token }).then(
          async (link) => {
            await link.stop()
            return 'let in'
          },
          (error: unknown) => {
            if (!/bad user ?name/i.test(String(error))) throw error
            return 'refused'
          },
        ),
      )
    expect(await enter(first)).toBe('let in')
    await revokeAll(first, hasFolder ? 204 : 409)
    expect(await enter(first)).toBe('refused')
    const warned = (): boolean => first.logLines.join('\n').includes('until the next restart only')
    if (!hasFolder) await eventually(() => expect(warned()).toBe(true))
    await first.stop()
    const second = await ownBroker(settings)
    expect(await enter(second)).toBe(hasFolder ? 'refused' : 'let in')
    expect(warned()).toBe(!hasFolder)
  })
})
