import { once } from 'node:events'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { eventually } from '../support/eventually.ts'

/** Attack: a page that somebody in the hall reads presses through their browser, where no password is asked for (R12). */
describeIf(requirement('mosquitto'))('with a broker open to anybody', () => {
  let broker: Mosquitto
  let bridge: TestBridge

  const start = (settings: Record<string, string>): Promise<TestBridge> =>
    startTestBridge({
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      BRIDGE_ALLOW_ANONYMOUS: 'true',
      ...settings,
    })

  beforeAll(async () => {
    broker = await startMosquitto({ transport: 'tcp' })
    bridge = await start({ BRIDGE_PUBLIC_URL: 'https://hall.example' })
    await eventually(() => expect(bridge.ready).toBe(true))
  })
  afterAll(async () => {
    await bridge.stop()
    await broker.stop()
  })

  /** Resolves with what the handshake is answered. */
  async function answer(path: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}${path}`, path === '/mqtt' ? ['mqtt'] : [], {
      headers,
    })
    socket.on('error', () => undefined)
    const [, response] = (await Promise.race([
      once(socket, 'upgrade').then(([given]: unknown[]) => [socket, given]),
      once(socket, 'unexpected-response'),
    ])) as [unknown, { readonly statusCode: number }]
    socket.terminate()
    return response.statusCode
  }

  const host = 'my-bridge.fly.dev'
  it.each<[string, Record<string, string>, number]>([
    ['a device, which sends no origin', {}, 101],
    ['a page of the bridge', { host: 'my-bridge.fly.dev', origin: `https://${host}` }, 101],
    ['a page at the address in the settings', { origin: 'https://hall.example' }, 101],
    ['a Java client with its target as origin', { host: `${host}:443`, origin: `https://${host}` }, 101],
    ['one that names the port', { host, origin: `https://${host}:443` }, 101],
    ['one that says http', { host, origin: `http://${host}` }, 101],
    ['one that says http and names the port', { host, origin: `http://${host}:443` }, 101],
    ['another site', { host, origin: 'https://evil.example' }, 403],
    ['a site that begins alike', { host, origin: `https://${host}.evil.example` }, 403],
    ['another port of this machine', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:3000' }, 403],
    ['a page in a file or a frame', { host, origin: 'null' }, 403],
  ])('%s is let in on /mqtt and /ws, or on neither', async (_, headers, status) => {
    expect([await answer('/mqtt', headers), await answer('/ws', headers)]).toEqual([status, status])
  })

  it('another site’s press never reaches the broker, an official’s does', async () => {
    const listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`)
    await listener.subscribeAsync('owlcms/refbox/#')
    const first = new Promise<string>((resolve) => {
      listener.on('message', (_topic, payload) => resolve(payload.toString()))
    })
    const press = async (payload: string, origin?: string): Promise<void> => {
      const client = mqtt.connect(`ws://127.0.0.1:${bridge.port}/mqtt`, {
        ...(origin === undefined ? {} : { wsOptions: { headers: { origin } } }),
        reconnectPeriod: 0,
      })
      client.on('error', () => undefined)
      client.on('connect', () => client.publish('owlcms/refbox/decision/A', payload, { qos: 1 }))
      const refused = new Promise((resolve) => client.once('close', () => resolve(undefined)))
      await Promise.race([refused, first])
      await client.endAsync(true)
    }
    await press('1 bad', 'https://evil.example')
    await press('2 good')
    expect(await first).toBe('2 good')
    await listener.endAsync()
  })

  it.each([
    ['of a proxy that is trusted, counts: who guesses shuts out no other', 'loopback', 401],
    ['of anybody else, is ignored: it buys no new guesses', '192.0.2.0/24', 429],
  ])('X-Forwarded-For %s', async (_, trusted, expected) => {
    const own = await start({ BRIDGE_TRUSTED_PROXY: trusted, BRIDGE_ADMIN_PASSWORD: 'right' })
    const guess = async (forwarded: string): Promise<number> => {
      const { status } = await fetch(`${own.url}/api/login`, {
        method: 'POST',
        headers: { origin: own.url, 'content-type': 'application/json', 'x-forwarded-for': forwarded },
        body: JSON.stringify({ password: 'wrong' }),
      })
      return status
    }
    try {
      for (let at = 1; at <= 10; at += 1) expect(await guess(`192.0.2.${at}, 203.0.113.1`)).toBe(401)
      // From here on a guess waits for its turn, and not for many others'.
      const guesses = Array.from({ length: 8 }, (_, at) => guess(`192.0.2.${at}, 203.0.113.1`))
      const statuses = await Promise.all([...guesses, guess('203.0.113.2')])
      expect([statuses.slice(0, -1).includes(429), statuses.at(-1)]).toEqual([true, expected])
    } finally {
      await own.stop()
    }
  })
})
