import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProgram } from '../support/program.ts'
import { root } from './checkout.ts'

const run = promisify(execFile)

/** The one package without Node, so that this needs no network; those with it are in test/interop/packages.interop.ts. */
describe.runIf(process.platform === 'linux')('the package for a Mac', () => {
  let folder = ''
  let at = ''
  let packed = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-packages-'))
    await run(process.execPath, ['scripts/pack.mjs', '--to', folder, 'macos'], { cwd: root })
    packed = (await readdir(folder)).find((file) => file.endsWith('-macos.tar.gz')) ?? ''
    const empty = join(folder, 'an empty folder')
    await mkdir(empty)
    await run('tar', ['-xzf', join(folder, packed), '-C', empty])
    at = join(empty, (await readdir(empty))[0] ?? '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is listed with its checksum', async () => {
    const sum = createHash('sha256')
      .update(await readFile(join(folder, packed)))
      .digest('hex')
    expect(await readFile(join(folder, 'SHA256SUMS.txt'), 'utf8')).toBe(`${sum}  ${packed}\n`)
  })

  it('says without Node what is missing', async () => {
    // Whatever else /bin has, there is no Node on this PATH.
    const bin = join(folder, 'bin')
    await mkdir(bin)
    await symlink('/usr/bin/dirname', join(bin, 'dirname'))
    const ended = await run(join(at, 'owlcms-bridge.command'), { env: { PATH: bin }, timeout: 10_000 }).then(
      () => '',
      (error: unknown) => (error as { readonly stdout: string }).stdout,
    )
    expect(ended).toMatch(/^Node 24 is missing/)
  })

  it('starts from a folder that nobody may write to, and brings no file to fill in', async () => {
    expect((await readdir(at)).toSorted()).toEqual([
      'LICENSE.txt',
      'README.txt',
      'app',
      'owlcms-bridge.command',
    ])
    expect((await readFile(join(at, 'README.txt'), 'utf8')).split('\n')[1]).toMatch(
      /^1\. Start owlcms-bridge\.command\./,
    )
    await chmod(at, 0o555)
    onTestFinished(() => chmod(at, 0o755))
    const program = startProgram({ HOME: folder, PORT: '0', BRIDGE_VENUE_PORT: '0' }, [
      join(at, 'owlcms-bridge.command'),
    ])
    onTestFinished(() => program.kill())
    const { port } = await program.said('listening')
    expect((await fetch(`http://127.0.0.1:${String(port)}/livez`)).status).toBe(200)
    program.signal('SIGTERM')
    expect(await program.exit).toBe(0)
  })
})
