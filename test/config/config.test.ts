import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hallEnvironment } from '../../src/config/hall.ts'
import { loadConfig, settings, type Config, type LoadedConfig } from '../../src/config/config.ts'
import { createSetupApp } from '../../src/http/app.tsx'
import { webOptions } from '../http/fixtures.ts'

type Env = Record<string, string | undefined>

const four: Env = {
  OWLCMS_MQTTSERVER: 'abc.s1.eu.hivemq.cloud',
  OWLCMS_MQTTPORT: '8883',
  OWLCMS_MQTTUSERNAME: 'hall',
  OWLCMS_MQTTPASSWORD: 'pass word',
}

const defaults: Omit<Config, 'given'> = {
  name: 'bridge',
  instance: 'local',
  hosting: 'other',
  logLevel: 'info',
  broker: {
    address: { transport: 'tls', host: 'abc.s1.eu.hivemq.cloud', port: 8883 },
    username: 'hall',
    password: 'pass word',
  },
  admin: { password: 'pass word' },
  // The broker's own; what is signed with is made from it at a price.
  secret: 'pass word',
  secretSalt: 'hall',
  trustedProxies: [],
  http: { port: 8080, host: '0.0.0.0' },
  viewers: 'open',
  journal: { names: 'keep' },
  metrics: { access: { kind: 'open' } },
  stopDelaySeconds: 0,
  maxClients: 1_000,
}

const readByAll = {
  setting: '-DmqttPassword',
  what: 'Everybody on this computer can read it in the list of running programs. Set OWLCMS_MQTTPASSWORD in its place.',
}

const load = (env: Env, argv: readonly string[] = []) => loadConfig(env, argv, () => 'random')
/** Without what serves to say the same in another language. */
const inEnglish = (loaded: object): unknown =>
  JSON.parse(JSON.stringify(loaded, (key, value: unknown) => (key === 'saying' ? undefined : value)))
type Warned = readonly { readonly setting: string; readonly what: string }[]
const valid = (config: Omit<Config, 'given'>, warnings: Warned = []) => ({
  kind: 'valid',
  config: { ...config, given: expect.any(Array) as string[] },
  warnings,
})

test('the four settings of owlcms suffice; everything else has a default', () => {
  const loaded = load({ ...four, HOME: '/home/ana', BRIDGE_VIEWERS: ' ' })
  expect(loaded).toEqual(valid(defaults))
  expect(loaded.kind === 'valid' && loaded.config.given).toEqual(Object.keys(four))
})

const quotes = (setting: string) => ({
  setting,
  what: 'The quotes around the value were left out; they are not part of it.',
})
const spaces = (setting: string) => ({
  setting,
  what: 'The spaces or line ends around the value were left out; they are not part of it.',
})
const unknown = (setting: string, hint = '') => ({
  setting,
  what: `The bridge knows no setting of this name and ignores it.${hint}`,
})

test.for<[string, Env, string[], Warned]>([
  [
    'white space and line ends, with a warning',
    { ...four, OWLCMS_MQTTPASSWORD: ' pass word\r\n', OWLCMS_MQTTSERVER: `\t${four['OWLCMS_MQTTSERVER']!} ` },
    [],
    [spaces('OWLCMS_MQTTSERVER'), spaces('OWLCMS_MQTTPASSWORD')],
  ],
  [
    'quotes, with a warning',
    { ...four, OWLCMS_MQTTPASSWORD: '"pass word"', OWLCMS_MQTTPORT: '“8883”' },
    [],
    [quotes('OWLCMS_MQTTPORT'), quotes('OWLCMS_MQTTPASSWORD')],
  ],
  [
    'line ends around a value, as of a text of several lines, without a word',
    { ...four, OWLCMS_MQTTPASSWORD: '\npass word\n' },
    [],
    [],
  ],
  [
    'marks that invisible character around a value, with a warning',
    { ...four, OWLCMS_MQTTSERVER: `\uFEFF${four['OWLCMS_MQTTSERVER']!}\u200B` },
    [],
    [spaces('OWLCMS_MQTTSERVER')],
  ],
  [
    'blank as missing',
    { ...four, OWLCMS_MQTTPORT: '  ', BRIDGE_NAME: '', BRIDGE_MQTT_CA: ' ', PORT: '""' },
    [],
    [quotes('PORT')],
  ],
  [
    'owlcms-style arguments',
    {},
    [
      'start',
      '-DmqttServer=abc.s1.eu.hivemq.cloud',
      '-DmqttPort=8883',
      '-DmqttUserName=hall',
      '-DmqttPassword=pass word',
      '-Dother=1',
    ],
    [readByAll],
  ],
  ['the environment before an argument', four, ['-DmqttServer=other.example', '-DmqttPort=1883'], []],
  [
    'an argument where the environment is blank',
    { ...four, OWLCMS_MQTTUSERNAME: ' ' },
    ['-DmqttUserName=hall'],
    [],
  ],
  [
    'an argument in the wrong case, with a warning',
    four,
    ['-DmqttServeR=x'],
    [
      {
        setting: '-DmqttServeR',
        what: 'Capital letters matter here, so it is ignored. Did you mean -DmqttServer?',
      },
    ],
  ],
  [
    'unknown names, with a warning and the nearest name',
    { ...four, OWLCMS_MQTTPASSWRD: 'x', BRIDGE_PORTS_OF_THE_NORTH: 'x', owlcms_mqttserver: 'x', OTHER: 'x' },
    [],
    [
      unknown('BRIDGE_PORTS_OF_THE_NORTH'),
      unknown('OWLCMS_MQTTPASSWRD', ' Did you mean OWLCMS_MQTTPASSWORD?'),
      unknown('owlcms_mqttserver', ' Did you mean OWLCMS_MQTTSERVER?'),
    ],
  ],
  [
    'owlcms’s own names without a warning',
    { ...four, OWLCMS_MQTTWSPORT: '9', OWLCMS_MQTTWSTARGET: 'x', OWLCMS_ENABLEEMBEDDEDMQTT: 'true' },
    [],
    [],
  ],
])('reads %s', ([, env, argv, warnings]) => {
  expect(inEnglish(load(env, argv))).toEqual(valid(defaults, warnings))
})

test.for<[string, Env, Partial<Config>]>([
  [
    'on Fly.io',
    { FLY_APP_NAME: 'My_Hall--App', FLY_MACHINE_ID: '1857' },
    { hosting: 'fly', name: 'my-hall--app', instance: '1857', metrics: { access: { kind: 'off' } } },
  ],
  [
    'on Heroku',
    { DYNO: 'web.1', HEROKU_APP_NAME: 'hall' },
    { hosting: 'heroku', name: 'hall', instance: 'web.1', metrics: { access: { kind: 'off' } } },
  ],
  [
    'a name of its own',
    { BRIDGE_NAME: 'north-hall', FLY_APP_NAME: 'x' },
    { hosting: 'fly', name: 'north-hall', metrics: { access: { kind: 'off' } } },
  ],
  ['web server', { PORT: '0', HOST: '::' }, { http: { port: 0, host: '::' } }],
  [
    'viewers, log level, venue',
    { BRIDGE_VIEWERS: 'Token', BRIDGE_LOG_LEVEL: 'DEBUG', BRIDGE_VENUE_PORT: '1883' },
    { viewers: 'token', logLevel: 'debug', venue: { port: 1883 } },
  ],
  [
    'a venue with a user name',
    { BRIDGE_VENUE_PORT: '1883', BRIDGE_VENUE_USERNAME: 'hall', BRIDGE_VENUE_PASSWORD: 'let me in' },
    { venue: { port: 1883, username: 'hall', password: 'let me in' } },
  ],
  [
    'secrets of its own',
    {
      BRIDGE_ADMIN_PASSWORD: 'admin',
      BRIDGE_SECRET: '0123456789abcdef',
      BRIDGE_SECRET_PREVIOUS: 'fedcba9876543210',
    },
    {
      admin: { password: 'admin' },
      secret: '0123456789abcdef',
      secretSalt: '',
      previousSecret: 'fedcba9876543210',
    },
  ],
  [
    'an address for phones, with or without the last slash',
    { BRIDGE_PUBLIC_URL: 'https://Bridge.example.org/' },
    { publicOrigin: 'https://bridge.example.org' },
  ],
  [
    'a proxy on this computer',
    { BRIDGE_TRUSTED_PROXY: 'Loopback' },
    { trustedProxies: ['127.0.0.0/8', '::1'] },
  ],
  [
    'proxies elsewhere',
    { BRIDGE_TRUSTED_PROXY: 'loopback, 10.0.0.5 ,2400:CB00::/32' },
    { trustedProxies: ['127.0.0.0/8', '::1', '10.0.0.5', '2400:cb00::/32'] },
  ],
  [
    'journal',
    { BRIDGE_JOURNAL_DIR: '/var/journal', BRIDGE_JOURNAL_NAMES: 'Hide' },
    { journal: { names: 'hide', directory: '/var/journal' } },
  ],
  ['a stadium', { BRIDGE_MAX_CLIENTS: '10000' }, { maxClients: 10_000 }],
  [
    'metrics for a collector with a token, where the port is public',
    { BRIDGE_METRICS_TOKEN: '0123456789abcdef', DYNO: 'web.1', BRIDGE_NAME: 'hall' },
    {
      hosting: 'heroku',
      name: 'hall',
      instance: 'web.1',
      metrics: { access: { kind: 'token', token: '0123456789abcdef' } },
    },
  ],
  [
    'metrics at a port of their own',
    { BRIDGE_METRICS_PORT: '9091', FLY_APP_NAME: 'hall' },
    { hosting: 'fly', name: 'hall', metrics: { access: { kind: 'off' }, port: 9091 } },
  ],
  [
    'metrics at a port of their own, and then not at the public one',
    { BRIDGE_METRICS_PORT: '9091' },
    { metrics: { access: { kind: 'off' }, port: 9091 } },
  ],
  ['a stop that waits for a break', { BRIDGE_STOP_DELAY_SECONDS: '290' }, { stopDelaySeconds: 290 }],
  [
    'another address',
    { OWLCMS_MQTTSERVER: 'wss://owlcms.fly.dev', OWLCMS_MQTTPORT: '' },
    {
      broker: {
        ...defaults.broker,
        address: { transport: 'wss', host: 'owlcms.fly.dev', port: 443, path: '/mqtt' },
      },
    },
  ],
])('settings: %s', ([, env, changes]) => {
  expect(load({ ...four, ...env })).toEqual(valid({ ...defaults, ...changes }))
})

test('what Heroku will not wait for is cut to what it grants, and said', () => {
  expect(load({ ...four, DYNO: 'web.1', BRIDGE_STOP_DELAY_SECONDS: '60' })).toMatchObject({
    config: { stopDelaySeconds: 24 },
    warnings: [{ setting: 'BRIDGE_STOP_DELAY_SECONDS' }],
  })
})

test('a broker open to anybody needs neither user name nor password; the secret is then random', () => {
  const address = { transport: 'tcp', host: 'localhost', port: 1883 } as const
  expect(load({ OWLCMS_MQTTSERVER: 'localhost:1883', BRIDGE_ALLOW_ANONYMOUS: 'true' })).toEqual(
    valid({ ...defaults, broker: { address }, admin: {}, secret: 'random', secretSalt: '' }),
  )
})

type Short = readonly [setting: string, problem: string, what: string]

/** Each fault short; the words around it are for people and are not repeated here. */
function shortFaults(loaded: LoadedConfig): Short[] {
  if (loaded.kind === 'valid') return []
  for (const { why, nextStep } of loaded.faults) expect([why, nextStep]).not.toContain('')
  return loaded.faults.map(({ setting, problem, what }) => [setting, problem, what])
}

const missing = (setting: string): Short => [setting, 'missing', 'It is not set.']
const wrong = (setting: string, what: string): Short => [setting, 'wrong', what]
const notANumber = 'It is not a number the bridge can use.'
const notAPort = 'It is not a port number.'
const unreadable = 'The file it names cannot be read.'

test.for<[string, Env, Short[]]>([
  [
    'nothing set',
    {},
    [missing('OWLCMS_MQTTSERVER'), missing('OWLCMS_MQTTUSERNAME'), missing('OWLCMS_MQTTPASSWORD')],
  ],
  ['blank counts as missing', { ...four, OWLCMS_MQTTPASSWORD: ' \n' }, [missing('OWLCMS_MQTTPASSWORD')]],
  [
    'a port is checked without a server',
    { ...four, OWLCMS_MQTTSERVER: '', OWLCMS_MQTTPORT: 'x' },
    [missing('OWLCMS_MQTTSERVER'), wrong('OWLCMS_MQTTPORT', notAPort)],
  ],
  [
    'a password without a user name',
    { ...four, OWLCMS_MQTTUSERNAME: '', BRIDGE_ALLOW_ANONYMOUS: 'yes' },
    [missing('OWLCMS_MQTTUSERNAME')],
  ],
  [
    'anonymous must be said clearly',
    { OWLCMS_MQTTSERVER: 'localhost', BRIDGE_ALLOW_ANONYMOUS: 'maybe' },
    [
      missing('OWLCMS_MQTTUSERNAME'),
      missing('OWLCMS_MQTTPASSWORD'),
      wrong('BRIDGE_ALLOW_ANONYMOUS', 'It is neither true nor false.'),
    ],
  ],
  [
    'two ports',
    { ...four, OWLCMS_MQTTSERVER: 'a.example:1883' },
    [wrong('OWLCMS_MQTTPORT', 'OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT name different ports.')],
  ],
  [
    'a web page',
    { ...four, OWLCMS_MQTTSERVER: 'https://a.example' },
    [wrong('OWLCMS_MQTTSERVER', 'It is the address of a web page (http or https).')],
  ],
  [
    'the console page',
    { ...four, OWLCMS_MQTTSERVER: 'https://console.hivemq.cloud/?x=1' },
    [wrong('OWLCMS_MQTTSERVER', 'It is the web page where you manage brokers, not a broker.')],
  ],
  [
    'a password in the address',
    { ...four, OWLCMS_MQTTSERVER: 'mqtts://u:p@a.example' },
    [
      wrong(
        'OWLCMS_MQTTSERVER',
        'It contains an "@": a user name or a password seems to be inside the address.',
      ),
    ],
  ],
  [
    'one port twice',
    { ...four, BRIDGE_VENUE_PORT: '8080' },
    [wrong('BRIDGE_VENUE_PORT', 'It is the port of the web server.')],
  ],
  [
    'a token for the metrics that could be guessed',
    { ...four, BRIDGE_METRICS_TOKEN: 'short' },
    [wrong('BRIDGE_METRICS_TOKEN', 'It is too short.')],
  ],
  [
    'a port of the metrics that another listener has',
    { ...four, BRIDGE_METRICS_PORT: '1883', BRIDGE_VENUE_PORT: '1883' },
    [wrong('BRIDGE_METRICS_PORT', 'Another listener of the bridge has this port.')],
  ],
  [
    'a port of the metrics on Heroku',
    { ...four, DYNO: 'web.1', BRIDGE_METRICS_PORT: '9091' },
    [
      wrong(
        'BRIDGE_METRICS_PORT',
        'Heroku lets nothing in but HTTPS at its own port, so nobody could reach it.',
      ),
    ],
  ],
  [
    'a file that is not there',
    { ...four, BRIDGE_MQTT_CA: '/nowhere/ca.pem' },
    [wrong('BRIDGE_MQTT_CA', unreadable)],
  ],
  ['a folder as file', { ...four, BRIDGE_MQTT_CA: tmpdir() }, [wrong('BRIDGE_MQTT_CA', unreadable)]],
  ['a device as file', { ...four, BRIDGE_MQTT_CA: '/dev/zero' }, [wrong('BRIDGE_MQTT_CA', unreadable)]],
  [
    'a certificate cut short',
    { ...four, BRIDGE_MQTT_CA: '-----BEGIN CERTIFICATE-----\nMIIB' },
    [wrong('BRIDGE_MQTT_CA', 'It holds no readable certificate.')],
  ],
  [
    'all faults at once, in the order of the settings',
    {
      ...four,
      HOST: 'not an address',
      PORT: '-1',
      BRIDGE_NAME: 'North Hall',
      BRIDGE_SECRET: 'short',
      BRIDGE_SECRET_PREVIOUS: 'short',
      BRIDGE_PUBLIC_URL: 'https://bridge.example.org/console',
      BRIDGE_LOG_LEVEL: 'loud',
      BRIDGE_VIEWERS: 'all',
      BRIDGE_VENUE_PORT: '70000',
      BRIDGE_MAX_CLIENTS: '1e3',
    },
    [
      wrong('BRIDGE_SECRET', 'It is too short.'),
      wrong('BRIDGE_SECRET_PREVIOUS', 'It is too short.'),
      wrong('BRIDGE_PUBLIC_URL', 'It is not the address of a web site.'),
      wrong('BRIDGE_NAME', 'It is not a name the bridge can use.'),
      wrong('BRIDGE_LOG_LEVEL', 'It is not one of the allowed words.'),
      wrong('BRIDGE_VENUE_PORT', notAPort),
      wrong('BRIDGE_VIEWERS', 'It is not one of the allowed words.'),
      wrong('PORT', notAPort),
      wrong('HOST', 'It is not an address to listen on.'),
      wrong('BRIDGE_MAX_CLIENTS', notANumber),
    ],
  ],
])('faulty: %s', ([, env, faults]) => {
  expect(shortFaults(load(env))).toEqual(faults)
})

test.for([
  ['a name', 'proxy.example.org'],
  ['a star', '*'],
  ['a port', '10.0.0.5:80'],
  ['no prefix after the slash', '10.0.0.0/'],
  ['two prefixes', '10.0.0.0/8/8'],
  ['a prefix longer than the address', '10.0.0.0/33'],
  ['a prefix that is no number', '10.0.0.0/-1'],
  ['a zone', 'fe80::1%eth0'],
  ['one good and one bad', 'loopback,x'],
])('faulty: a proxy written as %s', ([, text = '']) => {
  const what = 'Part of it is not an address.'
  const faults = shortFaults(load({ ...four, BRIDGE_TRUSTED_PROXY: text }))
  expect(faults).toEqual([wrong('BRIDGE_TRUSTED_PROXY', what)])
})

test.for(['0.0.0.0/0', '::/0', '128.0.0.0/1'])('faulty: to trust %s is to trust everybody', (text) => {
  const what = 'It trusts far too many addresses.'
  expect(shortFaults(load({ ...four, BRIDGE_TRUSTED_PROXY: text }))).toEqual([
    wrong('BRIDGE_TRUSTED_PROXY', what),
  ])
})

test.for<Env>([{ DYNO: 'web.1' }, { FLY_APP_NAME: 'hall' }])(
  'a trusted proxy is worth a word where the platform has its own: %o',
  (env) => {
    const loaded = load({ ...four, ...env, BRIDGE_TRUSTED_PROXY: 'loopback' })
    expect(loaded.warnings.map(({ setting }) => setting)).toEqual(['BRIDGE_TRUSTED_PROXY'])
  },
)

test('a password among the arguments is worth a word, also when the environment has one, and is not quoted', () => {
  const { warnings } = load(four, ['-DmqttPassword=abc123', '-DmqttServer=a.example', '-DmqttPassword='])
  expect(inEnglish(warnings)).toEqual([readByAll])
  expect(load(four, ['-DmqttPassword=']).warnings).toEqual([])
})

test('a fault comes whole: what, why, the next step, and an example for the setup page', () => {
  expect(
    load({ ...four, OWLCMS_MQTTPASSWORD: '', PORT: '3000', DYNO: 'web.1', BRIDGE_LOG_LEVEL: 'debug' }),
  ).toEqual({
    kind: 'faulty',
    faults: [
      {
        setting: 'OWLCMS_MQTTPASSWORD',
        problem: 'missing',
        what: 'It is not set.',
        why: 'It is the password at the broker, the same as in owlcms. Without it the bridge cannot reach the broker.',
        nextStep: 'Copy it from owlcms’s settings, or from the broker’s page.',
        saying: ['noPassword'],
        example: 'your-broker-password',
      },
    ],
    http: { port: 3000, host: '0.0.0.0' },
    hosting: 'heroku',
    logLevel: 'debug',
    warnings: [],
  })
})

test('where to listen has a fallback even when that is what is wrong', () => {
  const loaded = load({ PORT: 'x', HOST: 'x y', BRIDGE_LOG_LEVEL: 'x' })
  expect(loaded).toMatchObject({ kind: 'faulty', http: { port: 8080, host: '0.0.0.0' }, logLevel: 'info' })
})

describe('BRIDGE_MQTT_CA', () => {
  let folder: string
  let pem: string
  let key: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'config-'))
    const made = await generate([{ name: 'commonName', value: 'test CA' }])
    pem = made.cert.replaceAll('\r', '').trim()
    key = made.private
    await writeFile(join(folder, 'ca.pem'), `${key}\n${pem}\n`)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('may be PEM text, PEM with \\n written out, or a file; a private key beside it is left out', () => {
    for (const ca of [pem, pem.replaceAll('\n', '\\n'), `${key}\n${pem}`, join(folder, 'ca.pem')]) {
      const broker = { ...defaults.broker, ca: `${pem}\n` }
      expect(load({ ...four, BRIDGE_MQTT_CA: ca })).toEqual(valid({ ...defaults, broker }))
    }
  })
})

test('the configuration is frozen through and through', () => {
  const loaded = load(four)
  if (loaded.kind !== 'valid') throw new Error('must be valid')
  const { config } = loaded
  for (const part of [loaded, config, config.broker, config.broker.address, config.http, config.admin]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
})

test('the table of settings has a description for each, and marks what is required and what is secret', () => {
  const names = (chosen: typeof settings) => chosen.map((setting) => setting.name)
  expect(settings.filter(({ description }) => description === '')).toEqual([])
  expect(names(settings.filter(({ required }) => required))).toEqual([
    'OWLCMS_MQTTSERVER',
    'OWLCMS_MQTTUSERNAME',
    'OWLCMS_MQTTPASSWORD',
  ])
  expect(names(settings.filter(({ secret }) => secret))).toEqual([
    'OWLCMS_MQTTPASSWORD',
    'BRIDGE_ADMIN_PASSWORD',
    'BRIDGE_SECRET',
    'BRIDGE_SECRET_PREVIOUS',
    'BRIDGE_VENUE_PASSWORD',
    'BRIDGE_METRICS_TOKEN',
  ])
  expect(settings.find(({ name }) => name === 'OWLCMS_MQTTPORT')?.default).toBe('8883')
})

/** What leaves loadConfig for people: everything but the configuration itself. */
function told(loaded: LoadedConfig): string {
  return JSON.stringify(loaded.kind === 'faulty' ? { ...loaded, http: undefined } : loaded.warnings)
}

const plantedSecret = 'Zq7planted9secret'
const disguises = [
  plantedSecret,
  `"${plantedSecret}"`,
  `${plantedSecret}!`,
  `https://${plantedSecret}`,
  `mqtts://u:${plantedSecret}@a.example`,
  `a.example:${plantedSecret}`,
  `a.example/${plantedSecret}?${plantedSecret}`,
  `/tmp/${plantedSecret}`,
  `-----BEGIN ${plantedSecret}`,
]

test('a secret that lands in any setting shows in no fault, no warning and on no setup page', async () => {
  for (const { name } of settings) {
    for (const value of disguises) {
      const loaded = load({ ...four, [name]: value }, [
        `-DmqttPassword=${plantedSecret}`,
        `-Dmqttpassword=${plantedSecret}`,
      ])
      expect(told(loaded)).not.toContain(plantedSecret)
      if (loaded.kind === 'valid') continue
      const app = createSetupApp({ ...loaded, version: '1.0.0' }, webOptions())
      for (const path of ['/', '/status', '/readyz']) {
        expect(await (await app.request(path)).text()).not.toContain(plantedSecret)
      }
    }
  }
})

test.each([
  ['a non-breaking space inside', 'pass\u00A0word', 'pass\u00A0word', /invisible character/],
  ['a zero-width space inside', 'pass\u200Bword', 'pass\u200Bword', /invisible character/],
  ['a curly apostrophe', 'it’s', 'it’s', /curly quotes/],
  ['a quote without an end', "'hall", "'hall", /cut it/],
  ['quotes inside quotes', `"'x' "`, "'x' ", /quotes around/],
])('takes a password with %s as it is, and says so', (_, given, taken, warning) => {
  const loaded = load({ ...four, OWLCMS_MQTTPASSWORD: given })
  expect(loaded.kind === 'valid' && loaded.config.broker.password).toBe(taken)
  expect(loaded.warnings).toHaveLength(1)
  expect(loaded.warnings[0]).toMatchObject({
    setting: 'OWLCMS_MQTTPASSWORD',
    what: expect.stringMatching(warning) as string,
  })
})

test('never throws and never quotes a value, whatever the environment holds', () => {
  const names = [
    ...settings.map(({ name }) => name as string),
    'OWLCMS_MQTTX',
    'BRIDGE_',
    'FLY_APP_NAME',
    'DYNO',
  ]
  const marked = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => `Zq7${text}`),
    fc.constantFrom(...disguises),
    fc.string().map((text) => `${text}${plantedSecret}`),
    fc.nat(70_000).map(String),
  )
  const environment = fc.dictionary(fc.constantFrom(...names), marked)
  const argument = fc
    .tuple(fc.constantFrom('-DmqttServer=', '-DmqttPort=', '-Dmqtt', '-D', ''), marked)
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(environment, fc.array(argument, { maxLength: 3 }), (env, argv) => {
      expect(told(load(env, argv))).not.toContain('Zq7')
    }),
  )
})

test.each([
  [
    'on Heroku, where nothing but HTTPS gets in',
    { DYNO: 'web.1', BRIDGE_VENUE_PORT: '1883' },
    'BRIDGE_VENUE_PORT',
  ],
  ['with a password and no user name', { BRIDGE_VENUE_PASSWORD: 'planted' }, 'BRIDGE_VENUE_USERNAME'],
  ['on the port of the web server', { PORT: '1883', BRIDGE_VENUE_PORT: '1883' }, 'BRIDGE_VENUE_PORT'],
])('refuses a venue %s', (_, env, setting) => {
  const loaded = load({ ...four, ...env })
  expect(loaded.kind === 'faulty' && loaded.faults.map((fault) => fault.setting)).toEqual([setting])
  expect(JSON.stringify(loaded)).not.toContain('planted')
})

const login = { OWLCMS_MQTTUSERNAME: 'competition', OWLCMS_MQTTPASSWORD: 'let me in' }

test.for<[string, Env, Config['broker']['own'], Partial<Config['broker']['address']>]>([
  [
    'on the usual port',
    { BRIDGE_BROKER: 'OWN', ...login },
    { listen: { port: 1883, host: '0.0.0.0' } },
    { host: '127.0.0.1', port: 1883 },
  ],
  [
    'on Fly.io’s private network, where its own name stands as the broker’s',
    { FLY_APP_NAME: 'my-bridge', OWLCMS_MQTTSERVER: 'My-Bridge.internal', OWLCMS_MQTTPORT: '1884', ...login },
    { listen: { port: 1884, host: 'fly-local-6pn' } },
    { host: 'fly-local-6pn', port: 1884 },
  ],
  [
    'behind Fly.io’s own TLS',
    { FLY_APP_NAME: 'my-bridge', BRIDGE_BROKER: 'own', OWLCMS_MQTTPORT: '8883', ...login },
    { listen: { port: 1883, host: '0.0.0.0' } },
    { host: '127.0.0.1', port: 1883 },
  ],
  [
    'by the hall’s port',
    { BRIDGE_BROKER: 'own', BRIDGE_VENUE_PORT: '1899', BRIDGE_ALLOW_ANONYMOUS: 'true' },
    {},
    { port: 1899 },
  ],
  [
    'by a port for owlcms alone in the hall',
    { BRIDGE_BROKER: 'own', BRIDGE_VENUE_PORT: '1883', BRIDGE_BROKER_PORT: '1884', ...login },
    { listen: { port: 1884, host: '0.0.0.0' } },
    { port: 1884 },
  ],
])('is the broker itself: %s', ([, env, own, address]) => {
  const loaded = load(env, [])
  expect(loaded).toMatchObject({ kind: 'valid', config: { broker: { own, address } } })
})

test('owlcms needs the hall’s user name and password where it comes by the hall’s port and has none of its own', () => {
  const env = {
    ...{ BRIDGE_BROKER: 'own', BRIDGE_ALLOW_ANONYMOUS: 'true', BRIDGE_VENUE_PORT: '1883' },
    ...{ BRIDGE_VENUE_USERNAME: 'hall', BRIDGE_VENUE_PASSWORD: 'let me in' },
  }
  const pair = (more: Env): object => {
    const loaded = load({ ...env, ...more }, [])
    const { username, password } = loaded.kind === 'valid' ? loaded.config.broker : {}
    return { username, password }
  }
  expect(pair({})).toEqual({ username: 'hall', password: 'let me in' })
  expect(pair(login)).toEqual({ username: 'competition', password: 'let me in' })
  expect(pair({ ...login, OWLCMS_MQTTPASSWORD: 'other' })).toEqual({
    username: 'competition',
    password: 'other',
  })
})

test.for<[string, Env, string]>([
  ['without a user name', { BRIDGE_BROKER: 'own' }, 'OWLCMS_MQTTUSERNAME'],
  ['on Heroku', { BRIDGE_BROKER: 'own', DYNO: 'web.1', ...login }, 'BRIDGE_BROKER'],
  [
    'on the port of its pages',
    { BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '8080', ...login },
    'BRIDGE_BROKER_PORT',
  ],
  // A forgotten secret shows the setup page, and no bridge that nobody talks to.
  ['without being told so', login, 'OWLCMS_MQTTSERVER'],
  [
    'at another app’s name',
    { FLY_APP_NAME: 'my-bridge', ...login, OWLCMS_MQTTSERVER: '' },
    'OWLCMS_MQTTSERVER',
  ],
])('is no broker itself %s', ([, env, setting]) => {
  const loaded = load(env, [])
  expect(loaded.kind === 'faulty' && loaded.faults.map((fault) => fault.setting)).toContain(setting)
})

test.for<[string, Env, string]>([
  ['TLS', { OWLCMS_MQTTPORT: '8883' }, 'OWLCMS_MQTTPORT'],
  ['a broker in the cloud', { OWLCMS_MQTTSERVER: 'abc.s1.eu.hivemq.cloud' }, 'OWLCMS_MQTTSERVER'],
])('warns a bridge that is the broker itself of %s', ([, env, setting]) => {
  const loaded = load({ BRIDGE_BROKER: 'own', ...login, ...env }, [])
  expect(loaded.kind).toBe('valid')
  expect(loaded.warnings.map((warning) => warning.setting)).toEqual([setting])
})

test.for<[string, Env, readonly string[], Env]>([
  [
    'nothing set: the broker itself, open to anybody',
    { OWLCMS_MQTTSERVER: ' ' },
    [],
    { BRIDGE_VENUE_PORT: '1883', BRIDGE_BROKER: 'own', BRIDGE_ALLOW_ANONYMOUS: 'true' },
  ],
  [
    'a user name: the broker itself, for who has it',
    login,
    [],
    { BRIDGE_VENUE_PORT: '1883', BRIDGE_BROKER: 'own' },
  ],
  ['half a login: not filled in yet', { OWLCMS_MQTTUSERNAME: 'hall' }, [], { BRIDGE_VENUE_PORT: '1883' }],
  ['a broker', { OWLCMS_MQTTSERVER: 'b.example', BRIDGE_VENUE_PORT: '7' }, [], {}],
  ['a broker as owlcms has it', {}, ['-DmqttServer=b.example'], { BRIDGE_VENUE_PORT: '1883' }],
])('in the hall, with %s', ([, env, argv, added]) => {
  expect(hallEnvironment(env, argv)).toEqual({ ...env, ...added })
})
