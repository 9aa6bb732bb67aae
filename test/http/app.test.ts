import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createApp, createSetupApp } from '../../src/http/app.tsx'
import { listen } from '../../src/http/door/listen.ts'
import { duration, isoTime, withoutAddresses } from '../../src/http/status/words.ts'
import { languages, type Language } from '../../src/texts/languages.ts'
import { setupTexts } from '../../src/texts/setup-texts.ts'
import { statusTexts } from '../../src/texts/status-texts.ts'
import { statusPicture } from '../../src/http/status/blocks.ts'
import { adviceFor } from '../../src/protocol/link/advice.ts'
import {
  answering,
  faults,
  warnings,
  now,
  platformA,
  platform2,
  silent,
  viewsOf,
  waiting,
  webOptions,
  type Scene,
} from './fixtures.ts'
import type { WebOptions } from '../../src/http/door/web-basics.ts'
import type { LinkView } from '../../src/http/views.ts'

const app = (scene: Scene = {}, options = webOptions()) =>
  createApp(
    viewsOf(() => scene),
    options,
  )
const setup = (options = webOptions()) => createSetupApp({ faults, warnings, version: '1.4.2' }, options)

const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

test('stays alive while the broker is down, while owlcms is silent and while settings are missing (R8)', async () => {
  for (const one of [app(), app({ link: waiting }), app({ owlcms: silent }), setup()]) {
    for (const path of ['/livez', '/healthz']) {
      const response = await one.request(path)
      expect([response.status, await response.json()]).toEqual([200, { status: 'pass' }])
    }
  }
})

test.for<[string, Scene, number, object]>([
  ['connected', {}, 200, { status: 'pass', output: 'The broker takes presses.' }],
  [
    'owlcms silent',
    { owlcms: silent },
    200,
    { status: 'pass', output: 'The broker takes presses, but: owlcms does not answer.' },
  ],
  ['broker down', { link: waiting }, 503, { status: 'fail', output: 'The broker’s address does not exist.' }],
  [
    'first try',
    { link: { kind: 'connecting', since: now, attempt: 1, losses: 0 } },
    503,
    { status: 'fail', output: 'Connecting to the broker.' },
  ],
  [
    'starting',
    { link: { kind: 'starting', since: now, losses: 0 } },
    503,
    { status: 'fail', output: 'The bridge is starting: try again in a moment.' },
  ],
  [
    'stopping',
    { link: { kind: 'stopped', since: now, losses: 0 } },
    503,
    { status: 'fail', output: 'The bridge is shutting down.' },
  ],
])('readiness when %s', async ([, scene, status, body]) => {
  const response = await app(scene).request('/readyz')
  expect([response.status, await response.json()]).toEqual([status, body])
})

test('/status in good times tells link, owlcms, platforms, uptime and counters', async () => {
  const response = await app().request('/status')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/health+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    status: 'pass',
    version: '1',
    releaseId: '1.4.2',
    output: 'The broker takes presses.',
    checks: {
      'broker:link': [
        {
          status: 'pass',
          observedValue: 'connected',
          time: '2023-11-14T22:11:20Z',
          output: 'Connected to the broker.',
          reconnects: 0,
          protocolVersion: 5,
        },
      ],
      'broker:roundTrip': [{ observedValue: 23, observedUnit: 'ms' }],
      'owlcms:answers': [
        {
          status: 'pass',
          observedValue: 'answering',
          time: '2023-11-14T22:11:40Z',
          version: '61.0.1',
          jurySize: 5,
          platforms: [
            { name: 'A', state: 'ready', droppedPresses: 0 },
            { name: 'Platform 2', state: 'quiet', droppedPresses: 0 },
          ],
          lastHeardAt: '2023-11-14T22:23:16Z',
        },
      ],
      'bridge:others': [],
      'bridge:uptime': [{ observedValue: 7260, observedUnit: 's' }],
      'counter:clients': [{ observedValue: 12 }],
      'counter:pressesPassedOn': [{ observedValue: 340 }],
      'counter:droppedPresses': [{ observedValue: 0 }],
    },
  })
})

interface StatusBody {
  readonly status: string
  readonly checks: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

test('/status and the page tell that the broker gives one connection, and stay good', async () => {
  const alone = { code: 'connectionLimit', raw: 'CONNACK reason code 0x97', reasonCode: 0x97 } as const
  const single = app({
    link: { kind: 'connected', since: now, losses: 0, protocolVersion: 5, alone },
  })
  const body = (await (await single.request('/status')).json()) as StatusBody
  expect(body.status).toBe('pass')
  expect(body.checks['broker:link']?.[0]).toMatchObject({
    status: 'pass',
    oneConnection: { ...adviceFor('oneConnection'), ...alone },
  })
  expect(await (await single.request('/')).text()).toContain(adviceFor('oneConnection').what)
  expect((await single.request('/readyz')).status).toBe(200)
})

test('/status fails with advice and the raw error while the broker is down, without its address', async () => {
  const body = (await (await app({ link: waiting }).request('/status')).json()) as StatusBody
  expect(body.status).toBe('fail')
  expect(body.checks['broker:link']).toEqual([
    {
      status: 'fail',
      observedValue: 'waiting',
      time: '2023-11-14T22:21:45Z',
      output: 'The broker’s address does not exist.',
      reconnects: 2,
      nextTryInSeconds: 8,
      lastFault: { ...adviceFor('dns'), code: 'dns', raw: 'getaddrinfo ENOTFOUND [address]' },
    },
  ])
  expect(body.checks['owlcms:answers']?.[0]?.['observedValue']).toBe('unreachable')
})

test('/status warns, and does not fail, while owlcms is silent', async () => {
  const body = (await (await app({ owlcms: silent }).request('/status')).json()) as StatusBody
  expect(body.status).toBe('warn')
  expect(body.checks['owlcms:answers']?.[0]).toMatchObject({
    status: 'warn',
    output: adviceFor('owlcmsSilent').what,
  })
})

test.for<[string, Scene, string[], string[]]>([
  [
    'all is well',
    {},
    ['headline good', 'Decisions get through', 'Connected', 'Answers', 'Platform A', 'Ready'],
    ['card bad'],
  ],
  [
    'the broker is down',
    { link: waiting },
    [
      'headline bad',
      'Decisions do not get through',
      adviceFor('dns').nextStep,
      'getaddrinfo ENOTFOUND [address]',
      'Offline',
      'Not known',
    ],
    ['hivemq', 'headline good', 'card good'],
  ],
  [
    'owlcms is silent',
    { owlcms: silent },
    ['headline bad', 'owlcms takes no decisions', 'No answer', 'Offline'],
    ['Ready'],
  ],
  [
    'presses were dropped',
    { platforms: [{ ...platformA, droppedPresses: 1 }] },
    ['<p class="alarm">1 decision or signal was not delivered since the bridge started.'],
    [],
  ],
  [
    'one platform is cut off',
    { platforms: [{ ...platformA, state: 'offline' }] },
    ['headline bad', 'Decisions from A do not get through'],
    ['headline good'],
  ],
  [
    'two owlcms take the decisions',
    { owlcms: { ...answering, twice: true } },
    [
      'headline bad',
      'Two owlcms take the decisions: stop one',
      'Runs twice',
      adviceFor('twoOwlcms').nextStep,
    ],
    ['headline good'],
  ],
  [
    'a platform starts',
    { platforms: [{ ...platformA, state: 'starting' }] },
    ['headline warn', 'Wait: A is starting'],
    ['headline good'],
  ],
  [
    'a name holds HTML',
    { platforms: [{ ...platformA, name: '<img src=x>' }] },
    ['&lt;img src=x&gt;'],
    ['<img'],
  ],
])('the page when %s', async ([, scene, present, absent]) => {
  const response = await app(scene).request('/')
  const text = await response.text()
  expect(response.status).toBe(200)
  expect(text.startsWith('<!doctype html><html lang="en"')).toBe(true)
  expect({ missing: present.filter((part) => !text.includes(part)) }).toEqual({ missing: [] })
  expect({ unwanted: absent.filter((part) => text.includes(part)) }).toEqual({ unwanted: [] })
  // What the CSP would block must not be there at all.
  expect(text).not.toMatch(/<style|style=|<script>|\son[a-z]+=/)
})

const { kind, since, nextTryAt, fault } = waiting
const neverUp: LinkView = { kind, since, nextTryAt, fault, attempt: 9, losses: 0 }

test.for<[string, LinkView, string, RegExp]>([
  ['never stood', neverUp, 'try 9 · next try in 8 s', /down for|was lost/],
  ['stood and broke', waiting, 'down for 1 min · next try in 8 s · was lost 2 times', /try 4/],
  [
    'broke and is tried again',
    {
      ...{ kind: 'connecting', since: now, attempt: 4, downSince: now - 95_000, losses: 1 },
      lastFault: { code: 'brokerAway', raw: 'connect ECONNREFUSED' },
    },
    'down for 1 min · trying again now · was lost 1 time',
    /try 4|OWLCMS_MQTTPORT/,
  ],
])('tells of a link that %s how long or how often, and no more', async ([, link, told, never]) => {
  const text = await (await app({ link }).request('/')).text()
  expect(text).toContain(told)
  expect(text).not.toMatch(never)
})

test('/status warns of two owlcms', async () => {
  const response = await app({ owlcms: { ...answering, twice: true } }).request('/status')
  expect(await response.json()).toMatchObject({
    status: 'warn',
    checks: { 'owlcms:answers': [{ status: 'warn', output: adviceFor('twoOwlcms').what }] },
  })
})

test('the page has no list of counters: those are in /status and on the console', async () => {
  const text = await (await app({ counters: { ignoredInvalid: 4_711 } }).request('/')).text()
  expect(text).not.toMatch(/4711|Ignored|<table/)
})

test('every answer carries the strict CSP and secure headers, and no server banner', async () => {
  for (const one of [app(), setup()]) {
    for (const path of ['/', '/livez', '/readyz', '/status', '/assets/style.css', '/mqtt', '/nowhere']) {
      const { headers } = await one.request(path)
      expect({
        path,
        csp: headers.get('content-security-policy'),
        sniff: headers.get('x-content-type-options'),
        frame: headers.get('x-frame-options'),
        referrer: headers.get('referrer-policy'),
        hsts: headers.get('strict-transport-security'),
        banner: headers.get('server') ?? headers.get('x-powered-by'),
      }).toEqual({
        path,
        csp,
        sniff: 'nosniff',
        frame: 'DENY',
        referrer: 'no-referrer',
        hsts: null,
        banner: null,
      })
    }
  }
})

test('serves what the page asks for, and nothing from elsewhere', async () => {
  const text = await (
    await app({}, webOptions({ pageFiles: new Map([['status-page.js', 'export {}']]) })).request('/')
  ).text()
  const named = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!)
  const asked = named.filter((address) => address.startsWith('/assets/'))
  expect(asked).toEqual(['/assets/icon.svg', '/assets/style.css?v=1.4.2', '/assets/status-page.js?v=1.4.2'])
  // Links: to sign in, to each platform's stage display, and to the page in the other languages.
  expect(named.filter((address) => !asked.includes(address))).toEqual([
    '/console',
    '/view/A',
    '/view/Platform%202',
    ...['fr', 'es', 'de'].map((language) => `?language=${language}`),
  ])
  const types = await Promise.all(
    asked.map(async (path) => (await app().request(path)).headers.get('content-type')),
  )
  expect(types).toEqual(['image/svg+xml', 'text/css; charset=utf-8', 'text/javascript; charset=utf-8'])
})

test.for([
  [undefined, null, 'plain'],
  ['gzip, deflate, br', 'br', 'small'],
  ['gzip, deflate', 'gzip', 'zipped'],
  ['br;q=0, GZIP;q=0.5', 'gzip', 'zipped'],
  ['br;q=0.0, gzip; q=0', null, 'plain'],
  ['zstd', null, 'plain'],
])('a file goes out as small as the browser takes it: %s', async ([accepted, encoding, body]) => {
  const pageFiles = new Map([
    ['style.css', 'plain'],
    ['style.css.br', 'small'],
    ['style.css.gz', 'zipped'],
  ])
  const response = await app({}, webOptions({ pageFiles })).request(
    '/assets/style.css?v=1',
    accepted === undefined ? {} : { headers: { 'Accept-Encoding': accepted! } },
  )
  expect([response.headers.get('content-encoding'), await response.text()]).toEqual([encoding, body])
  expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  expect((await app({}, webOptions({ pageFiles })).request('/assets/style.css.br')).status).toBe(404)
})

test.for<[string, Scene, boolean]>([
  ['nobody has pressed yet', { platforms: [platform2] }, true],
  ['somebody has pressed', {}, false],
  ['the broker is down', { link: waiting, platforms: [platform2] }, false],
  ['owlcms is silent', { owlcms: silent, platforms: [platform2] }, false],
])('tells the first step only when it is the next one: %s', async ([, scene, told]) => {
  const text = await (await app(scene).request('/')).text()
  expect(text.includes('Sign in to print a code for each official’s phone')).toBe(told)
})

test('the console’s shell holds nothing of the hall, and says what it needs', async () => {
  const text = await (await app().request('/console')).text()
  expect(text).toContain('switch JavaScript on')
  expect(text).not.toContain('Platform 2')
  expect(text).not.toMatch(/<style|style=|<script(?![^>]*src=)/)
  const style = await app().request('/assets/console.css?v=1.4.2')
  expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8')
})

test('a wrong address gets a 404 that helps, and /mqtt over plain HTTP a 426 that explains', async () => {
  const wrong = await app().request('/nowhere')
  expect([wrong.status, await wrong.text()]).toEqual([
    404,
    'There is nothing at this address. The status page is at / and devices connect to /mqtt\n',
  ])
  const mqtt = await app().request('/mqtt')
  expect([mqtt.status, mqtt.headers.get('upgrade')]).toEqual([426, 'websocket'])
})

test('an unexpected error is told to the log, and nothing of it to the client', async () => {
  const seen: unknown[] = []
  const broken = {
    ...viewsOf(() => ({})),
    link: () => {
      throw new Error('planted-s3cret')
    },
  }
  const response = await createApp(broken, webOptions({ onError: (error) => seen.push(error) })).request('/')
  expect([response.status, await response.text()]).toEqual([
    500,
    'The bridge made a mistake; its log tells more. Reload the page to try again.\n',
  ])
  expect(seen).toEqual([new Error('planted-s3cret')])
})

const overHttp = { headers: { host: 'hall.herokuapp.com', 'x-forwarded-proto': 'http' } }
const overHttps = { headers: { host: 'hall.herokuapp.com', 'x-forwarded-proto': 'https' } }

test('on Heroku plain HTTP is redirected to HTTPS, but probes are answered', async () => {
  const heroku = app({}, webOptions({ hosting: 'heroku' }))
  const page = await heroku.request('/status?x=1', overHttp)
  expect([page.status, page.headers.get('location')]).toEqual([308, 'https://hall.herokuapp.com/status?x=1'])
  expect((await heroku.request('/livez', overHttp)).status).toBe(200)
  expect((await heroku.request('/', overHttps)).status).toBe(200)
  expect((await app().request('/', overHttp)).status).toBe(200)
})

test('asks for HTTPS in future (HSTS) only behind the TLS of a known platform', async () => {
  const hstsOf = async (hosting: 'fly' | 'heroku' | 'other', init: RequestInit) =>
    (await app({}, webOptions({ hosting })).request('/', init)).headers.get('strict-transport-security')
  expect(await hstsOf('fly', overHttps)).toBe('max-age=15552000')
  expect(await hstsOf('heroku', overHttps)).toBe('max-age=15552000')
  expect(await hstsOf('fly', overHttp)).toBe(null)
  expect(await hstsOf('other', overHttps)).toBe(null)
})

test('with faulty settings it is not ready, and says which settings', async () => {
  const ready = await setup().request('/readyz')
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'fail', output: 'Settings are missing or wrong: OWLCMS_MQTTSERVER, OWLCMS_MQTTPASSWORD.' },
  ])
  const body = (await (await setup().request('/status')).json()) as StatusBody
  expect([body.status, Object.keys(body.checks)]).toEqual([
    'fail',
    ['setting:OWLCMS_MQTTSERVER', 'setting:OWLCMS_MQTTPASSWORD'],
  ])
})

const flyLine =
  "fly secrets set OWLCMS_MQTTSERVER='abc123.s1.eu.hivemq.cloud' OWLCMS_MQTTPASSWORD='your-broker-password'"
const herokuLine = flyLine.replace('fly secrets set', 'heroku config:set')
const plainLines = 'OWLCMS_MQTTSERVER=abc123.s1.eu.hivemq.cloud\nOWLCMS_MQTTPASSWORD=your-broker-password'
// So Fly.io takes any password as it is.
const importLines = `fly secrets import\n${plainLines.replace('your-broker-password', '"""\nyour-broker-password\n"""')}`

test.for([
  ['fly', [flyLine, importLines, herokuLine, plainLines]],
  ['heroku', [herokuLine, flyLine, importLines, plainLines]],
  ['other', [plainLines, flyLine, importLines, herokuLine]],
] as const)(
  'the setup page on %s shows the exact lines, its own platform’s first and before all else',
  async ([hosting, lines]) => {
    const text = await (await setup(webOptions({ hosting })).request('/')).text()
    const shown = [...text.matchAll(/<pre>(.*?)<\/pre>/gs)].map(([, line]) =>
      line!.replaceAll('&#39;', "'").replaceAll('&quot;', '"'),
    )
    expect(shown).toEqual(lines)
    expect(text.indexOf('<pre>')).toBeLessThan(text.indexOf('class="card bad"'))
    expect(text.slice(0, text.indexOf('<pre>'))).not.toContain('<details')
    for (const fault of faults) expect(text).toContain(fault.nextStep)
    expect(text).toContain('<b>OWLCMS_MQTTPASSWRD</b>: The bridge knows no setting of this name')
  },
)

test.for<[WebOptions['hosting'], Partial<WebOptions>, string, string | undefined]>([
  ['fly', { flyApp: 'my-bridge' }, 'my-bridge.fly.dev', 'my-bridge'],
  ['fly', {}, 'my-bridge.fly.dev', undefined],
  ['fly', { flyApp: "x'; rm -rf ~" }, 'my-bridge.fly.dev', undefined],
  ['heroku', {}, 'my-bridge-0123456789ab.herokuapp.com', 'my-bridge'],
  ['heroku', {}, 'my-bridge.herokuapp.com', 'my-bridge'],
  ['heroku', {}, 'bridge.example.org', undefined],
  ['heroku', {}, '$(id).herokuapp.com', undefined],
])('on %s with %j at %s the command names the app %s', async ([hosting, more, host, name]) => {
  const text = await (
    await setup(webOptions({ hosting, ...more })).request('/', { headers: { host } })
  ).text()
  const command = hosting === 'fly' ? 'fly secrets set' : 'heroku config:set'
  expect(text).toContain(name === undefined ? `${command} OWLCMS` : `${command} -a ${name} OWLCMS`)
  if (name !== undefined)
    expect(text).toContain(hosting === 'fly' ? `/apps/${name}/secrets` : `/apps/${name}/settings`)
})

test.for(['badCredentials', 'passwordWanted', 'notAuthorised', 'noPermission'] as const)(
  'the status page gives the same command where the broker refuses the login: %s',
  async (code) => {
    const fault = { code, raw: 'CONNACK reason code 4' }
    const refused = app({ link: { ...waiting, fault } }, webOptions({ hosting: 'fly', flyApp: 'my-bridge' }))
    const text = (await (await refused.request('/')).text()).replaceAll('&#39;', "'")
    expect(text).toContain(
      "fly secrets set -a my-bridge OWLCMS_MQTTUSERNAME='your-broker-user' OWLCMS_MQTTPASSWORD='your-broker-password'",
    )
    expect(text).toContain('Are user name and password swapped?')
    expect(await (await app({ link: waiting }).request('/')).text()).not.toContain('your-broker-password')
  },
)

test.each(Object.keys(languages) as Language[])('the setup page is whole in %s', async (language) => {
  const text = await (await setup().request(`/?language=${language}`)).text()
  expect(text).toContain(`<html lang="${language}"`)
  const shown = text.replaceAll('&#39;', "'").replaceAll('&quot;', '"')
  const { faults: own, warnings: noticed, intro } = setupTexts[language]
  for (const part of [
    intro,
    ...Object.values(own.webPage),
    ...Object.values(own.noPassword),
    noticed.unknownNameLike('OWLCMS_MQTTPASSWORD'),
  ])
    expect(shown).toContain(part)
})

test.for<[raw: string, shown: string]>([
  ['getaddrinfo ENOTFOUND hunter2', 'getaddrinfo ENOTFOUND [address]'],
  ['connect ECONNREFUSED 10.1.2.3:8883', 'connect ECONNREFUSED [address]'],
  [
    'connect ECONNREFUSED ::1:8883; connect ETIMEDOUT fe80::1:2',
    'connect ECONNREFUSED [address] connect ETIMEDOUT [address]',
  ],
  [
    "Hostname/IP does not match certificate's altnames: Host: box. is not in the cert's altnames: DNS:a.example.com",
    "Hostname/IP does not match certificate's altnames: Host: [address] is not in the cert's altnames: DNS: [address]",
  ],
  ['Unexpected server response from wss://x.example/mqtt', 'Unexpected server response from [address]'],
  ['Connection refused: Not authorized', 'Connection refused: Not authorized'],
  ['self-signed certificate', 'self-signed certificate'],
])('hides addresses in %s', ([raw, shown]) => {
  expect(withoutAddresses(raw)).toBe(shown)
})

const foreign = (Object.keys(languages) as Language[]).filter((code) => code !== 'en')

test.for(
  foreign.flatMap((code) =>
    Object.entries({
      'all well': {},
      'broker down': { link: waiting },
      'owlcms silent': { owlcms: silent, platforms: [{ ...platformA, droppedPresses: 3 }, platform2] },
    } satisfies Record<string, Scene>).map(([name, scene]) => [code, name, scene] as const),
  ),
)('in %s the page has no English sentence: %s', async ([code, , scene]) => {
  const asked = { headers: { 'Accept-Language': `pt, ${code}-XX;q=0.9, en;q=0.1` } }
  const text = await (await app(scene).request('/', asked)).text()
  expect(text).toContain(`<html lang="${code}"`)
  const views = viewsOf(() => scene)
  const english = statusPicture(views, statusTexts.en)
  const own = statusPicture(views, statusTexts[code])
  const words = ({ headline, blocks }: typeof own) => [
    headline.text,
    ...blocks.flatMap(({ word, sentence, why, nextStep, alarm }) => [word, sentence, why, nextStep, alarm]),
  ]
  const told = words(own).filter((one) => one !== undefined)
  expect(told.length).toBeGreaterThan(4)
  const same = told.filter((one) => words(english).includes(one))
  expect(same).toEqual([])
  expect(text).not.toContain(words(english)[0])
})

test('the page’s own choice of language comes before the browser’s', async () => {
  const asked = { headers: { 'Accept-Language': 'fr' } }
  expect(await (await app().request('/?language=de', asked)).text()).toContain('<html lang="de"')
})

test.each(['/', '/view', '/console'])('a language chosen at %s is kept for every page', async (path) => {
  const chosen = await app().request(`${path}?language=de`)
  expect(chosen.headers.get('set-cookie')).toBe('bridge-language=de; Max-Age=31536000; Path=/; SameSite=Lax')
  const later = { headers: { 'Accept-Language': 'fr', Cookie: 'bridge-language=de' } }
  expect(await (await app().request('/', later)).text()).toContain('<html lang="de"')
})

test('a language that there is not is not kept', async () => {
  expect((await app().request('/?language=toString')).headers.get('set-cookie')).toBeNull()
  const later = { headers: { 'Accept-Language': 'fr', Cookie: 'bridge-language=xx' } }
  expect(await (await app().request('/', later)).text()).toContain('<html lang="fr"')
})

test('each page of the server links to itself in the other languages', async () => {
  const text = await (await app().request('/?language=fr')).text()
  expect(
    [...text.matchAll(/<a href="\?language=(\w+)" lang="\w+" hreflang="\w+">([^<]+)/g)].map((m) =>
      m.slice(1),
    ),
  ).toEqual([
    ['en', 'English'],
    ['es', 'Español'],
    ['de', 'Deutsch'],
  ])
})

test('writes durations and times for people and programs', () => {
  expect(
    [-5, 0, 59_400, 60_000, 3_599_000, 7_260_000, 180_000_000].map((ms) => duration(ms, statusTexts.en.days)),
  ).toEqual(['0 s', '0 s', '59 s', '1 min', '59 min', '2 h 1 min', '2 days'])
  expect(isoTime(0)).toBe('1970-01-01T00:00:00Z')
})

test('listens on a free port, outlasts the router’s idle connections, and close() cuts what is left', async () => {
  const server = await listen(app(), { host: '127.0.0.1', port: 0 })
  const socket = connect(server.port, '127.0.0.1')
  try {
    expect((await fetch(`http://127.0.0.1:${server.port}/livez`)).status).toBe(200)
    expect(server.server.keepAliveTimeout).toBe(95_000)
    // Half-sent headers may not outlive a slow phone; idle connections are not counted (Node counts from a message’s first byte).
    expect(server.server.headersTimeout).toBe(10_000)
    if (socket.connecting) await once(socket, 'connect')
    const gone = once(socket, 'close')
    await Promise.all([server.close(), server.close()])
    await gone
    expect(server.server.listening).toBe(false)
  } finally {
    socket.destroy()
    await server.close()
  }
})

test('a port in use is an error for the caller', async () => {
  const server = await listen(app(), { host: '127.0.0.1', port: 0 })
  try {
    await expect(listen(app(), { host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  } finally {
    await server.close()
  }
})

test('a stop that waits for a break is told on the page and in /status, and changes nothing else', async () => {
  const views = { ...viewsOf(() => ({})), stopping: () => ({ since: now - 4_000, until: now + 20_000 }) }
  const app = createApp(views, webOptions())
  const page = await (await app.request('/')).text()
  expect(page).toContain('It will restart at the next break. Until then everything works as usual.')
  expect(page).toContain('20 s at most are left')
  const status = (await (await app.request('/status')).json()) as {
    readonly checks: Record<string, unknown>
  }
  expect(status.checks['bridge:stopping']).toEqual([
    {
      status: 'warn',
      output: 'Will restart at the next break; everything works meanwhile.',
      observedValue: 20,
      observedUnit: 's',
    },
  ])
  expect((await app.request('/readyz')).status).toBe(200)
})

test.for([
  ['forward', 7_776_000_000, 'forward by 90 days'],
  ['back', -3_600_000, 'back by 1 h 0 min'],
] as const)('the page and /status say for an hour that the clock was set %s', async ([, setByMs, words]) => {
  const told = async (agoMs: number): Promise<readonly [boolean, unknown]> => {
    const views = viewsOf(() => ({}))
    const one = createApp(
      { ...views, clockChange: () => ({ at: now - agoMs, setByMs, sleptMs: 0 }) },
      webOptions(),
    )
    const page = await (await one.request('/')).text()
    const { checks } = (await (await one.request('/status')).json()) as StatusBody
    return [page.includes(words), checks['bridge:clock']?.[0]?.['observedValue']]
  }
  expect(await told(5_000)).toEqual([true, setByMs / 1000])
  expect(await told(3_600_000)).toEqual([false, undefined])
})

test('a sleep of the computer is told in words, and a trimmed clock is not told at all', async () => {
  const page = async (setByMs: number, sleptMs: number): Promise<string> => {
    const views = { ...viewsOf(() => ({})), clockChange: () => ({ at: now, setByMs, sleptMs }) }
    return (await createApp(views, webOptions()).request('/')).text()
  }
  expect(await page(0, 3_300_000)).toContain('The computer of this bridge slept for 55 min.')
  expect(await page(2_000, 0)).not.toContain('was set')
})

test('/status tells "since" by the clock as it is set now', async () => {
  const views = { ...viewsOf(() => ({})), wallTime: (moment = now) => moment + 3_600_000 }
  const body = (await (await createApp(views, webOptions()).request('/status')).json()) as StatusBody
  expect(body.checks['broker:link']?.[0]?.['time']).toBe('2023-11-14T23:11:20Z')
})
