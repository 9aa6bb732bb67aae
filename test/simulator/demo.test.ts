import { afterEach, describe, expect, it } from 'vitest'
import { connectAsync } from 'mqtt'
import { runDemo, type Demo, type DemoBridgeSettings } from '../../src/demo/demo.ts'
import { systemClock } from '../../src/support/clock.ts'
import { log, startBroker } from './brokers.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Started {
  readonly demo: Demo
  readonly settings: DemoBridgeSettings
  readonly stops: string[]
}

async function start(stopBridge: () => Promise<void> = async () => undefined): Promise<Started> {
  const got: DemoBridgeSettings[] = []
  const stops: string[] = []
  const demo = await runDemo({
    random: () => 0.5,
    clock: systemClock,
    log,
    startBridge: async (settings) => {
      got.push(settings)
      return {
        port: 4321,
        issueSeat: (platform, referee) => Promise.resolve(`token-${platform}-${referee}`),
        stop: async () => {
          stops.push('bridge')
          await stopBridge()
        },
      }
    },
  })
  cleanups.push(() => demo.stop())
  return { demo, settings: got[0]!, stops }
}

describe('the demo', () => {
  it('tells what to open, how to connect a device, how to press oneself, and how to stop', async () => {
    const { demo, settings } = await start()
    expect(demo.url).toBe('http://localhost:4321/')
    expect(demo.lines).toEqual([
      'The demo runs: a broker, a simulated owlcms on platforms A and B, and the bridge.',
      '',
      '  Open               http://localhost:4321/',
      `  Organiser          http://localhost:4321/console   password ${settings.password}`,
      '  Stage display      http://localhost:4321/view/A',
      `  Connect a device   ws://localhost:4321/mqtt   user demo   password ${settings.password}`,
      '  Stop               Ctrl-C',
      '',
      'Platform A plays by itself. On platform B you are the referees; open each keypad in a window of its own:',
      '',
      '  Referee 1          http://localhost:4321/seat#token-B-1',
      '  Referee 2          http://localhost:4321/seat#token-B-2',
      '  Referee 3          http://localhost:4321/seat#token-B-3',
    ])
    expect(settings).toEqual({
      brokerPort: expect.any(Number) as number,
      username: 'demo',
      password: expect.stringMatching(/^[a-z2-9]{12}$/) as string,
      port: 0,
    })
  })

  it('starts owlcms on platform A, and ends even if the bridge does not', async () => {
    const { demo, settings, stops } = await start(() => new Promise(() => undefined))
    const { username, password } = settings
    const client = await connectAsync(`mqtt://127.0.0.1:${settings.brokerPort}`, {
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
    await expect(
      connectAsync(`mqtt://127.0.0.1:${settings.brokerPort}`, { reconnectPeriod: 0 }),
    ).rejects.toThrow()
  })

  it('stops the broker when the bridge does not start, and passes the error on', async () => {
    let port = 0
    const failing = runDemo({
      random: () => 0.5,
      clock: systemClock,
      log,
      startBridge: async (settings) => {
        port = settings.brokerPort
        throw new Error('port in use')
      },
    })
    await expect(failing).rejects.toThrow('port in use')
    await expect(connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })).rejects.toThrow()
  })
})

describe('the demo broker', () => {
  it.each([
    ['wrong password', { username: 'demo', password: 'test-pass-worm' }],
    ['wrong user name', { username: 'demi', password: 'test-pass-word' }],
    ['no credentials', {}],
  ])('refuses a client with %s', async (_name, given) => {
    const broker = await startBroker()
    cleanups.push(() => broker.stop())
    const connecting = connectAsync(
      `mqtt://127.0.0.1:${broker.port}`,
      { ...given, reconnectPeriod: 0 },
      false,
    )
    await expect(connecting).rejects.toMatchObject({
      code: expect.toSatisfy((c) => c === 4 || c === 134) as number,
    })
  })
})
