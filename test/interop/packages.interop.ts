import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { keepSettings } from '../../src/config/keep-settings.ts'
import { eventually } from '../support/eventually.ts'
import { startProgram } from '../support/program.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { root } from '../deploy/checkout.ts'

const run = promisify(execFile)

/** What the built program is packed into with Node, which comes from npm's registry: for Windows and for this machine. */
describe.runIf(process.platform === 'linux')('the packages that bring Node', () => {
  const own = `linux-${process.arch}`
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-packages-'))
    await run(process.execPath, ['scripts/pack.mjs', '--to', folder, 'windows-x64', own], {
      cwd: root,
    })
  }, 240_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const packed = async (end: string): Promise<string> => {
    const name = (await readdir(folder)).find((file) => file.endsWith(end))
    if (name === undefined) throw new Error(`no ${end}`)
    return join(folder, name)
  }

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
    ])
    expect(names).toEqual(
      expect.arrayContaining(['app/package.json', 'app/dist/main.js', 'app/dist/THIRD-PARTY-LICENSES.md']),
    )
    // Its own folder would be one more level, at the end of which Windows' 260 characters wait.
    expect(names.filter((name) => name.includes('\\') || name.length > 100)).toEqual([])
    const text = (end: string) =>
      Buffer.from(Object.entries(files).find(([name]) => name.endsWith(`/${end}`))?.[1] ?? []).toString()
    for (const name of ['README.txt', 'owlcms-bridge.cmd', 'LICENSE.txt'])
      expect(text(name).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(text('README.txt').trimEnd().split('\r\n')).toHaveLength(5)
    expect(text('README.txt')).toContain('1. Double-click owlcms-bridge.cmd.')
    expect(text('owlcms-bridge.cmd')).toContain('node.exe app\\dist\\main.js %COMMAND%\r\n')
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
    const password = 'hall#2026 "x"'
    const broker = await startTestBroker({ transport: 'tcp', username: 'hall', password })
    onTestFinished(() => broker.stop())
    await keepSettings(join(folder, '.config', 'owlcms-bridge', 'settings.txt'), {
      ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(broker.port) },
      ...{ OWLCMS_MQTTUSERNAME: 'hall', OWLCMS_MQTTPASSWORD: password, PORT: '0' },
    })
    const program = startProgram({ PATH: '/usr/bin:/bin', HOME: folder, BRIDGE_VENUE_PORT: '0' }, [
      join(at, 'owlcms-bridge.sh'),
    ])
    onTestFinished(() => program.kill())
    const { port } = await program.said('listening')
    await eventually(async () =>
      expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(200),
    )
    program.signal('SIGTERM')
    expect(await program.exit).toBe(0)
  }, 60_000)
})
