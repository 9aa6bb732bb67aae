import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { accessView, buildAccess, type Access } from '../../../src/bridge/access.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { addAccessApi } from '../../../src/http/api/access-api.ts'
import { adminOnly, maxBodyBytes } from '../../../src/http/api/guards.ts'
import { Hub } from '../../../src/hub/hub.ts'
import type { CodeOverview, CodesAnswer, LinksAnswer } from '../../../src/protocol/contract/console-api.ts'
import type { Platform } from '../../../src/protocol/owlcms/topics.ts'
import { confirmMs } from '../../../src/access/revocation-keeper.ts'
import { eventually } from '../../support/eventually.ts'
import { rememberedKey } from '../../support/derive-key.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { alone, FakeUpstream, publication } from '../../support/fake-upstream.ts'
import { recordingLog } from '../../support/silent-log.ts'

const brokerPassword = 'planted-broker-password'
const adminPassword = 'planted-admin-password'
const secret = 'planted-secret-of-the-links'

let clock: FakeClock
let hub: Hub
let access: Access
let others: { readonly name: string; readonly id: string }[]
let replays: boolean
let app: Hono
let answers: string[]
let log: ReturnType<typeof recordingLog>

beforeEach(() => setUp())

function setUp(settings: Record<string, string> = {}): void {
  clock = new FakeClock()
  const upstream = new FakeUpstream()
  others = []
  replays = true
  hub = new Hub({ clock, upstream })
  answers = []
  log = recordingLog()
  let draw = 0
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: 'broker.example',
      OWLCMS_MQTTUSERNAME: 'hall',
      OWLCMS_MQTTPASSWORD: brokerPassword,
      BRIDGE_ADMIN_PASSWORD: adminPassword,
      BRIDGE_SECRET: secret,
      ...settings,
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error('faulty')
  const random = (): number => ((draw += 1) * 0.0137) % 1
  const dependencies = { clock, random, log: log.log, version: '1', pageFiles: new Map<string, string>() }
  access = buildAccess(
    loaded.config,
    { ...dependencies, deriveKey: rememberedKey },
    {
      ...alone(upstream),
      others: () => others,
      replays: () => replays,
    },
  )
  upstream.answer = { kind: 'delivered' }
  access.revocations.linkChanged(true)
  clock.advance(3_000)
  app = new Hono()
  const view = accessView(loaded.config, dependencies, { access, hub }, () => '192.0.2.1')
  addAccessApi(app, view)
  app.get('/journal', adminOnly(view), (c) => c.text('secret pages'))
}

interface Sent {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

const pageHeaders = { host: 'bridge.example', origin: 'https://bridge.example', 'x-forwarded-proto': 'https' }

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string | undefined> = {},
): Promise<Sent> {
  const sent: Record<string, string> = {}
  const all: Record<string, string | undefined> = {
    ...pageHeaders,
    ...(method === 'POST' && { 'content-type': 'application/json' }),
    ...headers,
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) sent[name] = value
  const response = await app.request(`http://bridge.example${path}`, {
    method,
    headers: sent,
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) }),
  })
  const text = await response.text()
  answers.push(`${JSON.stringify([...response.headers])} ${text}`)
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

/** Signs in; what a browser would send back. */
async function cookie(headers: Record<string, string | undefined> = {}): Promise<string> {
  const { status, headers: answered } = await send('POST', '/api/login', { password: adminPassword }, headers)
  expect(status).toBe(204)
  return answered.getSetCookie()[0]!.split(';')[0]!
}

const reasonOf = ({ status, body }: Sent): [number, string] => [
  status,
  (body as { error: { reason: string } }).error.reason,
]

describe('signing in', () => {
  it('is told by the session, before and after', async () => {
    expect((await send('GET', '/api/session')).body).toEqual({ admin: false, loginPossible: true })
    const signedIn = await cookie()
    expect((await send('GET', '/api/session', undefined, { cookie: signedIn })).body).toEqual({
      admin: true,
      loginPossible: true,
    })
  })

  it('sets a cookie that no script reads, no other site sends and no neighbour plants', async () => {
    const { headers } = await send('POST', '/api/login', { password: adminPassword })
    const [name, ...attributes] = headers.getSetCookie()[0]!.split('; ')
    expect(name).toMatch(/^__Host-owlcms-bridge=[\w.-]+$/)
    expect(attributes.sort()).toEqual(
      ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict', 'Secure'].sort(),
    )
  })

  it('over plain http in the hall works too, without Secure and its prefix', async () => {
    const plain = { 'x-forwarded-proto': undefined, origin: 'http://bridge.example' }
    const { headers } = await send('POST', '/api/login', { password: adminPassword }, plain)
    const [set] = headers.getSetCookie()
    expect(set).toMatch(/^owlcms-bridge=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)
    const back = { ...plain, cookie: set!.split(';')[0] }
    expect((await send('GET', '/api/session', undefined, back)).body).toMatchObject({ admin: true })
  })

  it('with a cookie of the plain name means nothing over https', async () => {
    const value = (await cookie()).replace('__Host-', '')
    expect((await send('GET', '/api/session', undefined, { cookie: value })).body).toMatchObject({
      admin: false,
    })
  })

  it('with a wrong password is refused in words; after too many wrong ones the right one waits 4 s at most', async () => {
    const tries: [number, string][] = []
    for (let index = 0; index < 10; index += 1) {
      tries.push(reasonOf(await send('POST', '/api/login', { password: `wrong ${index}` })))
    }
    expect(tries).toEqual(Array(10).fill([401, 'wrongPassword']))
    const login = (password: string) => send('POST', '/api/login', { password })
    const answers = [login('wrong'), login(adminPassword), login(adminPassword)]
    // The third finds both turns taken, so all have asked by then.
    const late = await Promise.race(answers)
    expect([...reasonOf(late), late.headers.get('retry-after'), late.headers.getSetCookie()]).toEqual([
      ...[429, 'tooManyAttempts', '10'],
      [],
    ])
    clock.advance(4_000)
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 204, 429])
  })

  it('without an administrator’s password is impossible and says what to set', async () => {
    setUp({
      ...{ BRIDGE_ALLOW_ANONYMOUS: 'true', OWLCMS_MQTTUSERNAME: '', OWLCMS_MQTTPASSWORD: '' },
      BRIDGE_ADMIN_PASSWORD: '',
    })
    expect((await send('GET', '/api/session')).body).toEqual({ admin: false, loginPossible: false })
    expect(reasonOf(await send('POST', '/api/login', { password: '' }))).toEqual([403, 'noPassword'])
  })

  it('ends by signing out: the cookie is taken back and worth nothing', async () => {
    const signedIn = await cookie()
    const out = await send('POST', '/api/logout', {}, { cookie: signedIn })
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([
      204,
      '__Host-owlcms-bridge=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict',
    ])
    expect((await send('GET', '/api/session', undefined, { cookie: signedIn })).body).toMatchObject({
      admin: false,
    })
  })

  it('opens pages as well; without it they lead to the console', async () => {
    const away = await app.request('http://bridge.example/journal', { headers: pageHeaders })
    expect([away.status, away.headers.get('location'), await away.text()]).toEqual([303, '/console', ''])
    const signedIn = await cookie()
    const page = await app.request('http://bridge.example/journal', {
      headers: { ...pageHeaders, cookie: signedIn },
    })
    expect([page.status, await page.text()]).toEqual([200, 'secret pages'])
  })
})

const routes = [
  ['GET', '/api/stream-token', undefined],
  ['POST', '/api/seats/links', { seats: [{ platform: 'A', role: 'timekeeper' }], days: 1 }],
  ['GET', '/api/seats/codes', undefined],
  ['POST', '/api/seats/revoke', { what: 'all' }],
  ['POST', '/api/seats/decide', { platform: 'A', seat: 'timekeeper', keep: 'x' }],
] as const

describe.each(routes)('%s %s', (method, path, body) => {
  it.each([
    ['without a cookie', () => undefined],
    ['with a forged cookie', () => '__Host-owlcms-bridge=x.y.z'],
    [
      'with a link’s token as cookie',
      async () => {
        const link = await access.doorkeeper.issue({ platform: 'A' as Platform, role: 'timekeeper' }, 1)
        return `__Host-owlcms-bridge=${link.token}`
      },
    ],
  ])('is closed %s', async (_, given) => {
    expect(reasonOf(await send(method, path, body, { cookie: await given() }))).toEqual([401, 'notSignedIn'])
  })
})

describe('a request of another site', () => {
  const posts = [
    ...routes.filter(([method]) => method === 'POST').map(([, path]) => path),
    '/api/login',
    '/api/logout',
  ]
  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['another origin', { origin: 'https://evil.example' }, 403, 'otherSite'],
    ['a sandboxed frame', { origin: 'null' }, 403, 'otherSite'],
    ['a name that begins alike', { origin: 'https://bridge.example.evil' }, 403, 'otherSite'],
    ['another port of our host', { origin: 'https://bridge.example:8443' }, 403, 'otherSite'],
    ['no word of where it comes from', { origin: undefined }, 403, 'otherSite'],
    ['a verdict of the browser', { 'sec-fetch-site': 'cross-site' }, 403, 'otherSite'],
    ['a neighbour of our domain', { 'sec-fetch-site': 'same-site' }, 403, 'otherSite'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'notJson'],
    ['a form that looks like text', { 'content-type': 'text/plain' }, 415, 'notJson'],
    ['no content type', { 'content-type': undefined }, 415, 'notJson'],
  ])(
    'told by %s is refused by every route, though the cookie is there',
    async (_, headers, status, reason) => {
      const signedIn = await cookie()
      for (const path of posts) {
        expect(reasonOf(await send('POST', path, {}, { cookie: signedIn, ...headers }))).toEqual([
          status,
          reason,
        ])
      }
      expect((await send('GET', '/api/session', undefined, { cookie: signedIn })).body).toMatchObject({
        admin: true,
      })
    },
  )

  it.each<[string, Record<string, string | undefined>]>([
    ['behind Fly.io or Heroku: TLS ends before us', {}],
    [
      'behind a proxy that changes the host and says so',
      { host: '10.0.0.7:8080', 'x-forwarded-host': 'bridge.example' },
    ],
    ['by the browser’s verdict alone', { origin: undefined, 'sec-fetch-site': 'same-origin' }],
    ['with a charset beside the content type', { 'content-type': 'application/json; charset=utf-8' }],
  ])('is not our own page, %s', async (_, headers) => {
    expect((await send('POST', '/api/login', { password: adminPassword }, headers)).status).toBe(204)
  })
})

describe('links', () => {
  const order = {
    seats: [
      { platform: 'Bühne 1', role: 'referee', number: 1 },
      { platform: 'Bühne 1', role: 'juryPresident' },
      { platform: 'Bühne 1', role: 'viewer' },
    ],
    days: 3,
  }
  const made = async (headers: Record<string, string | undefined> = {}): Promise<LinksAnswer> => {
    const answer = await send('POST', '/api/seats/links', order, {
      cookie: await cookie(headers),
      ...headers,
    })
    expect(answer.status).toBe(200)
    return answer.body as LinksAnswer
  }

  it('lead to the seat, one by one, in the order asked for, each as a code for phones', async () => {
    const { links } = await made()
    expect(links.map(({ role, number, platform }) => [platform, role, number])).toEqual([
      ['Bühne 1', 'referee', 1],
      ['Bühne 1', 'juryPresident', undefined],
      ['Bühne 1', 'viewer', undefined],
    ])
    for (const { role, url, qrSvg, tokenId, expiresAt } of links) {
      const page = role === 'viewer' ? 'view/B%C3%BChne%201' : 'seat'
      expect(url.split('#owl1')[0]).toBe(`https://bridge.example/${page}`)
      expect(qrSvg).toMatch(/^<svg [^]*<\/svg>\s*$/)
      expect(qrSvg).toContain('xmlns="http://www.w3.org/2000/svg"')
      expect(qrSvg).not.toMatch(/<script|style=|href/)
      expect(tokenId).toMatch(/^[a-z0-9]{9}$/)
      expect(Math.round((expiresAt - clock.now()) / 86_400_000)).toBe(3)
    }
    expect(new Set(links.map(({ tokenId }) => tokenId)).size).toBe(3)
    const token = links[0]!.url.split('#')[1]!
    expect(await access.doorkeeper.verifyPassword(token)).toMatchObject({
      principal: { kind: 'seat', platform: 'Bühne 1', role: 'referee', number: 1 },
    })
  })

  it('open keypads with white on the left, and the same seat, where the organiser wants that', async () => {
    const body = { ...order, whiteLeft: true }
    const answer = await send('POST', '/api/seats/links', body, { cookie: await cookie() })
    for (const { url, role } of (answer.body as LinksAnswer).links) {
      if (role !== 'viewer') expect(url).toMatch(/^https:\/\/bridge\.example\/seat\?white=left#owl1[\w-]+$/)
    }
  })

  it.each<[string, Record<string, string | undefined>, Record<string, string>, string]>([
    [
      'the address of the page',
      { origin: 'http://192.168.1.5:8080', host: '192.168.1.5:8080', 'x-forwarded-proto': undefined },
      {},
      'http://192.168.1.5:8080',
    ],
    [
      'what the proxy tells',
      {
        origin: undefined,
        'sec-fetch-site': 'same-origin',
        host: '10.0.0.7',
        'x-forwarded-host': 'b.example',
      },
      {},
      'https://b.example',
    ],
    ['the setting', {}, { BRIDGE_PUBLIC_URL: 'https://hall.example' }, 'https://hall.example'],
  ])('begin with %s', async (_, headers, settings, origin) => {
    setUp(settings)
    const { links } = await made(headers)
    expect(links[0]!.url.split('/seat#')[0]).toBe(origin)
  })

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['nothing', {}],
    ['no seats', { seats: [], days: 1 }],
    ['too many seats', { seats: Array(201).fill({ platform: 'A', role: 'timekeeper' }), days: 1 }],
    ['a role that there is not', { seats: [{ platform: 'A', role: 'owner' }], days: 1 }],
    ['a referee without number', { seats: [{ platform: 'A', role: 'referee' }], days: 1 }],
    ['a fourth referee', { seats: [{ platform: 'A', role: 'referee', number: 4 }], days: 1 }],
    ['a platform that makes no topic', { seats: [{ platform: 'A#', role: 'timekeeper' }], days: 1 }],
    ['a platform with a line end', { seats: [{ platform: 'A\r', role: 'timekeeper' }], days: 1 }],
    ['half a surrogate pair', { seats: [{ platform: 'A\ud800', role: 'timekeeper' }], days: 1 }],
    ['a platform without a name', { seats: [{ platform: '', role: 'timekeeper' }], days: 1 }],
    ['no time', { seats: [{ platform: 'A', role: 'timekeeper' }], days: 0 }],
    ['half a day', { seats: [{ platform: 'A', role: 'timekeeper' }], days: 0.5 }],
    ['for ever', { seats: [{ platform: 'A', role: 'timekeeper' }], days: 32 }],
  ])('for %s are refused', async (_, body) => {
    expect(reasonOf(await send('POST', '/api/seats/links', body, { cookie: await cookie() }))).toEqual([
      400,
      'invalid',
    ])
  })

  it('by a body that is far too large are refused unread', async () => {
    const body = { seats: [], days: 1, more: 'x'.repeat(maxBodyBytes) }
    expect(reasonOf(await send('POST', '/api/seats/links', body, { cookie: await cookie() }))).toEqual([
      413,
      'tooLarge',
    ])
  })
})

describe('revoking', () => {
  it.each<[object, readonly string[]]>([
    [{ what: 'token', tokenId: 'first' }, ['referee-1']],
    [{ what: 'seat', seat: { platform: 'A', role: 'referee', number: 2 } }, ['referee-2']],
    [{ what: 'platform', platform: 'A' }, ['referee-1', 'referee-2']],
    [{ what: 'platform', platform: 'B' }, ['B']],
    [{ what: 'all' }, ['referee-1', 'referee-2', 'B']],
  ])('%j makes void just that', async (request, expected) => {
    const places = {
      'referee-1': { platform: 'A' as Platform, role: 'referee', number: 1 },
      'referee-2': { platform: 'A' as Platform, role: 'referee', number: 2 },
      B: { platform: 'B' as Platform, role: 'viewer' },
    } as const
    const links = await Promise.all(
      Object.entries(places).map(async ([name, place]) => ({
        name,
        ...(await access.doorkeeper.issue(place, 1)),
      })),
    )
    const body = JSON.parse(JSON.stringify(request).replace('first', links[0]!.tokenId)) as object
    const signedIn = await cookie()
    expect((await send('POST', '/api/seats/revoke', body, { cookie: signedIn })).status).toBe(204)
    const verdicts = await Promise.all(
      links.map(async ({ name, token }) => ({
        name,
        kind: (await access.doorkeeper.verifyPassword(token)).kind,
      })),
    )
    expect(verdicts.filter(({ kind }) => kind === 'refused').map(({ name }) => name)).toEqual(expected)
    // The organiser stays in, and new links work.
    expect((await send('GET', '/api/stream-token', undefined, { cookie: signedIn })).status).toBe(200)
    const fresh = await access.doorkeeper.issue(places['referee-1'], 1)
    expect((await access.doorkeeper.verifyPassword(fresh.token)).kind).toBe('admitted')
  })

  it.each<[string, () => void, string, RegExp]>([
    [
      'a bridge that has not said so is named',
      () => (others = [{ name: 'pi', id: 'pi1' }]),
      'notEverywhere',
      /on this bridge.*: pi\./,
    ],
    [
      'the broker is away',
      () => access.revocations.linkChanged(false),
      'notEverywhere',
      /broker cannot be reached/,
    ],
    ['nothing keeps it', () => (replays = false), 'untilRestart', /BRIDGE_JOURNAL_DIR/],
  ])('is no success where %s, and holds here all the same', async (_, arrange, reason, text) => {
    const { token } = await access.doorkeeper.issue({ platform: 'A' as Platform, role: 'timekeeper' }, 1)
    const signedIn = { cookie: await cookie() }
    arrange()
    const asked = send('POST', '/api/seats/revoke', { what: 'all' }, signedIn)
    await eventually(() => {
      clock.advance(confirmMs)
      expect(access.revocations.newestAt).toBeGreaterThan(0)
    })
    clock.advance(confirmMs)
    const answer = await asked
    expect(reasonOf(answer)).toEqual([409, reason])
    expect((answer.body as { error: { text: string } }).error.text).toMatch(text)
    expect((await access.doorkeeper.verifyPassword(token)).kind).toBe('refused')
  })

  it('too many single links says what to do instead', async () => {
    const signedIn = { cookie: await cookie() }
    for (let index = 0; index < 200; index += 1) {
      access.revocations.revoke({ what: 'token', id: `t${index}`, at: clock.now() })
    }
    const body = { what: 'token', tokenId: 'one-more' }
    expect(reasonOf(await send('POST', '/api/seats/revoke', body, signedIn))).toEqual([409, 'full'])
  })
})

describe('the codes that are out', () => {
  const referee = { platform: 'A' as Platform, role: 'referee', number: 1 } as const
  const listed = async (): Promise<readonly CodeOverview[]> => {
    const answer = await send('GET', '/api/seats/codes', undefined, { cookie: await cookie() })
    return (answer.body as CodesAnswer).codes
  }

  it('tell what each did last, and on which device: not used, opened, pressed, refused after it was taken back', async () => {
    const madeAt = clock.now()
    const { token, tokenId } = await access.doorkeeper.issue(referee, 1)
    const viewer = await access.doorkeeper.issue({ platform: referee.platform, role: 'viewer' }, 1)
    const unused = { platform: 'A', seat: 'viewer', tokenId: viewer.tokenId, madeAt, isRevoked: false }
    const code = { platform: 'A', seat: 'referee-1', tokenId, madeAt, isRevoked: false }
    expect(await listed()).toEqual([code, unused])

    clock.advance(5_000)
    const verdict = await access.doorkeeper.verifyPassword(token)
    if (verdict.kind === 'refused') throw new Error(verdict.why)
    const { principal } = verdict
    const device = {
      clientId: 'owlcms-417',
      transport: 'tcp',
      address: '192.0.2.7',
      duplicate: false,
    } as const
    hub.presence.connected('box', { ...device, principal }, clock.now())
    const opened = { ...code, last: { what: 'entered', at: clock.now() } }
    expect(await listed()).toEqual([{ ...opened, device: { name: 'owlcms-417', connected: true } }, unused])

    clock.advance(5_000)
    hub.presence.pressed('box', publication('owlcms/refbox/decision/A', '1 good'), clock.now())
    hub.presence.disconnected('box', clock.now())
    const pressed = { ...code, last: { what: 'pressed', at: clock.now() } }
    const gone = { device: { name: 'owlcms-417', connected: false } }
    expect(await listed()).toEqual([{ ...pressed, ...gone }, unused])

    clock.advance(5_000)
    access.revocations.revoke({ what: 'token', id: tokenId, at: clock.wallTime() })
    expect(await listed()).toEqual([{ ...pressed, ...gone, isRevoked: true }, unused])
    expect((await access.doorkeeper.verifyPassword(token)).kind).toBe('refused')
    const refused = { ...code, last: { what: 'refused', at: clock.now() }, isRevoked: true }
    expect(await listed()).toEqual([{ ...refused, ...gone }, unused])
  })

  it('are listed at a bridge that did not make them, from the first time they are shown there', async () => {
    const { token, tokenId } = await access.doorkeeper.issue(referee, 1)
    setUp()
    expect(await listed()).toEqual([])
    await access.doorkeeper.verifyPassword(token)
    expect((await listed()).map((one) => [one.seat, one.tokenId, one.last?.what])).toEqual([
      ['referee-1', tokenId, 'entered'],
    ])
  })

  it('are forgotten when they run out, and are 500 at most, however many are made (R7); strangers add none', async () => {
    for (let index = 0; index < 510; index += 1) await access.doorkeeper.issue(referee, 1)
    const kept = await listed()
    expect(kept).toHaveLength(500)
    await access.doorkeeper.verifyPassword(`owl1${'A'.repeat(80)}`)
    expect(await listed()).toEqual(kept)
    clock.advance(86_400_000)
    expect(await listed()).toEqual([])
  })
})

it('deciding about a device that has gone says so; about one that is there it is done', async () => {
  const seat = { kind: 'seat', platform: 'A' as Platform, role: 'timekeeper' } as const
  const told: string[] = []
  for (const key of ['one', 'two']) {
    const client = {
      ...{ key, name: key, asks: true },
      seatChanged: () => told.push(`${key} held`),
      seatTaken: () => told.push(`${key} taken`),
    }
    hub.seats.join(seat, client)
  }
  const signedIn = { cookie: await cookie() }
  const decide = (keep: string): Promise<Sent> =>
    send('POST', '/api/seats/decide', { platform: 'A', seat: 'timekeeper', keep }, signedIn)
  expect(reasonOf(await decide('nobody'))).toEqual([404, 'gone'])
  expect((await decide(hub.seats.view()[0]!.devices[1]!.id)).status).toBe(204)
  expect(told).toEqual(['two held', 'one taken'])
})

it('every answer is kept out of caches, and neither answers nor log hold a secret (R10)', async () => {
  const signedIn = { cookie: await cookie() }
  await send('POST', '/api/login', { password: `${adminPassword}-almost` })
  await send('GET', '/api/session', undefined, signedIn)
  await send('GET', '/api/stream-token', undefined, signedIn)
  await send('GET', '/api/nothing', undefined, signedIn).catch(() => undefined)
  for (const [method, path, body] of routes) {
    await send(method, path, body, signedIn)
    await send(method, path, { what: secret, seats: adminPassword, platform: brokerPassword }, signedIn)
  }
  const text = answers.join('\n') + log.lines.join('\n')
  expect(answers.length).toBeGreaterThan(9)
  for (const planted of [adminPassword, brokerPassword, secret]) expect(text).not.toContain(planted)
  for (const answer of answers.filter((each) => !each.includes('404'))) expect(answer).toContain('no-store')
  expect(log.lines.join('')).not.toMatch(/owl1[\w-]{20,}/)
})
