import { afterEach, describe, expect, it } from 'vitest'
import { connectAsync } from 'mqtt'
import { runDemo, type Demo, type DemoBridgeSettings } from '../../src/demo/demo.ts'
import { systemClock } from '../../src/support/clock.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { silentLog as log } from '../support/silent-log.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Started {
  readonly demo: Demo
  readonly settings: DemoBridgeSettings
  readonly bridge: TestBridge
  readonly stops: string[]
}

async function start(stopBridge: () => Promise<void> = async () => undefined): Promise<Started> {
  const got: DemoBridgeSettings[] = []
  const bridges: TestBridge[] = []
  const stops: string[] = []
  const demo = await runDemo({
    random: () => 0.5,
    clock: systemClock,
    log,
    startBridge: async (settings) => {
      got.push(settings)
      const bridge = await startTestBridge({
        ...{ BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '0' },
        ...{ OWLCMS_MQTTUSERNAME: settings.username, OWLCMS_MQTTPASSWORD: settings.password },
      })
      bridges.push(bridge)
      cleanups.push(async () => {
        await bridge.stop()
      })
      return {
        port: 4321,
        owlcmsPort: bridge.owlcmsPort!,
        stop: async () => {
          stops.push('bridge')
          await stopBridge()
        },
      }
    },
  })
  cleanups.push(() => demo.stop())
  return { demo, settings: got[0]!, bridge: bridges[0]!, stops }
}

describe('the demo', () => {
  it('tells what to open, how to connect a device, and how to stop; no address is longer than a line', async () => {
    const { demo, settings } = await start()
    expect(demo.url).toBe('http://localhost:4321/demo')
    expect(demo.lines).toEqual([
      'The demo is running: a simulated owlcms with platforms A and B, and the bridge, which is its broker.',
      '',
      '  Open               http://localhost:4321/demo',
      '',
      'On that page you are the referees of platform B. Platform A plays by itself. Also:',
      '',
      '  Public page        http://localhost:4321/',
      '  Stage display      http://localhost:4321/view/A',
      `  Organiser          http://localhost:4321/console   password ${settings.password}`,
      `  Connect a device   ws://localhost:4321/mqtt   user demo   password ${settings.password}`,
      '  Stop               Ctrl-C',
    ])
    expect(settings).toEqual({
      username: 'demo',
      password: expect.stringMatching(/^[a-z2-9]{12}$/) as string,
      port: 0,
      demoPlatform: 'B',
    })
  })

  it('starts owlcms on platform A, and ends even if the bridge does not', async () => {
    const { demo, settings, bridge, stops } = await start(() => new Promise(() => undefined))
    const { username, password } = settings
    const client = await connectAsync(`mqtt://127.0.0.1:${bridge.owlcmsPort!}`, {
      username,
      password,
      reconnectPeriod: 0,
    })
    cleanups.push(() => client.endAsync(true))
    const heard = new Promise<string>((resolve) => client.on('message', (topic) => resolve(topic)))
    await client.subscribeAsync('owlcms/fop/#')
    expect(await heard).toMatch(/^owlcms\/fop\/startup\/A$/)
    await demo.stop()
    expect(stops).toEqual(['bridge'])
  })

  it('passes the error on of a bridge that does not start', async () => {
    const failing = runDemo({
      random: () => 0.5,
      clock: systemClock,
      log,
      startBridge: () => Promise.reject(new Error('port in use')),
    })
    await expect(failing).rejects.toThrow('port in use')
  })
})
