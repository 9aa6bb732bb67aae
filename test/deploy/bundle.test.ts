import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './checkout.ts'

interface Shipped {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly path: string
}

interface LockEntry {
  readonly version?: string
  readonly license?: string
  /** Only for building and testing. */
  readonly dev?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

const dist = join(root, 'dist')
const shipped = JSON.parse(readFileSync(join(dist, 'third-party.json'), 'utf8')) as readonly Shipped[]
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** A script of the bundle, and all that it imports before it runs. */
function loadedWith(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const text = readFileSync(join(dist, file), 'utf8')
  const imported = [...text.matchAll(/^import .*"(\.{1,2}\/[^"]+)";$/gm)].map(([, path = '']) => path)
  return [text, ...imported.flatMap((path) => loadedWith(join(file, '..', path), seen))]
}

/** What `npm test` has built. */
describe('the bundle', () => {
  test('names what it carries, in the versions and with the licences of the lockfile', () => {
    expect(shipped.length).toBeGreaterThan(20)
    for (const { path, version, license } of shipped)
      expect({ path, version, license }).toEqual({
        path,
        version: lock.packages[path]?.version,
        license: lock.packages[path]?.license,
      })
  })

  test('carries the libraries that the program speaks through, and no tool', () => {
    const names = shipped.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['aedes', 'hono', 'mqtt', 'mqtt-packet', 'pino', 'ws']))
    const tools = ['typescript', 'rolldown', 'vitest', 'eslint', 'prettier', 'playwright-core']
    expect(names.filter((name) => tools.includes(name))).toEqual([])
  })

  test('carries run-time packages only, and every one that package.json names, so that audits see what is shipped', () => {
    expect(shipped.filter(({ path }) => lock.packages[path]?.dev === true)).toEqual([])
    const names = new Set(shipped.map(({ name }) => name))
    const wanted = Object.keys(lock.packages['']?.dependencies ?? {})
    expect(wanted.filter((name) => !names.has(name))).toEqual([])
  })

  test('has each licence with its text, as the licences ask', () => {
    const papers = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.md'), 'utf8')
    const absent = shipped.filter(
      ({ name, version, license }) => !papers.includes(`\n## ${name} ${version}: ${license}\n\n\`\`\`text\n`),
    )
    expect(absent).toEqual([])
  })

  test.for([
    {
      file: 'main.js',
      what: 'the settings and a port that listens',
      first: ['src/http/door/front-door.ts', 'src/config/', 'node_modules/envalid/'],
      later: [
        'node_modules/pino/',
        'src/bridge/',
        'src/hub/',
        'src/doctor/',
        'src/http/app.tsx',
        'node_modules/hono/',
        'node_modules/ws/',
      ],
    },
    {
      file: 'chunks/bridge.js',
      what: 'the bridge',
      first: ['src/bridge/bridge.ts', 'src/hub/hub.ts', 'node_modules/hono/', 'node_modules/ws/'],
      later: [
        'src/doctor/check.ts',
        'src/metrics/metrics.ts',
        'node_modules/prom-client/',
        'node_modules/mqtt/',
      ],
    },
  ])('loads $what first, and the rest when it is needed', ({ file, first, later }) => {
    const code = loadedWith(file)
    const has = (part: string): boolean =>
      code.some((text) => text.includes(`// ${part}`) || text.includes(`//#region ${part}`))
    expect(first.filter((part) => !has(part))).toEqual([])
    const never = ['node_modules/aedes/', 'node_modules/debug/', 'src/simulator/', 'src/demo/']
    expect([...later, ...never].filter(has)).toEqual([])
  })

  test('has a source map beside each script', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    // One that only passes on what another exports, and the bundler's own, have nothing to map.
    const scripts = files.filter(
      (file) =>
        file.endsWith('.js') &&
        statSync(join(dist, file)).size > 200 &&
        !file.endsWith('rolldown-runtime.js'),
    )
    expect(scripts.filter((file) => !files.includes(`${file}.map`))).toEqual([])
  })
})
