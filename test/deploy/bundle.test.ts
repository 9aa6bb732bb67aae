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

const dist = join(root, 'dist')
const shipped = JSON.parse(readFileSync(join(dist, 'third-party.json'), 'utf8')) as readonly Shipped[]
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly license?: string }>>
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

  test('has each licence with its text, as the licences ask', () => {
    const papers = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.md'), 'utf8')
    const absent = shipped.filter(
      ({ name, version, license }) => !papers.includes(`\n## ${name} ${version}: ${license}\n\n\`\`\`text\n`),
    )
    expect(absent).toEqual([])
  })

  test('loads the demo, its broker and MQTT.js only when they are needed', () => {
    const main = readFileSync(join(dist, 'main.js'), 'utf8')
    const atOnce = [...main.matchAll(/^import .* from "\.\/chunks\/([^"]+)";$/gm)].map(([, file]) => file)
    const code = [main, ...atOnce.map((file) => readFileSync(join(dist, 'chunks', file ?? ''), 'utf8'))]
    const lazy = ['node_modules/aedes/', 'node_modules/mqtt/', 'src/simulator/', 'src/demo/']
    expect(
      lazy.filter((part) =>
        code.some((text) => text.includes(`// ${part}`) || text.includes(`//#region ${part}`)),
      ),
    ).toEqual([])
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
