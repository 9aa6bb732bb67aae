import { parse } from 'smol-toml'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { settings } from '../../src/config/settings.ts'
import { files, procfileCommand, read } from './checkout.ts'

/** A table without other keys; "constructor" and its like are other keys as well. */
const table = (entries: v.ObjectEntries) =>
  v.strictObject(Object.assign(Object.create(null) as v.ObjectEntries, entries))
/** The same, or a list of such tables. */
const tables = (entries: v.ObjectEntries) =>
  v.lazy((input) => (Array.isArray(input) ? v.array(table(entries)) : table(entries)))
const partial = (entries: v.ObjectEntries): v.ObjectEntries =>
  Object.fromEntries(Object.entries(entries).map(([key, kind]) => [key, v.optional(kind)]))

/** What a schema finds wrong, one line each: where it is, and what was expected there. */
function faultsOf(schema: v.GenericSchema, value: unknown): readonly string[] {
  const { issues = [] } = v.safeParse(schema, value)
  return issues.map((issue) => {
    const isUnknown = issue.type === 'strict_object' && issue.expected === 'never'
    return `${v.getDotPath(issue) ?? ''}: ${isUnknown ? 'unknown key' : issue.message}`
  })
}

const text = v.string()
const bool = v.boolean()
const whole = v.pipe(v.number(), v.integer())
// Whole seconds, or Go's "1m30s".
const duration = v.union([whole, v.pipe(text, v.regex(/^(?:\d+(?:ms|s|m|h))+$/, 'no duration'))])
const textTable = v.record(text, text)

/**
 * The keys of fly.toml that flyctl knows, from its configuration types and the reference page (docs/platforms.md 1.1):
 * flyctl itself reports an unknown key only with `fly config validate --strict`, which needs a login. Sections this
 * project doesn't use are left out, so using one means adding it here on purpose.
 */
const flySchema = table(
  partial({
    ...{ app: text, primary_region: text, kill_signal: text, kill_timeout: duration },
    ...{ swap_size_mb: whole, console_command: text, env: textTable },
    build: table(partial({ dockerfile: text, ignorefile: text, 'build-target': text, args: textTable })),
    deploy: table(partial({ strategy: text, max_unavailable: v.number(), wait_timeout: duration })),
    http_service: table(
      partial({
        ...{ internal_port: whole, force_https: bool, auto_start_machines: bool },
        // The booleans are its old spelling.
        auto_stop_machines: v.union([bool, v.picklist(['off', 'stop', 'suspend'])], 'no way to stop'),
        ...{ min_machines_running: whole, processes: v.array(text) },
        concurrency: table(partial({ type: text, soft_limit: whole, hard_limit: whole })),
        http_options: table(
          partial({ idle_timeout: whole, compress: bool, h2_backend: bool, response: v.any() }),
        ),
        tls_options: table(partial({ alpn: v.array(text), versions: v.array(text) })),
        checks: tables(
          partial({
            ...{ grace_period: duration, interval: duration, timeout: duration, method: text, path: text },
            ...{ protocol: text, tls_skip_verify: bool, tls_server_name: text, headers: textTable },
          }),
        ),
      }),
    ),
    metrics: tables(partial({ port: whole, path: text, https: bool })),
    restart: tables(
      partial({
        policy: v.picklist(['always', 'never', 'on-failure']),
        ...{ retries: whole, processes: v.array(text) },
      }),
    ),
    vm: tables(partial({ size: text, memory: text, cpus: whole, cpu_kind: text, processes: v.array(text) })),
  }),
)

const within = (min: number, max: number) =>
  v.pipe(
    text,
    v.check(({ length }) => length >= min && length <= max, `not ${min} to ${max} characters`),
  )
const url = v.pipe(text, v.url(), v.regex(/^https?:/))

/** Heroku's own limits (docs/platforms.md 2.1): its schema is strict, and the button shows faults only to the visitor. */
const appSchema = table(
  partial({
    ...{ name: within(3, 30), description: within(1, 140), keywords: v.array(within(1, 50)) },
    ...{ website: url, repository: url, logo: url },
    success_url: v.union([v.pipe(text, v.startsWith('/')), url], 'neither a path from / nor an address'),
    stack: v.picklist(['heroku-22', 'heroku-24']),
    buildpacks: v.pipe(v.array(table({ url: within(1, 200) })), v.minLength(1)),
    formation: v.record(
      text,
      table({
        quantity: whole,
        size: v.picklist(['eco', 'basic', 'standard-1x', 'standard-2x'], 'no size of a dyno'),
      }),
    ),
    env: v.record(
      v.pipe(text, v.regex(/^[A-Z][A-Z0-9_]*$/, 'a name has capitals, digits and _ only')),
      v.pipe(
        table({
          description: within(1, 140),
          ...partial({ value: text, required: bool, generator: v.literal('secret') }),
        }),
        v.check((entry) => !('value' in entry && 'generator' in entry), 'both a value and a generator'),
      ),
    ),
  }),
)

/** The settings a visitor of the button must fill in: `required` is true unless it says otherwise (docs/platforms.md 2.1). */
const mustFillIn = (env: AppJson['env']): readonly string[] =>
  Object.entries(env)
    .filter(([, { required, generator }]) => required !== false && generator === undefined)
    .map(([name]) => name)

interface Fly {
  readonly app?: string
  readonly kill_signal: string
  readonly kill_timeout: number
  readonly deploy: { readonly strategy: string; readonly release_command?: string }
  readonly env: Readonly<Record<string, string>>
  readonly http_service: {
    readonly internal_port: number
    readonly force_https: boolean
    readonly auto_stop_machines: string
    readonly auto_start_machines: boolean
    readonly min_machines_running: number
    readonly concurrency: Readonly<Record<string, unknown>>
    readonly checks: readonly Readonly<Record<string, string>>[]
  }
  readonly metrics: unknown
  readonly restart: readonly unknown[]
  readonly vm: readonly unknown[]
}

interface AppJson {
  readonly stack: string
  readonly success_url: string
  readonly formation: unknown
  readonly buildpacks: unknown
  readonly env: Readonly<
    Record<string, { readonly required?: boolean; readonly generator?: string; readonly value?: string }>
  >
}

interface Package {
  readonly scripts: Readonly<Record<string, string>>
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const startCommand = 'node dist/main.js start'
const port = '8080'
const healthPath = '/livez'
const nodeMajor = 24

const flyToml = parse(read('fly.toml'))
const fly = flyToml as unknown as Fly
const app = JSON.parse(read('app.json')) as AppJson
const packageJson = JSON.parse(read('package.json')) as Package
/** The instructions of a Dockerfile, comments dropped and continued lines joined. */
function dockerInstructions(): readonly { readonly name: string; readonly rest: string }[] {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
  const joined = lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return joined.map((line) => {
    const [name = '', ...rest] = line.trim().split(/\s+/)
    return { name: name.toUpperCase(), rest: rest.join(' ') }
  })
}

const docker = dockerInstructions()
const given = (name: string) => docker.filter((step) => step.name === name).map((step) => step.rest)
const finalStage = docker.slice(docker.map((step) => step.name).lastIndexOf('FROM'))
const envExample = read('.env.example')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))

describe('the deployment files together', () => {
  test('start the same program the same way everywhere', () => {
    const commands = {
      package: packageJson.scripts['start'],
      Procfile: procfileCommand(),
      Dockerfile: (JSON.parse(given('CMD').at(-1) ?? '[]') as string[]).join(' '),
    }
    expect(commands).toEqual({ package: startCommand, Procfile: startCommand, Dockerfile: startCommand })
    // Fly runs the image's CMD unless one of these speaks up.
    expect(Object.keys(flyToml).filter((key) => ['processes', 'experimental'].includes(key))).toEqual([])
    expect(packageJson.scripts['heroku-postbuild']).toBeUndefined()
  })

  test('name one port', () => {
    expect({
      flyEnv: fly.env['PORT'],
      flyService: String(fly.http_service.internal_port),
      dockerEnv: given('ENV').filter((rest) => rest.startsWith('PORT')),
      dockerExpose: given('EXPOSE'),
      envExample: envExample.filter((line) => line.startsWith('PORT=')),
    }).toEqual({
      flyEnv: port,
      flyService: port,
      dockerEnv: [`PORT=${port}`],
      dockerExpose: [port],
      envExample: [`PORT=${port}`],
    })
    // Heroku gives its own.
    expect(Object.keys(app.env)).not.toContain('PORT')
    expect(read('Procfile')).not.toMatch(/port/i)
  })

  test('ask the same health path, and never /readyz, which is 503 while the broker is down [R8]', () => {
    expect(fly.http_service.checks.map((check) => check['path'])).toEqual([healthPath])
    expect(given('HEALTHCHECK').map((rest) => rest.match(/\/[a-z]+z\b/g))).toEqual([[healthPath]])
    expect([flyToml['checks'], flyToml['machine_checks']]).toEqual([undefined, undefined])
  })

  test('run the same Node, the newest line that package.json allows', () => {
    expect(given('FROM').map((image) => image.split(' ')[0])).toEqual([
      `node:${nodeMajor}-slim`,
      `node:${nodeMajor}-slim`,
    ])
    const majors = [...packageJson.engines.node.matchAll(/\^(\d+)\./g)].map((match) => Number(match[1]))
    expect(Math.max(...majors)).toBe(nodeMajor)
  })

  test('offer only settings that exist, and among them every one that is required', () => {
    const existing: readonly string[] = settings.map((setting) => setting.name)
    const required = settings.filter((setting) => setting.required).map((setting) => setting.name)
    const inExample = envExample.map((line) => line.split('=')[0] ?? '')
    for (const offered of [Object.keys(app.env), inExample]) {
      expect(offered.filter((name) => !existing.includes(name))).toEqual([])
      expect(required.filter((name) => !offered.includes(name))).toEqual([])
    }
  })

  test('hold no secret: .env.example has values only where they are public', () => {
    const filled = envExample.filter((line) => !line.endsWith('='))
    expect(filled).toEqual(['OWLCMS_MQTTPORT=8883', `PORT=${port}`, 'BRIDGE_LOG_LEVEL=info'])
    expect(Object.keys(fly.env)).toEqual([
      'PORT',
      'NODE_OPTIONS',
      'BRIDGE_METRICS_PORT',
      'BRIDGE_STOP_DELAY_SECONDS',
    ])
    const secrets: readonly string[] = settings
      .filter((setting) => setting.secret)
      .map((setting) => setting.name)
    const prefilled = Object.entries(app.env).filter(([, { value }]) => value !== undefined)
    expect(
      [...prefilled.map(([name]) => name), ...filled].filter((text) =>
        secrets.some((name) => text.startsWith(name)),
      ),
    ).toEqual([])
  })
})

describe('fly.toml', () => {
  test('has the metrics scraped at a port that no service leads to', () => {
    expect(fly.metrics).toEqual({ port: Number(fly.env['BRIDGE_METRICS_PORT']), path: '/metrics' })
    expect(fly.env['BRIDGE_METRICS_PORT']).not.toBe(String(fly.http_service.internal_port))
    expect(flyToml['services']).toBeUndefined()
  })

  test('has only keys that flyctl knows', () => {
    expect(faultsOf(flySchema, flyToml)).toEqual([])
  })

  test('names no app, since the name would be taken or somebody else’s', () => {
    expect(fly.app).toBeUndefined()
  })

  test('never stops the machine for want of visitors: the link to the broker is outbound', () => {
    const { auto_stop_machines, auto_start_machines, min_machines_running, force_https } = fly.http_service
    expect({ auto_stop_machines, auto_start_machines, min_machines_running, force_https }).toEqual({
      auto_stop_machines: 'off',
      auto_start_machines: true,
      min_machines_running: 1,
      force_https: true,
    })
    expect(fly.restart).toEqual([{ policy: 'always' }])
  })

  test('never runs the old and the new release at once', () => {
    expect(fly.deploy).toEqual({ strategy: 'rolling' })
  })

  test('stops with SIGTERM and waits longer than the bridge’s 5 s, within Fly’s 300 s', () => {
    expect(fly.kill_signal).toBe('SIGTERM')
    expect(fly.kill_timeout).toBeGreaterThan(5)
    expect(fly.kill_timeout).toBeLessThanOrEqual(300)
    // Leaving takes up to 5 s, and the wait for a break comes before it.
    expect(Number(fly.env['BRIDGE_STOP_DELAY_SECONDS']) + 5).toBeLessThan(fly.kill_timeout)
  })

  test('counts connections and has room for a hall', () => {
    expect(fly.http_service.concurrency).toEqual({ type: 'connections', soft_limit: 200, hard_limit: 1000 })
  })

  test('caps the heap well below the memory of the machine', () => {
    expect(fly.vm).toEqual([{ size: 'shared-cpu-1x', memory: '256mb' }])
    const heapMb = Number(/--max-old-space-size=(\d+)/.exec(fly.env['NODE_OPTIONS'] ?? '')?.[1])
    expect(heapMb).toBeLessThanOrEqual(256 * 0.7)
    expect(heapMb).toBeGreaterThanOrEqual(128)
  })

  test.each([
    ['a misspelt key', 'kill_timeuot = 5', ['kill_timeuot: unknown key']],
    ['a key in the wrong place', '[http_service]\nsoft_limit = 5', ['http_service.soft_limit: unknown key']],
    ['the key other projects invented', '[concurrency]\ntype = "notional"', ['concurrency: unknown key']],
    [
      'an unknown key of a check',
      '[[http_service.checks]]\nurl = "/"',
      ['http_service.checks.0.url: unknown key'],
    ],
    ['a value for a table', 'vm = "big"', ['vm: Invalid type: Expected Object but received "big"']],
    ['a word for a number', 'kill_timeout = "soon"', ['kill_timeout: no duration']],
    [
      'a number in quotes',
      '[http_service]\ninternal_port = "8080"',
      ['http_service.internal_port: Invalid type: Expected number but received "8080"'],
    ],
    [
      'an invented way to stop',
      '[http_service]\nauto_stop_machines = "never"',
      ['http_service.auto_stop_machines: no way to stop'],
    ],
    [
      'a bare number as a setting',
      '[env]\nPORT = 8080',
      ['env.PORT: Invalid type: Expected string but received 8080'],
    ],
    ['a key that every object has', 'constructor = "x"', ['constructor: unknown key']],
    [
      'a table for a value',
      '[kill_signal]\na = 1',
      ['kill_signal: Invalid type: Expected string but received null'],
    ],
  ])('is refused with %s', (_, text, faults) => {
    expect(faultsOf(flySchema, parse(text))).toEqual(faults)
  })
})

describe('app.json', () => {
  test('keeps Heroku’s rules', () => {
    expect(faultsOf(appSchema, app)).toEqual([])
  })

  test('asks for the four settings of owlcms and nothing else', () => {
    const four = ['OWLCMS_MQTTSERVER', 'OWLCMS_MQTTPORT', 'OWLCMS_MQTTUSERNAME', 'OWLCMS_MQTTPASSWORD']
    expect(mustFillIn(app.env)).toEqual(four)
    const port = settings.find((setting) => setting.name === 'OWLCMS_MQTTPORT')
    expect(app.env['OWLCMS_MQTTPORT']?.value).toBe(port?.default)
    expect(app.env['BRIDGE_SECRET']?.generator).toBe('secret')
    const prefilled = Object.entries(app.env).filter(([, setting]) => setting.value !== undefined)
    expect(prefilled.map(([name]) => name)).toEqual(['OWLCMS_MQTTPORT', 'BRIDGE_STOP_DELAY_SECONDS'])
  })

  test('makes one dyno that does not sleep', () => {
    expect(app.formation).toEqual({ web: { quantity: 1, size: 'basic' } })
    expect(app.buildpacks).toEqual([{ url: 'heroku/nodejs' }])
    expect({ stack: app.stack, success_url: app.success_url }).toEqual({
      stack: 'heroku-24',
      success_url: '/',
    })
  })

  test.each([
    ['a name of 31 characters', { name: 'x'.repeat(31) }, ['name: not 3 to 30 characters']],
    ['a $schema', { $schema: 'https://example.org' }, ['$schema: unknown key']],
    [
      'a number as value',
      { env: { A: { description: 'a', value: 8883 } } },
      ['env.A.value: Invalid type: Expected string but received 8883'],
    ],
    [
      'a word for required',
      { env: { A: { description: 'a', required: 'yes' } } },
      ['env.A.required: Invalid type: Expected boolean but received "yes"'],
    ],
    [
      'another generator',
      { env: { A: { description: 'a', generator: 'uuid' } } },
      ['env.A.generator: Invalid type: Expected "secret" but received "uuid"'],
    ],
    [
      'a small name',
      { env: { port: { description: 'a' } } },
      ['env.port: a name has capitals, digits and _ only'],
    ],
    [
      'no description',
      { env: { A: {} } },
      ['env.A.description: Invalid key: Expected "description" but received undefined'],
    ],
    ['a bare value', { env: { A: 'a' } }, ['env.A: Invalid type: Expected Object but received "a"']],
    [
      'an invented size',
      { formation: { web: { quantity: 1, size: 'tiny' } } },
      ['formation.web.size: no size of a dyno'],
    ],
    ['no leading slash', { success_url: 'admin' }, ['success_url: neither a path from / nor an address']],
  ])('is refused with %s', (_, bad, faults) => {
    expect(faultsOf(appSchema, bad)).toEqual(faults)
  })

  test('takes a setting as required unless it says otherwise', () => {
    expect(
      mustFillIn({ A: {}, B: { required: true }, C: { required: false }, D: { generator: 'secret' } }),
    ).toEqual(['A', 'B'])
  })
})

describe('the image', () => {
  test('runs as an ordinary user, set before the command and never set back', () => {
    expect(finalStage.filter((step) => step.name === 'USER').map((step) => step.rest)).toEqual(['node'])
    const order = finalStage.map((step) => step.name)
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'))
    expect(order.indexOf('USER')).toBeLessThan(order.indexOf('CMD'))
  })

  test('starts without a shell or npm that would swallow the signal to stop', () => {
    expect(given('CMD').map((rest) => JSON.parse(rest) as unknown)).toEqual([
      ['node', 'dist/main.js', 'start'],
    ])
    expect(given('ENTRYPOINT')).toEqual([])
  })

  test('takes no build arguments and bakes in no setting but the port', () => {
    expect(given('ARG')).toEqual([])
    expect(given('ENV')).toEqual(['NODE_ENV=production', `PORT=${port}`])
    expect(read('Dockerfile')).not.toMatch(/OWLCMS_|BRIDGE_|--secret|password/i)
  })

  test('is built in two stages from the lockfile, the last one of the bundle alone', () => {
    expect(given('FROM')).toHaveLength(2)
    expect(given('RUN')).toEqual(['npm ci --no-audit', 'npm run build'])
    const last = finalStage.filter((step) => ['COPY', 'RUN'].includes(step.name)).map((step) => step.rest)
    expect(last).toEqual(['package.json LICENSE ./', '--from=build /app/dist ./dist'])
  })

  test('is fed from a list of what may enter, which leaves .env outside', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(rules[0]).toBe('*')
    expect(rules.slice(1).every((rule) => rule.startsWith('!'))).toBe(true)
    const allowed = rules.slice(1).map((rule) => rule.slice(1))
    const fromContext = given('COPY').filter((rest) => !rest.startsWith('--from='))
    const copied = new Set(fromContext.flatMap((rest) => rest.split(' ').slice(0, -1)))
    expect([...copied].sort()).toEqual([...allowed].sort())
    expect(
      [...copied].filter((path) => !files().some((file) => file === path || file.startsWith(`${path}/`))),
    ).toEqual([])
  })
})

describe('the packages', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> }

  test('have exactly one lockfile: with two, Heroku refuses to build', () => {
    const lockfiles =
      /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/
    expect(files().filter((file) => lockfiles.test(file))).toEqual(['package-lock.json'])
  })

  test('come from whichever registry npm is set to, checked by their hashes', () => {
    const entries = Object.entries(lock.packages).filter(([path]) => path !== '')
    expect(entries.length).toBeGreaterThan(50)
    expect(entries.filter(([, entry]) => 'resolved' in entry).map(([path]) => path)).toEqual([])
    expect(
      entries.filter(([, entry]) => typeof entry['integrity'] !== 'string').map(([path]) => path),
    ).toEqual([])
    expect(read('package-lock.json')).not.toMatch(/https?:\/\/(?:registry|localhost|127\.)/)
  })

  test('have exact versions', () => {
    const wanted = Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies })
    expect(wanted.filter(([, version]) => !/^(?:npm:[a-z]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})
