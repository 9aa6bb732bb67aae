import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { root } from '../deploy/checkout.ts'

const run = promisify(execFile)

/** What the built program (npm test builds first) is packed into; Node for each of them is downloaded. */
describe.runIf(process.platform === 'linux')('the packages for computers without Node', () => {
  const own = `linux-${process.arch}`
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-packages-'))
    await run(process.execPath, ['scripts/pack.mjs', '--to', folder, 'windows-x64', own, 'macos'], {
      cwd: root,
    })
  }, 240_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const packed = async (end: string): Promise<string> => {
    const name = (await readdir(folder)).find((file) => file.endsWith(end))
    if (name === undefined) throw new Error(`no ${end}`)
    return join(folder, name)
  }

  it('are listed with their checksums', async () => {
    const lines = (await readFile(join(folder, 'SHA256SUMS.txt'), 'utf8')).trimEnd().split('\n')
    for (const line of lines) {
      const [sum = '', name = ''] = line.split('  ')
      expect(
        createHash('sha256')
          .update(await readFile(join(folder, name)))
          .digest('hex'),
      ).toBe(sum)
    }
    expect(lines).toHaveLength(3)
  })

  it('have for Windows one folder with Node, a script to double-click and five lines of text, all with CRLF', async () => {
    const files = unzipSync(new Uint8Array(await readFile(await packed('-windows-x64.zip'))))
    const names = Object.keys(files).map((name) => name.slice(name.indexOf('/') + 1))
    expect(new Set(Object.keys(files).map((name) => name.split('/')[0])).size).toBe(1)
    expect(names.filter((name) => !name.startsWith('app/')).toSorted()).toEqual([
      'LICENSE.txt',
      'NODE-LICENSE.txt',
      'README.txt',
      'node.exe',
      'owlcms-bridge.cmd',
      'settings.txt',
    ])
    expect(names).toEqual(
      expect.arrayContaining(['app/package.json', 'app/dist/main.js', 'app/dist/THIRD-PARTY-LICENSES.md']),
    )
    // Its own folder would be one more level, at the end of which Windows' 260 characters wait.
    expect(names.filter((name) => name.includes('\\') || name.length > 100)).toEqual([])
    const text = (end: string) =>
      Buffer.from(Object.entries(files).find(([name]) => name.endsWith(`/${end}`))?.[1] ?? []).toString()
    for (const name of ['README.txt', 'owlcms-bridge.cmd', 'settings.txt', 'LICENSE.txt'])
      expect(text(name).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(text('README.txt').trimEnd().split('\r\n')).toHaveLength(5)
    expect(text('owlcms-bridge.cmd')).toContain(
      'node.exe app\\dist\\main.js %COMMAND% --settings settings.txt',
    )
    // "MZ": a program of Windows.
    expect(
      Object.entries(files)
        .find(([name]) => name.endsWith('/node.exe'))?.[1]
        .subarray(0, 2),
    ).toEqual(new Uint8Array([0x4d, 0x5a]))
  })

  it('start from an empty folder with the Node that they bring, and let presses through', async () => {
    const empty = join(folder, 'an empty folder')
    await run('mkdir', [empty])
    await run('tar', ['-xzf', await packed(`-${own}.tar.gz`), '-C', empty])
    const at = join(empty, (await readdir(empty))[0] ?? '')
    expect((await stat(join(at, 'settings.txt'))).mode & 0o077).toBe(0)
    const password = 'hall#2026 "x"'
    const broker = await startTestBroker({ transport: 'tcp', username: 'hall', password })
    onTestFinished(() => broker.stop())
    const settings = (await readFile(join(at, 'settings.txt'), 'utf8'))
      .replace('OWLCMS_MQTTSERVER=', 'OWLCMS_MQTTSERVER=mqtt://127.0.0.1')
      .replace('OWLCMS_MQTTPORT=8883', `OWLCMS_MQTTPORT=${broker.port}`)
      .replace('OWLCMS_MQTTUSERNAME=', 'OWLCMS_MQTTUSERNAME=hall')
      .replace('OWLCMS_MQTTPASSWORD=', `OWLCMS_MQTTPASSWORD=${password}`)
      .replace('PORT=8080', 'PORT=0')
    await writeFile(join(at, 'settings.txt'), settings.replaceAll('\n', '\r\n'))
    const child = spawn(join(at, 'owlcms-bridge.sh'), {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', BRIDGE_VENUE_PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => (output += more))
    const port = await eventually(() => {
      const found = /"port":(\d+)/.exec(output)?.[1]
      if (found === undefined) throw new Error(`no port yet: ${output}`)
      return found
    })
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200))
    child.kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
  }, 60_000)

  it('say on a Mac without Node what is missing', async () => {
    const mac = join(folder, 'mac')
    await run('mkdir', [mac])
    await run('tar', ['-xzf', await packed('-macos.tar.gz'), '-C', mac])
    const script = join(mac, (await readdir(mac))[0] ?? '', 'owlcms-bridge.command')
    // Whatever else /bin has, there is no Node on this PATH.
    await run('mkdir', [join(mac, 'bin')])
    await run('ln', ['-s', '/usr/bin/dirname', join(mac, 'bin', 'dirname')])
    const ended = await run(script, { env: { PATH: join(mac, 'bin') }, timeout: 10_000 }).then(
      () => '',
      (error: unknown) => (error as { readonly stdout: string }).stdout,
    )
    expect(ended).toMatch(/^Node 24 is missing/)
  })
})
