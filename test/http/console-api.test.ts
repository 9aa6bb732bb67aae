import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { apiTexts } from '../../src/texts/api-texts.ts'
import { checkTexts } from '../../src/texts/check-texts.ts'
import type { Language } from '../../src/texts/languages.ts'
import { statusTexts } from '../../src/texts/status-texts.ts'
import { overviewOf } from '../../src/bridge/views/overview.ts'
import { lightCheckOf } from '../../src/bridge/light-check.ts'
import type { AccessView } from '../../src/http/api/access-view.ts'
import { addConsoleApi, type ConsoleView } from '../../src/http/api/console-api.ts'
import { apiBasics } from '../../src/http/api/guards.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { LightCheck } from '../../src/hub/press/light-check.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { SeatStatisticsBook } from '../../src/hub/press/seat-statistics.ts'
import type { CheckFinding, Overview } from '../../src/protocol/contract/console-api.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { parseTopicFilter } from '../../src/protocol/topic.ts'
import { PlainSession, press } from '../rules/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { viewsOf } from './fixtures.ts'

const A = 'A' as Platform

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let platforms: Platforms
let lightCheck: LightCheck
let statistics: SeatStatisticsBook
let levels: string[]
let signedIn: boolean
let app: Hono

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  lightCheck = lightCheckOf(clock, hub, platforms)
  statistics = new SeatStatisticsBook(platforms.roster)
  hub.ledger.listen((report) => statistics.note(report))
  levels = []
  signedIn = true
  const access = {
    publicOrigin: undefined,
    session: () => Promise.resolve(signedIn ? { id: 's', expiresAt: Infinity } : undefined),
  } satisfies Partial<AccessView>
  const view: ConsoleView = {
    messages: () => [{ at: 7, platform: 'A', topic: 'owlcms/fop/start/A', payload: 'x' }],
    overview: (language) =>
      overviewOf(
        {
          hub,
          platforms,
          lightCheck,
          statistics,
          views: viewsOf(() => ({})),
          now: () => clock.now(),
        },
        language,
      ),
    startLightCheck: (platform) => lightCheck.start(platform as Platform),
    stopLightCheck: (platform) => lightCheck.stop(platform as Platform),
    setLogLevel: (level) => levels.push(level),
    log: () => ({ lines: [{ time: 1, level: 'warn', message: 'x', facts: '' }], report: 'r' }),
    settingsAddress: () => 'http://127.0.0.1:7/#word',
    check: (language) => Promise.resolve(findings(language)),
  }
  app = new Hono()
  app.use('/api/*', apiBasics(access))
  addConsoleApi(app, access as unknown as AccessView, view)
  hub.linkChanged(true)
  upstream.settleAll()
  hear('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61.0.0"}')
})

function hear(topic: string, payload = ''): void {
  const heard = publication(topic, payload)
  hub.receive(heard)
}

const overview = async (): Promise<Overview> =>
  (await (await app.request('/api/overview')).json()) as Overview

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' }
  return Promise.resolve(app.request(path, { method: 'POST', body: JSON.stringify(body), headers }))
}

function sit(clientId: string, seat?: { readonly role: 'referee'; readonly number: number }): PlainSession {
  const principal =
    seat === undefined ? ({ kind: 'device' } as const) : ({ kind: 'seat', platform: A, ...seat } as const)
  const session = new PlainSession(hub, principal)
  hub.presence.connected(
    session.key,
    {
      clientId,
      principal,
      transport: seat === undefined ? 'websocket' : 'stream',
      address: '192.0.2.1',
      duplicate: false,
    },
    clock.now(),
  )
  return session
}

const findings = (language: Language): readonly CheckFinding[] => [
  { step: 'tcp', title: checkTexts[language].steps.tcp, result: 'pass', what: 'It exists.' },
]

it.each(['de', 'fr', 'es'] as const)(
  'tells blocks and faults found in %s where the console asks so',
  async (code) => {
    const asked = { headers: { 'Accept-Language': code } }
    const { blocks } = (await (await app.request('/api/overview', asked)).json()) as Overview
    expect(blocks.map(({ sentence }) => sentence)).toContain(statusTexts[code].owlcms.answersSentence)
    expect(await (await app.request('/api/check', asked)).json()).toEqual(findings(code))
  },
)

it.each(['de', 'fr', 'es'] as const)('refuses in %s', async (code) => {
  const answer = await app.request('/api/light-check', {
    method: 'POST',
    headers: { 'Accept-Language': code, 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
    body: JSON.stringify({ platform: 'Nowhere', action: 'start' }),
  })
  const { unknownPlatform } = apiTexts[code].lightCheck
  expect(await answer.json()).toEqual({ error: { reason: 'unknownPlatform', text: unknownPlatform } })
})

it.each([
  ['127.0.0.1', '127.0.0.1', 200],
  // By its own address in the network.
  ['192.168.1.50', '192.168.1.50', 200],
  ['192.168.1.7', '192.168.1.50', 404],
  [undefined, undefined, 404],
])('tells a caller from %s at %s where the settings are changed: %i', async (from, at, status) => {
  const ask = () =>
    app.request(
      '/api/settings-address',
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
        body: '{}',
      },
      { incoming: { socket: { remoteAddress: from, localAddress: at } } },
    )
  const answer = await ask()
  expect(answer.status).toBe(status)
  const text = await answer.text()
  if (status === 200) expect(JSON.parse(text)).toEqual({ url: 'http://127.0.0.1:7/#word' })
  else expect(text).not.toContain('word')
  signedIn = false
  expect((await ask()).status).toBe(401)
})

describe('the overview', () => {
  it('tells boxes of one name apart, whether they ask for their seat, and who has subscribed to nothing', async () => {
    const seated = (address: string, asks: boolean): PlainSession => {
      const principal = { kind: 'seat', platform: A, role: 'referee', number: 2 } as const
      const session = new PlainSession(hub, principal)
      const facts = { clientId: 'box2', principal, transport: 'tcp', duplicate: false } as const
      hub.presence.connected(session.key, { ...facts, address }, clock.now())
      const { key } = session
      hub.seats.join(principal, {
        ...{ key, name: key, asks },
        seatChanged: () => undefined,
        seatTaken: () => undefined,
      })
      return session
    }
    const filter = parseTopicFilter('owlcms/fop/#')
    if (!filter.ok) throw new Error(filter.error)
    hub.subscribe(seated('::ffff:192.168.1.23', true), filter.value, { qos: 0 })
    seated('192.168.1.24', false)
    seated('fe80::1:2ab', true)
    const devices = async () => {
      const { platforms: shown } = await overview()
      return shown[0]?.seats[0]?.devices.map(({ name, from, asks, waiting, deaf }) => ({
        ...{ name, from, asks, waiting, deaf },
      }))
    }
    const at = (from: string, asks: boolean, waiting: boolean, deaf: boolean) => ({
      ...{ name: 'box2', from, asks, waiting, deaf },
    })
    clock.advance(4_999)
    expect(await devices()).toEqual([
      at('1.23', true, false, false),
      at('1.24', false, false, false),
      at('2ab', true, true, false),
    ])
    clock.advance(1)
    expect((await devices())?.map(({ deaf }) => deaf)).toEqual([false, true, true])
  })

  it('shows each seat with its devices, what became of its presses, and how long owlcms took', async () => {
    const phone = sit('phone of Ann', { role: 'referee', number: 2 })
    const box = sit('owlcms-17')
    hear('owlcms/fop/start/A', '{} 60000')
    press(hub, phone, 'owlcms/refbox/decision/A', '2 good')
    upstream.settleAll()
    clock.advance(40)
    hear('owlcms/fop/decision/A', '2 good')
    press(hub, box, 'owlcms/decision/A', '1 good')
    upstream.settleAll()
    clock.advance(2_000)
    hear('owlcms/refbox/decision/A', '3 bad') // somebody at the broker itself
    const { platforms: shown, others } = await overview()
    expect(
      shown.map(({ name, seats }) => ({
        name,
        seats: seats.map(({ seat, devices, outcomes, delay }) => ({
          seat,
          devices: devices.map(({ name: device, way, connected }) => `${device} ${way} ${connected}`),
          outcomes,
          delay,
        })),
      })),
    ).toEqual([
      {
        name: 'A',
        seats: [
          {
            seat: 'referee-1',
            devices: ['owlcms-17 websocket true'],
            outcomes: { notTaken: 1 },
            delay: undefined,
          },
          {
            seat: 'referee-2',
            devices: ['phone of Ann phone true'],
            outcomes: { taken: 1 },
            delay: { p50Ms: 40, p95Ms: 40, recentMs: [40] },
          },
          { seat: 'referee-3', devices: [' broker true'], outcomes: {}, delay: undefined },
        ],
      },
    ])
    expect(others).toEqual([])
  })

  it('lists those without a seat apart, and tells no address', async () => {
    sit('scoreboard')
    const answer = await app.request('/api/overview')
    const text = await answer.text()
    expect((JSON.parse(text) as Overview).others.map(({ name }) => name)).toEqual(['scoreboard'])
    expect(text).not.toContain('192.0.2.1')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('is for the organiser only, as everything else here', async () => {
    signedIn = false
    for (const path of ['/api/overview', '/api/check']) expect((await app.request(path)).status).toBe(401)
    expect((await post('/api/light-check', { platform: 'A', action: 'start' })).status).toBe(401)
    expect((await post('/api/log-level', { level: 'debug' })).status).toBe(401)
    expect(levels).toEqual([])
  })
})

describe('the light check over HTTP', () => {
  it('says why not now, starts in a break, shows in the overview, and ends when told', async () => {
    const start = { platform: 'A', action: 'start' }
    const refused = await post('/api/light-check', start)
    expect([refused.status, await refused.json()]).toMatchObject([409, { error: { reason: 'notInBreak' } }])
    hear('owlcms/fop/break/A', 'FIRST_CJ')
    expect((await post('/api/light-check', start)).status).toBe(204)
    expect((await post('/api/light-check', start)).status).toBe(409)
    expect((await overview()).platforms[0]?.lightCheck).toMatchObject({ state: 'running' })
    expect((await post('/api/light-check', { ...start, action: 'stop' })).status).toBe(204)
    expect((await overview()).platforms[0]?.lightCheck).toMatchObject({ state: 'done', ended: 'stopped' })
  })

  it('refuses what is no request, without repeating it', async () => {
    const answer = await post('/api/light-check', { platform: 'A', action: 'secret' })
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain('secret')
  })
})

it('the log level is changed until the next restart', async () => {
  expect((await post('/api/log-level', { level: 'debug' })).status).toBe(204)
  expect((await post('/api/log-level', { level: 'silent' })).status).toBe(400)
  expect(levels).toEqual(['debug'])
})

it('the check tells what it found', async () => {
  expect(await (await app.request('/api/check')).json()).toEqual(findings('en'))
})
