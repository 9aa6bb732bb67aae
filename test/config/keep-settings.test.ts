import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { givenSettings, loadConfig } from '../../src/config/config.ts'
import { asWritten, keepSettings, withSettings } from '../../src/config/keep-settings.ts'
import { ownSettingsFile } from '../../src/config/own-file.ts'
import { cleanText } from '../../src/config/text.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-kept-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const four = (password: string) => ({
  OWLCMS_MQTTSERVER: 'abc.s1.eu.hivemq.cloud',
  OWLCMS_MQTTPORT: '8883',
  OWLCMS_MQTTUSERNAME: 'hall',
  OWLCMS_MQTTPASSWORD: password,
})

const passwordIn = (path: string): string | undefined => {
  const { env, warnings } = givenSettings({}, path)
  const loaded = loadConfig(env, [], undefined, warnings)
  return loaded.kind === 'valid' ? loaded.config.broker.password : undefined
}

/** What people type, and what no line of a file can be without care. */
const passwords = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '#',
        ' #',
        '# ',
        '$HOME',
        '"',
        "'",
        '`',
        '“',
        '”',
        '«',
        '\\',
        '=',
        ' ',
        '\t',
        'ü',
        '密',
        '🏋',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  // A line of a form holds no line ends; blanks alone are no password.
  .filter((text) => !/[\r\n\u2028\u2029]/.test(text) && text.trim() !== '' && text.isWellFormed())

describe('settings that are kept', () => {
  it('are read as they were typed, whatever the password', async () => {
    const path = join(folder, 'settings.txt')
    await fc.assert(
      fc.asyncProperty(passwords, async (password) => {
        await keepSettings(path, four(password))
        expect(passwordIn(path)).toBe(password)
      }),
      { numRuns: 300 },
    )
  })

  it('are written so that one pair of quotes is taken off and no more', () => {
    fc.assert(fc.property(passwords, (password) => cleanText(asWritten(password)).text === password))
  })

  it('are for this user only, in a folder that is made for them, and leave nothing half done beside them', async () => {
    const path = join(folder, 'new', 'owlcms-bridge', 'settings.txt')
    await keepSettings(path, four('first'))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'new', 'owlcms-bridge'))).mode & 0o077).toBe(0)
    expect(await readdir(join(folder, 'new', 'owlcms-bridge'))).toEqual(['settings.txt'])
  })

  it('become private in a file that everybody could read', async () => {
    const path = join(folder, '.env')
    await writeFile(path, '# mine\n', { mode: 0o644 })
    await keepSettings(path, four('secret'))
    expect((await stat(path)).mode & 0o077).toBe(0)
  })

  it('leave every other line as it is, in its place, with the line ends of the file', () => {
    const before = '# Fill in\r\nPORT=8080\r\nexport OWLCMS_MQTTSERVER = old\r\n\r\nBRIDGE_NAME=north\r\n'
    expect(
      withSettings(before, { OWLCMS_MQTTSERVER: 'new', BRIDGE_BROKER: '', OWLCMS_MQTTUSERNAME: 'u' }),
    ).toBe(
      '# Fill in\r\nPORT=8080\r\nOWLCMS_MQTTSERVER=new\r\n\r\nBRIDGE_NAME=north\r\nOWLCMS_MQTTUSERNAME=u\r\n',
    )
  })

  it('stand once, where the file had a setting twice', () => {
    expect(withSettings('PORT=1\nBRIDGE_NAME=a\nPORT=2\n', { PORT: '3' })).toBe('BRIDGE_NAME=a\nPORT=3\n')
  })

  it('change a file as Windows’ editors save it', async () => {
    const path = join(folder, 'settings.txt')
    await writeFile(path, Buffer.from('\uFEFFOWLCMS_MQTTSERVER=old\r\n# süd\r\n', 'utf16le'))
    await keepSettings(path, four('pß'))
    expect(passwordIn(path)).toBe('pß')
    expect(await readFile(path, 'utf8')).toContain('# süd\r\n')
  })

  it('go to where a link leads, and the link stays', async () => {
    const [real, link] = [join(folder, 'real.txt'), join(folder, 'link.txt')]
    await writeFile(real, '')
    await symlink(real, link)
    await keepSettings(link, four('secret'))
    expect(passwordIn(real)).toBe('secret')
  })

  it('are as before where they can’t be written', async () => {
    const path = join(folder, 'shut', 'settings.txt')
    await mkdir(join(folder, 'shut'))
    await keepSettings(path, four('before'))
    // Nothing stops root.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) await chmod(folder, 0o755)
    if (isRoot) await chmod(join(folder, 'shut'), 0o755)
    else await chmod(join(folder, 'shut'), 0o500)
    if (isRoot) process.seteuid?.('nobody')
    try {
      await expect(keepSettings(path, four('after'))).rejects.toMatchObject({ code: 'EACCES' })
    } finally {
      if (isRoot) process.seteuid?.(0)
      await chmod(join(folder, 'shut'), 0o700)
    }
    expect(passwordIn(path)).toBe('before')
  })

  it('are as before where a folder is in the way, and nothing is left beside it', async () => {
    await mkdir(join(folder, 'settings.txt'))
    await expect(keepSettings(join(folder, 'settings.txt'), four('after'))).rejects.toMatchObject({
      code: 'EISDIR',
    })
    expect(await readdir(folder)).toEqual(['settings.txt'])
  })

  it('refuse what would become another line', async () => {
    const path = join(folder, 'settings.txt')
    await expect(keepSettings(path, four('a\nBRIDGE_VIEWERS=token'))).rejects.toThrow('OWLCMS_MQTTPASSWORD')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the settings of this computer’s user', () => {
  it.each([
    [
      'win32',
      { APPDATA: 'C:\\Users\\Ana\\AppData\\Roaming' },
      'C:\\Users\\Ana\\AppData\\Roaming\\owlcms-bridge\\settings.txt',
    ],
    ['darwin', { HOME: '/Users/ana' }, '/Users/ana/Library/Application Support/owlcms-bridge/settings.txt'],
    ['linux', { HOME: '/home/ana' }, '/home/ana/.config/owlcms-bridge/settings.txt'],
    ['linux', { HOME: '/home/ana', XDG_CONFIG_HOME: '/data/ana' }, '/data/ana/owlcms-bridge/settings.txt'],
    ['linux', { HOME: '/home/ana', XDG_CONFIG_HOME: 'data' }, '/home/ana/.config/owlcms-bridge/settings.txt'],
    ['linux', {}, undefined],
    ['linux', { HOME: '/home/ana', FLY_APP_NAME: 'my-bridge' }, undefined],
    ['linux', { HOME: '/app', DYNO: 'web.1' }, undefined],
  ])('are on %s with %j in %s', (platform, env, path) => {
    expect(ownSettingsFile(platform, env)).toBe(path)
  })
})
