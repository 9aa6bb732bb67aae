import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './checkout.ts'
import { eventually } from '../support/eventually.ts'

const run = promisify(execFile)
const whileStarting = { timeout: 60_000, interval: 100 }

interface Packed {
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** The environment of somebody who has Node and npm and nothing of this project. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_config_update_notifier: 'false' }

/** What `npm test` has built is packed; nothing is built again. */
describe('the packed program, installed into an empty folder', () => {
  let folder = ''
  let packed: Packed
  let demo: ChildProcess | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-pack-'))
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const { stdout } = await run('npm', pack, { cwd: root, env })
    packed = (JSON.parse(stdout) as readonly [Packed])[0]
    await mkdir(join(folder, 'empty'))
    await writeFile(join(folder, 'empty', 'package.json'), '{"private": true}')
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)]
    await run('npm', install, { cwd: join(folder, 'empty'), env })
  }, 120_000)

  afterAll(async () => {
    if (demo?.pid !== undefined && demo.exitCode === null) {
      const ended = once(demo, 'exit')
      // npx and the program below it: the group that was started here.
      process.kill(-demo.pid, 'SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  test('holds the bundle and the papers, and nothing else', () => {
    const others = packed.files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^dist\/(?:(?:chunks|console)\/)?[\w-]+\.(?:js|js\.map|css|json|md)(?:\.br|\.gz)?$/.test(path),
      )
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'PROTOCOL.md', 'README.md', 'package.json'])
    expect(packed.size).toBeLessThan(5_000_000)
  })

  test('brings its run-time packages along, and no tool', async () => {
    const names = await readdir(join(folder, 'empty', 'node_modules'))
    expect(names).toEqual(expect.arrayContaining(['owlcms-bridge', 'mqtt', 'ws', 'hono']))
    expect(
      names.filter((name) => /^(?:typescript|rolldown|vitest|eslint|prettier|playwright)/.test(name)),
    ).toEqual([])
  })

  test('runs the demo by npx, until a press can get through', async () => {
    const child = spawn('npx', ['--offline', 'owlcms-bridge', 'demo'], {
      cwd: join(folder, 'empty'),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    demo = child
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => (text += more))
    const port = await eventually(() => {
      const found = /localhost:(\d+)/.exec(text)?.[1]
      if (found === undefined) throw new Error(`no address yet: ${text}`)
      return found
    }, whileStarting)
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    }, whileStarting)
  }, 130_000)
})
