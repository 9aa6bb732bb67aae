/**
 * The keys of fly.toml that flyctl knows, from its configuration types and the reference page (platforms.md 1.1):
 * flyctl itself reports an unknown key only with `fly config validate --strict`, which needs a login. Sections this
 * project doesn't use are left out, so using one means adding it here on purpose.
 */
type Shape = { readonly [key: string]: Shape | 'value' } | 'any'

const check = {
  grace_period: 'value',
  interval: 'value',
  timeout: 'value',
  method: 'value',
  path: 'value',
  protocol: 'value',
  tls_skip_verify: 'value',
  tls_server_name: 'value',
  headers: 'any',
} as const satisfies Shape

const topLevel: Shape = {
  app: 'value',
  primary_region: 'value',
  kill_signal: 'value',
  kill_timeout: 'value',
  swap_size_mb: 'value',
  console_command: 'value',
  build: { dockerfile: 'value', ignorefile: 'value', 'build-target': 'value', args: 'any' },
  deploy: { strategy: 'value', max_unavailable: 'value', wait_timeout: 'value' },
  env: 'any',
  http_service: {
    internal_port: 'value',
    force_https: 'value',
    auto_stop_machines: 'value',
    auto_start_machines: 'value',
    min_machines_running: 'value',
    processes: 'value',
    concurrency: { type: 'value', soft_limit: 'value', hard_limit: 'value' },
    http_options: { idle_timeout: 'value', compress: 'value', h2_backend: 'value', response: 'any' },
    tls_options: { alpn: 'value', versions: 'value' },
    checks: check,
  },
  metrics: { port: 'value', path: 'value', https: 'value' },
  restart: { policy: 'value', retries: 'value', processes: 'value' },
  vm: { size: 'value', memory: 'value', cpus: 'value', cpu_kind: 'value', processes: 'value' },
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownIn(table: Record<string, unknown>, shape: Shape, path: string): readonly string[] {
  if (shape === 'any') return []
  return Object.entries(table).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`
    const expected = shape[key]
    if (expected === undefined) return [`${here}: unknown key`]
    const tables = (Array.isArray(value) ? value : [value]).filter(isTable)
    if (expected === 'value') return tables.length > 0 ? [`${here}: a table where a value belongs`] : []
    if (tables.length === 0) return [`${here}: a value where a table belongs`]
    return tables.flatMap((inner) => unknownIn(inner, expected, here))
  })
}

/** What flyctl would ignore or misread in a parsed fly.toml: one line each, "http_service.cheks: unknown key". */
export function unknownFlyKeys(config: Record<string, unknown>): readonly string[] {
  return unknownIn(config, topLevel, '')
}
