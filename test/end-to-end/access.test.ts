import { once } from 'node:events'
import { request } from 'node:http'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type {
  LinksAnswer,
  LinksRequest,
  Overview,
  SeatLink,
  StreamTokenAnswer,
} from '../../src/protocol/contract/console-api.ts'
import { deviceId } from '../../src/hub/people/device-id.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { connectDevice, startTestBridge, type Device, type TestBridge } from '../support/running-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const username = 'hall'
const password = 'planted-Secret-8472'
const A = 'Bühne A' as Platform

describeIf(requirement('mosquitto'))('with a real broker', () => {
  let broker: Mosquitto
  beforeEach(async () => {
    broker = await startMosquitto({
      transport: 'tcp',
      users: { [username]: password },
      acl: [`user ${username}`, 'topic readwrite owlcms/#'],
    })
    later(broker)
  })

  async function bridge(settings: Record<string, string> = {}): Promise<TestBridge> {
    const started = later(
      await startTestBridge({
        OWLCMS_MQTTSERVER: '127.0.0.1',
        OWLCMS_MQTTPORT: String(broker.port),
        OWLCMS_MQTTUSERNAME: username,
        OWLCMS_MQTTPASSWORD: password,
        ...settings,
      }),
    )
    await eventually(() => expect(started.ready).toBe(true))
    return started
  }

  /** The organiser's browser, signed in. */
  async function console(at: Pick<TestBridge, 'url'>) {
    const headers = { origin: at.url, 'content-type': 'application/json' }
    const post = (path: string, body: object, more = {}): Promise<Response> =>
      fetch(`${at.url}/api${path}`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify(body),
      })
    const login = await post('/login', { password })
    const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
    return {
      get: (path: string, more = {}) => fetch(`${at.url}${path}`, { headers: { cookie, ...more } }),
      post: async (path: string, body: object) =>
        expect(await (await post(path, body, { cookie })).text()).toBe(''),
      links: async (...seats: LinksRequest['seats']) => {
        const answer = await post('/seats/links', { seats, days: 1 } satisfies LinksRequest, { cookie })
        return ((await answer.json()) as LinksAnswer).links
      },
      overview: async () =>
        (await (await fetch(`${at.url}/api/overview`, { headers: { cookie } })).json()) as Overview,
      streamToken: async () => {
        const answer = await fetch(`${at.url}/api/stream-token`, { headers: { cookie } })
        return ((await answer.json()) as StreamTokenAnswer).token
      },
    }
  }

  const tokenOf = ({ url }: SeatLink): string => url.split('#')[1]!
  const decision = `owlcms/refbox/decision/${A}`
  const referee = (number: number) => ({ platform: A, role: 'referee', number }) as const

  async function box(
    at: TestBridge,
    token: string,
    options: { clientId?: string; protocolVersion?: 4 | 5; subscribe?: string } = {},
  ): Promise<Device> {
    const device = await connectDevice(`ws://127.0.0.1:${at.port}/mqtt`, {
      ...{ username: 'anything', password: token, protocolVersion: 5 as const },
      ...options,
    })
    later(device)
    return device
  }

  /** Whoever sits at the broker itself, hearing all that gets through. */
  async function outside(): Promise<Device> {
    const url = `mqtt://127.0.0.1:${broker.port}`
    const device = await connectDevice(url, { username, password, subscribe: 'owlcms/#' })
    later(device)
    return device
  }

  interface Phone {
    readonly heard: { readonly type: string; readonly [key: string]: unknown }[]
    readonly closed: Promise<number>
    until(type: string): Promise<{ readonly [key: string]: unknown }>
    send(message: object): void
  }

  function phone(at: TestBridge, token: string | undefined, client = 'phone'): Phone {
    const socket = new WebSocket(`ws://127.0.0.1:${at.port}/ws`)
    onTestFinished(() => socket.terminate())
    const heard: Phone['heard'] = []
    const send = (message: object): void => socket.send(JSON.stringify(message))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Phone['heard'][number]
      heard.push(message)
      if (message.type === 'hello') send({ type: 'start', schema: 1, client, ...(token && { token }) })
    })
    const closed = once(socket, 'close').then(([code]) => code as number)
    const until = (type: string) =>
      eventually(() => {
        const found = heard.find((message) => message.type === type)
        if (found === undefined) throw new Error(`no ${type} yet`)
        return found
      })
    return { heard, closed, until, send }
  }

  it('the links’ key is made when the link to the broker is there; page, link and boxes don’t wait for it', async () => {
    const begun: string[] = []
    const at = await startTestBridge(
      {
        OWLCMS_MQTTSERVER: '127.0.0.1',
        OWLCMS_MQTTPORT: String(broker.port),
        OWLCMS_MQTTUSERNAME: username,
        OWLCMS_MQTTPASSWORD: password,
      },
      {
        deriveKey: async (_, salt) => {
          begun.push(salt)
          return new Promise<string>(() => undefined)
        },
      },
    )
    later(at)
    const status = async (path: string): Promise<number> => (await fetch(at.url + path)).status
    expect(begun).toEqual([])
    await eventually(() => expect(at.ready).toBe(true))
    expect(begun).toEqual([`owlcms-bridge links\0${username}`])
    expect(await Promise.all(['/livez', '/', '/status', '/readyz'].map(status))).toEqual([200, 200, 200, 200])
    const device = await connectDevice(`ws://127.0.0.1:${at.port}/mqtt`, { username, password })
    later(device)
    await device.press(decision, '1 good')
  })

  it('a link from the console lets an unmodified MQTT.js client press for its seat, and for no other', async () => {
    const at = await bridge()
    const organiser = await console(at)
    const [link] = await organiser.links(referee(2))
    const broadcast = await outside()
    const device = await box(at, tokenOf(link!), { subscribe: 'owlcms/#' })
    await device.press(decision, '2 good')
    await expect(device.press(decision, '1 good')).rejects.toThrow(/Not authorized/)
    await expect(device.press('owlcms/refbox/decision/B', '2 good')).rejects.toThrow(/Not authorized/)
    await expect(device.press('owlcms/jurybox/decision/A', 'good')).rejects.toThrow(/Not authorized/)
    await eventually(() => expect(broadcast.heard).toContain(`${decision} 2 good`))
    expect(
      broadcast.heard.filter((text) => text.startsWith('owlcms/refbox') || text.startsWith('owlcms/jury')),
    ).toEqual([`${decision} 2 good`])
    expect(device.heard).toEqual([])
    expect(at.logLines.join('')).not.toContain(tokenOf(link!))
  })

  it('a revoked link is cut off at once on both doors, stays out after a restart, and is out of a second bridge', async () => {
    const first = await bridge({ BRIDGE_NAME: 'north' })
    const second = await bridge({ BRIDGE_NAME: 'south' })
    const organiser = await console(first)
    const [gone, kept] = await organiser.links(referee(1), referee(3))
    const device = await box(first, tokenOf(gone!))
    const far = phone(second, tokenOf(gone!))
    const stays = phone(first, tokenOf(kept!))
    await Promise.all([far.until('seat'), stays.until('seat')])
    const farewell = new Promise<number>((resolve) =>
      device.client.once('disconnect', ({ reasonCode }) => resolve(reasonCode ?? 0)),
    )
    await organiser.post('/seats/revoke', { what: 'token', tokenId: gone!.tokenId })
    expect([await farewell, await far.closed]).toEqual([0x87, 4410])
    await device.stop()
    // Retained: who subscribes now gets it.
    const late = await outside()
    await eventually(() => {
      const topics = late.heard.filter((text) => text.includes('/revoked')).map((text) => text.split(' ')[0])
      expect(topics.sort()).toEqual(['owlcms/bridge/north/revoked', 'owlcms/bridge/south/revoked'])
    })

    await first.stop()
    const again = await bridge({ BRIDGE_NAME: 'north' })
    await expect(box(again, tokenOf(gone!))).rejects.toThrow(/Bad User Name or Password/)
    expect(await phone(again, tokenOf(gone!)).closed).toBe(4401)
    await phone(again, tokenOf(kept!), 'other').until('seat')
    expect(stays.heard.some(({ type }) => type === 'seat')).toBe(true)
  })

  it('the broker’s restart forgets nothing that a bridge still knows', async () => {
    const at = await bridge()
    const organiser = await console(at)
    const [link] = await organiser.links(referee(1))
    await organiser.post('/seats/revoke', { what: 'all' })
    // Not persistent: it comes back empty.
    await broker.kill()
    await broker.restart()
    await eventually(() => expect(at.ready).toBe(true))
    const late = await outside()
    await eventually(() => expect(late.heard.some((text) => text.includes('/revoked'))).toBe(true))
    expect(await phone(at, tokenOf(link!)).closed).toBe(4401)
  })

  it('a box and a phone on one seat: the phone waits, and has it when the organiser says so', async () => {
    const at = await bridge()
    const organiser = await console(at)
    const [link] = await organiser.links(referee(2))
    const owlcms = await outside()
    await owlcms.client.publishAsync('owlcms/fop/config', `{"version":"61","platforms":["${A}"]}`)
    const device = await box(at, tokenOf(link!), { clientId: 'box' })
    // The seat belongs to who presses.
    await device.press(`owlcms/refbox/decision/${A}`, '2 good')
    const second = phone(at, tokenOf(link!))
    expect(await second.until('seat')).toMatchObject({ state: 'waiting' })
    await second.until('snapshot')
    const press = (id: string): void =>
      second.send({
        ...{ type: 'press', id, platform: A },
        command: { kind: 'refereeDecision', referee: 2, value: 'bad' },
      })
    press('p1')
    expect(await second.until('error')).toMatchObject({ id: 'p1', reason: 'seatWaiting' })
    const farewell = new Promise((resolve) => device.client.once('disconnect', resolve))
    device.client.options.reconnectPeriod = 0
    await organiser.post('/seats/decide', {
      platform: A,
      seat: 'referee-2',
      keep: deviceId(`stream phone (referee 2 of ${A})`),
    })
    await farewell
    await eventually(() => {
      const states = second.heard.filter(({ type }) => type === 'seat').map(({ state }) => state)
      expect(states).toEqual(['waiting', 'held'])
    })
    press('p2')
    expect(await second.until('ack')).toMatchObject({ id: 'p2' })
    // The broker's word to the bridge may overtake the press itself.
    await eventually(() => expect(owlcms.heard).toContain(`${decision} 2 bad`))
  })

  it('the console’s stream is the administrator’s, and ends with signing out', async () => {
    const at = await bridge()
    const organiser = await console(at)
    const stream = phone(at, await organiser.streamToken())
    expect(await stream.until('started')).toMatchObject({ as: { kind: 'admin' }, audience: 'everything' })
    await organiser.post('/logout', {})
    expect(await stream.closed).toBe(4410)
  })

  it('where viewers need a link, nobody else looks on', async () => {
    const at = await bridge({ BRIDGE_VIEWERS: 'token' })
    const organiser = await console(at)
    const [link] = await organiser.links({ platform: A, role: 'viewer' })
    expect(await phone(at, undefined).closed).toBe(4401)
    expect(await phone(at, tokenOf(link!)).until('started')).toMatchObject({ as: { kind: 'viewer' } })
    const events = (token?: string): Promise<Response> =>
      fetch(`${at.url}/events?platform=${encodeURIComponent(A)}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      })
    expect((await events()).status).toBe(401)
    const open = await events(tokenOf(link!))
    expect(open.status).toBe(200)
    await organiser.post('/seats/revoke', { what: 'platform', platform: A })
    // Ends: otherwise this would wait for ever.
    await open.text()
    expect((await events(tokenOf(link!))).status).toBe(401)
  })

  it('in the hall a token counts too, and a bad one is refused though devices need none', async () => {
    const at = await bridge({ BRIDGE_VENUE_PORT: '0' })
    const organiser = await console(at)
    const [link] = await organiser.links(referee(1))
    const url = `mqtt://127.0.0.1:${at.venuePort}`
    const connect = async (given: string): Promise<Device> => {
      const device = await connectDevice(url, { username: 'x', password: given, protocolVersion: 5 })
      later(device)
      return device
    }
    const seated = await connect(tokenOf(link!))
    await expect(seated.press(decision, '2 good')).rejects.toThrow(/Not authorized/)
    await seated.press(decision, '1 good')
    await (await connect('whatever')).press(decision, '2 good')
    await expect(connect(`${tokenOf(link!)}x`)).rejects.toThrow(/Bad User Name or Password/)
  })

  it('a seat is one device’s on two bridges, moves with the organiser’s word, and is free when its bridge is gone', async () => {
    const cloud = await bridge({ BRIDGE_NAME: 'cloud' })
    const pi = await bridge({ BRIDGE_NAME: 'pi' })
    const owlcms = await outside()
    await owlcms.press('owlcms/fop/config', JSON.stringify({ platforms: [A], version: '69.0.0' }))
    const [link] = await (await console(cloud)).links(referee(2))
    const states = ({ heard }: Phone) => heard.filter(({ type }) => type === 'seat').map(({ state }) => state)
    const one = phone(cloud, tokenOf(link!), 'one')
    await eventually(() => expect(states(one).at(-1)).toBe('held'))
    const two = phone(pi, tokenOf(link!), 'two')
    await two.until('seat')
    // As long as both would take to agree, and longer.
    const presses = (): void => {
      const command = { kind: 'refereeDecision', referee: 2, value: 'bad' }
      for (const [index, each] of [one, two].entries()) {
        each.send({ type: 'press', id: `p${index}`, platform: A, fence: 0, command })
      }
    }
    presses()
    expect((await two.until('error'))['reason']).toBe('seatWaiting')
    expect((await one.until('error'))['reason']).not.toBe('seatWaiting')
    expect(states(two)).toEqual(['waiting'])

    const overview = async (at: TestBridge) => {
      const answer = await (await console(at)).overview()
      const devices = answer.platforms.flatMap(({ seats }) => seats.flatMap((seat) => seat.devices))
      return devices.map(({ name, way, bridge: at, waiting }) => ({ name, way, at, waiting }))
    }
    await eventually(async () => {
      expect(await overview(cloud)).toContainEqual({ name: 'two', way: 'bridge', at: 'pi', waiting: true })
      expect(await overview(pi)).toContainEqual({ name: 'one', way: 'bridge', at: 'cloud', waiting: false })
    })

    const shown = await (await console(cloud)).overview()
    const stays = shown.platforms
      .flatMap(({ seats }) => seats.flatMap((seat) => seat.devices))
      .find(({ name }) => name === 'two')!.id
    await (await console(cloud)).post('/seats/decide', { platform: A, seat: 'referee-2', keep: stays })
    expect(await one.closed).toBe(4423)
    await eventually(() => expect(states(two).at(-1)).toBe('held'))

    // What one console tells of a device, the other one tells, too.
    await eventually(async () => {
      const answer = await (await console(pi)).overview()
      const [seat] = answer.platforms.flatMap(({ seats }) => seats)
      const there = seat?.devices.find(({ name }) => name === 'one')
      expect(there).toMatchObject({ bridge: 'cloud', connected: false, presses: 1, dropped: 1 })
      expect(seat?.outcomes).toMatchObject({ tooLate: 1, refused: 1 })
    })

    const third = phone(cloud, tokenOf(link!), 'third')
    expect((await third.until('seat'))['state']).toBe('waiting')
    await pi.stop()
    await eventually(() => expect(states(third).at(-1)).toBe('held'))
  })

  it('a light check started at one bridge asks a phone at the other one, and is ended from either console', async () => {
    const cloud = await bridge({ BRIDGE_NAME: 'cloud' })
    const pi = await bridge({ BRIDGE_NAME: 'pi' })
    const owlcms = await outside()
    await owlcms.press('owlcms/fop/config', JSON.stringify({ platforms: [A], version: '69.0.0' }))
    await owlcms.press(`owlcms/fop/break/${A}`, 'FIRST_CJ')
    const [here, there] = [await console(cloud), await console(pi)]
    const [link] = await here.links(referee(1))
    const one = phone(pi, tokenOf(link!), 'one')
    await eventually(() => expect(one.heard.findLast(({ type }) => type === 'seat')?.['state']).toBe('held'))
    await here.post('/light-check', { platform: A, action: 'start' })
    expect(await one.until('drill')).toMatchObject({ on: true, ask: 'white' })
    one.send({
      ...{ type: 'press', id: 'p', platform: A },
      command: { kind: 'refereeDecision', referee: 1, value: 'good' },
    })
    expect(await one.until('ack')).toMatchObject({ outcome: 'drill' })
    const check = async (at: typeof here) => (await at.overview()).platforms[0]?.lightCheck
    await eventually(async () => {
      expect((await check(here))?.seats[0]).toMatchObject({ step: 'red', device: 'one', bridge: 'pi' })
      expect((await check(there))?.seats[0]).toMatchObject({ step: 'red', device: 'one' })
    })
    await there.post('/light-check', { platform: A, action: 'stop' })
    await eventually(async () => expect(await check(here)).toMatchObject({ state: 'done', ended: 'stopped' }))
    expect(owlcms.heard.filter((line) => line.startsWith(decision))).toEqual([])
  })

  it('one sign-in is good on all bridges behind a shared address, whichever a request reaches, and so is signing out', async () => {
    const [one, two] = [await bridge({ BRIDGE_NAME: 'one' }), await bridge({ BRIDGE_NAME: 'two' })]
    const shared = later(await startTcpProxy([one.port, two.port]))
    const url = `http://127.0.0.1:${shared.port}`
    const organiser = await console({ url })
    // Each request on a connection of its own, so that every other one goes to the other bridge.
    const answers = async (count: number) => {
      const asked: string[] = []
      for (let request = 0; request < count; request += 1) {
        const answer = await organiser.get('/api/overview', { connection: 'close' })
        asked.push(answer.ok ? ((await answer.json()) as Overview).name : String(answer.status))
      }
      return asked.sort()
    }
    expect(await answers(6)).toEqual(['one', 'one', 'one', 'two', 'two', 'two'])
    const token = await organiser.streamToken()
    for (const at of [one, two]) {
      expect(await phone(at, token).until('started')).toMatchObject({ as: { kind: 'admin' } })
    }
    await organiser.post('/logout', {})
    await eventually(async () => expect(await answers(4)).toEqual(['401', '401', '401', '401']))
  })

  it('a bridge in the hall that reaches the broker through the one in the cloud shares seats and revocations with it', async () => {
    const cloud = await bridge({ BRIDGE_NAME: 'cloud' })
    const pi = await bridge({
      BRIDGE_NAME: 'pi',
      OWLCMS_MQTTSERVER: `ws://127.0.0.1:${cloud.port}/mqtt`,
      OWLCMS_MQTTPORT: String(cloud.port),
    })
    const links = await (await console(cloud)).links(referee(1), referee(2))
    const [first, second] = links.map(tokenOf)
    const states = ({ heard }: Phone) => heard.filter(({ type }) => type === 'seat').map(({ state }) => state)
    const one = phone(cloud, second, 'one')
    await eventually(() => expect(states(one).at(-1)).toBe('held'))
    const two = phone(pi, second, 'two')
    await two.until('seat')
    await eventually(async () => {
      const { platforms } = await (await console(pi)).overview()
      expect(
        platforms.flatMap(({ seats }) => seats.flatMap(({ devices }) => devices.map(({ name }) => name))),
      ).toContain('one')
    })
    expect(states(two)).not.toContain('held')

    const here = phone(pi, first, 'here')
    await eventually(() => expect(states(here).at(-1)).toBe('held'))
    const owlcms = await outside()
    await owlcms.press('owlcms/fop/config', JSON.stringify({ platforms: [A], version: '69.0.0' }))
    await here.until('snapshot')
    here.send({
      ...{ type: 'press', id: 'p', platform: A },
      command: { kind: 'refereeDecision', referee: 1, value: 'bad' },
    })
    await here.until('receipt')
    // Both bridges have seen it; it is one press of one device, on both consoles.
    for (const at of [cloud, pi]) {
      await eventually(async () => {
        const { platforms } = await (await console(at)).overview()
        const seat = platforms.flatMap(({ seats }) => seats).find((one) => one.seat === 'referee-1')
        expect(seat?.devices.map(({ name, presses }) => `${name} ${presses}`)).toEqual(['here 1'])
        expect(seat?.outcomes).toEqual({ notTaken: 1 })
      })
    }
    expect(owlcms.heard.filter((line) => line === `${decision} 1 bad`)).toHaveLength(1)

    const there = phone(cloud, first, 'there')
    await Promise.all([here.until('started'), there.until('started')])
    await (await console(pi)).post('/seats/revoke', { what: 'seat', seat: referee(1) })
    expect(await Promise.all([here.closed, there.closed])).toEqual([4410, 4410])
    // Kept at the broker, so that it holds after both have been restarted; and so is that the bridge has gone.
    const listener = await outside()
    await eventually(() =>
      expect(listener.heard.filter((line) => line.startsWith('owlcms/bridge/pi/revoked ')).join()).toContain(
        'referee-1',
      ),
    )
    await pi.stop()
    await eventually(async () => {
      const late = await outside()
      await eventually(() => expect(late.heard.join('\n')).toContain('owlcms/bridge/pi/state'))
      expect(late.heard.find((line) => line.startsWith('owlcms/bridge/pi/state'))).toContain('"offline"')
    })
  })

  it.each<[string, Record<string, string>, number]>([
    [
      'Fly.io and Heroku hand the host on and end TLS',
      { host: 'hall.example', 'x-forwarded-proto': 'https' },
      101,
    ],
    [
      'a proxy changes the host and says so',
      { host: '10.0.0.1:8080', 'x-forwarded-host': 'hall.example' },
      101,
    ],
    ['a proxy changes the host silently', { host: '10.0.0.1:8080' }, 403],
    ['the page is of another site', { host: 'hall.example', origin: 'https://evil.example' }, 403],
  ])('an upgrade of /ws where %s', async (_, headers, status) => {
    const at = await bridge()
    expect(await upgradeStatus(at.port, { origin: 'https://hall.example', ...headers })).toBe(status)
  })

  it('an upgrade behind a silent proxy works with the public address in the settings', async () => {
    const at = await bridge({ BRIDGE_PUBLIC_URL: 'https://hall.example' })
    const headers = { host: '10.0.0.1:8080', origin: 'https://hall.example' }
    expect(await upgradeStatus(at.port, headers)).toBe(101)
  })
})

function upgradeStatus(port: number, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ port, host: '127.0.0.1', path: '/ws' },
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': Buffer.alloc(16).toString('base64') },
        ...headers,
      },
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    asked.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}
