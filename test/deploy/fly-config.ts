/**
 * The keys of fly.toml that flyctl knows, from its configuration types and the reference page (docs/platforms.md 1.1):
 * flyctl itself reports an unknown key only with `fly config validate --strict`, which needs a login. Sections this
 * project doesn't use are left out, so using one means adding it here on purpose.
 */
type Shape = { readonly [key: string]: Shape | Kind } | 'any' | 'textTable'

const isText = (value: unknown) => typeof value === 'string'

/** What the TOML value of a key must be for flyctl's type of it: a Go string, int, bool and so on. */
const kinds = {
  text: isText,
  bool: (value: unknown) => typeof value === 'boolean',
  whole: (value: unknown) => Number.isInteger(value),
  number: (value: unknown) => typeof value === 'number',
  texts: (value: unknown) => Array.isArray(value) && value.every(isText),
  // Whole seconds, or Go's "1m30s".
  duration: (value: unknown) =>
    Number.isInteger(value) || (isText(value) && /^(?:\d+(?:ms|s|m|h))+$/.test(value)),
  // The booleans are its old spelling.
  autostop: (value: unknown) => typeof value === 'boolean' || oneOf(value, ['off', 'stop', 'suspend']),
  restart: (value: unknown) => oneOf(value, ['always', 'never', 'on-failure']),
} as const
type Kind = keyof typeof kinds

function oneOf(value: unknown, choices: readonly string[]): boolean {
  return typeof value === 'string' && choices.includes(value)
}

const check = {
  grace_period: 'duration',
  interval: 'duration',
  timeout: 'duration',
  method: 'text',
  path: 'text',
  protocol: 'text',
  tls_skip_verify: 'bool',
  tls_server_name: 'text',
  headers: 'textTable',
} as const satisfies Shape

const topLevel: Shape = {
  app: 'text',
  primary_region: 'text',
  kill_signal: 'text',
  kill_timeout: 'duration',
  swap_size_mb: 'whole',
  console_command: 'text',
  build: { dockerfile: 'text', ignorefile: 'text', 'build-target': 'text', args: 'textTable' },
  deploy: { strategy: 'text', max_unavailable: 'number', wait_timeout: 'duration' },
  env: 'textTable',
  http_service: {
    internal_port: 'whole',
    force_https: 'bool',
    auto_stop_machines: 'autostop',
    auto_start_machines: 'bool',
    min_machines_running: 'whole',
    processes: 'texts',
    concurrency: { type: 'text', soft_limit: 'whole', hard_limit: 'whole' },
    http_options: { idle_timeout: 'whole', compress: 'bool', h2_backend: 'bool', response: 'any' },
    tls_options: { alpn: 'texts', versions: 'texts' },
    checks: check,
  },
  metrics: { port: 'whole', path: 'text', https: 'bool' },
  restart: { policy: 'restart', retries: 'whole', processes: 'texts' },
  vm: { size: 'text', memory: 'text', cpus: 'whole', cpu_kind: 'text', processes: 'texts' },
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isKind(expected: Shape | Kind): expected is Kind {
  return typeof expected === 'string' && Object.hasOwn(kinds, expected)
}

function unknownIn(table: Record<string, unknown>, shape: Shape, path: string): readonly string[] {
  if (shape === 'any') return []
  if (shape === 'textTable') {
    const others = Object.entries(table).filter(([, value]) => !isText(value))
    return others.map(([key]) => `${path}.${key}: not of the kind "text"`)
  }
  return Object.entries(table).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`
    const expected = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (expected === undefined) return [`${here}: unknown key`]
    const tables = (Array.isArray(value) ? value : [value]).filter(isTable)
    if (isKind(expected)) {
      if (tables.length > 0) return [`${here}: a table where a value belongs`]
      return kinds[expected](value) ? [] : [`${here}: not of the kind "${expected}"`]
    }
    if (tables.length === 0) return [`${here}: a value where a table belongs`]
    return tables.flatMap((inner) => unknownIn(inner, expected, here))
  })
}

/** What flyctl would ignore or misread in a parsed fly.toml: one line each, "http_service.cheks: unknown key". */
export function unknownFlyKeys(config: Record<string, unknown>): readonly string[] {
  return unknownIn(config, topLevel, '')
}
