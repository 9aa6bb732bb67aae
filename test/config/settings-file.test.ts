import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { givenSettings, loadConfig, type LoadedConfig } from '../../src/config/config.ts'
import { parseSettingsFile } from '../../src/config/settings-file.ts'

const run = promisify(execFile)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-settings-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The four as somebody would type them into a file, with the password as given. */
const typed = (password: string) =>
  [
    '# owlcms’s own four',
    'OWLCMS_MQTTSERVER=abc.s1.eu.hivemq.cloud',
    'OWLCMS_MQTTPORT=8883',
    '',
    'OWLCMS_MQTTUSERNAME=hall',
    `OWLCMS_MQTTPASSWORD=${password}`,
    '',
  ].join('\n')

const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16())

/** As editors save it: name, bytes of a text. */
const editors: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'plain UTF-8': utf8,
  'UTF-8 with a mark (Notepad)': (text) => utf8(`\uFEFF${text}`),
  'UTF-8 with CRLF': (text) => utf8(text.replaceAll('\n', '\r\n')),
  'UTF-16 (Notepad’s "Unicode")': (text) =>
    new Uint8Array(Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'utf16le')),
  'UTF-16, big end first': (text) => utf16be(`\uFEFF${text}`),
  'UTF-16 without a mark': (text) => new Uint8Array(Buffer.from(text, 'utf16le')),
  'blanks everywhere': (text) => utf8(text.replaceAll('=', ' = ').replaceAll('\n', '  \n')),
  'lines for a shell': (text) => utf8(text.replaceAll('OWLCMS_', 'export OWLCMS_')),
}

/** Loads the settings of a file, without any environment. */
async function loadFrom(bytes: Uint8Array): Promise<LoadedConfig> {
  const path = join(folder, 'settings.txt')
  await writeFile(path, bytes)
  const { env, warnings } = givenSettings({}, path)
  return loadConfig(env, [], () => 'random', warnings)
}

const passwordOf = (loaded: LoadedConfig) =>
  loaded.kind === 'valid' ? loaded.config.broker.password : 'not valid'

const hard = [
  'hall#2026',
  '# x',
  'a #b',
  '$HOME',
  'x`id`',
  `it's "so"`,
  'back\\slash\\n',
  '%PATH%',
  'a=b',
  '!1 ^&|<>',
  'ключ ✓',
]

describe('a settings file', () => {
  test.each(Object.entries(editors))('saved as %s is understood without a word', async (_, save) => {
    const loaded = await loadFrom(save(typed('pass word')))
    expect(passwordOf(loaded)).toBe('pass word')
    expect(loaded.warnings).toEqual([])
  })

  test.each(hard.slice(0, -1))('carries the password %s as it is', async (password) => {
    expect(passwordOf(await loadFrom(utf8(typed(password))))).toBe(password)
  })

  it('carries any password of one line, in quotes if it begins or ends with a quote or a space, saved by any editor', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.constantFrom(...hard, ' ', '"', "'", '#', ' # '),
    )
    const password = fc
      .array(piece, { minLength: 1, maxLength: 6 })
      .map((pieces) => pieces.join(''))
      .filter((text) => text.trim() !== '' && !/[\r\n\u2028\u2029]/.test(text))
    await fc.assert(
      fc.asyncProperty(password, fc.constantFrom(...Object.values(editors)), async (text, save) => {
        // The one that puts blanks around every "=" would do so inside the password.
        fc.pre(!(save === editors['blanks everywhere'] && text.includes('=')))
        fc.pre(!text.includes('OWLCMS_') && !text.includes('-----'))
        expect(passwordOf(await loadFrom(save(typed(`"${text}"`))))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    [
      'a line that is none',
      'OWLCMS_MQTTPORT: 8883',
      ['--settings: Line 1 of the file is not NAME=value, and is ignored.'],
    ],
    [
      'a name that stands there twice',
      'PORT=1\nPORT=2',
      ['PORT: It is in the file twice; the last one counts.'],
    ],
    ['a comment behind a value', 'PORT=8080 # web', ['PORT: What follows the " #" was taken for a comment.']],
    [
      'a comment behind quotes',
      'OWLCMS_MQTTPASSWORD="hall#2026" # new',
      ['OWLCMS_MQTTPASSWORD: What follows the closing quote was taken for a comment.'],
    ],
    [
      'a document of a word processor',
      '{\\rtf1\\ansi PORT=1}',
      ['--settings: The file is a word processor’s document. Save it as plain text.'],
    ],
  ])('says so of %s', (_, text, warnings) => {
    expect(parseSettingsFile(utf8(text)).warnings.map(({ setting, what }) => `${setting}: ${what}`)).toEqual(
      warnings,
    )
  })

  it('of an old Windows editor is read as such, and says so', () => {
    const bytes = new Uint8Array(Buffer.from('OWLCMS_MQTTPASSWORD=Zürich', 'latin1'))
    const { texts, warnings } = parseSettingsFile(bytes)
    expect(texts).toEqual({ OWLCMS_MQTTPASSWORD: 'Zürich' })
    expect(warnings.map(({ what }) => what)).toEqual([expect.stringContaining('not saved as UTF-8')])
  })

  it('may hold a certificate over many lines', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----'
    const { texts, warnings } = parseSettingsFile(
      utf8(`BRIDGE_MQTT_CA="${pem}\n${pem}"\nPORT=1\nBRIDGE_MQTT_CA=${pem}\nHOST=::`),
    )
    const line = pem.replaceAll('\n', '\\n')
    expect(texts).toEqual({ BRIDGE_MQTT_CA: line, PORT: '1', HOST: '::' })
    expect(warnings.map(({ setting }) => setting)).toEqual(['BRIDGE_MQTT_CA'])
  })

  it('that is not there is named by its fault, not by its path, and .txt behind its name is noticed', async () => {
    await writeFile(join(folder, 'kept.env.txt'), typed('x'))
    const whats = ['kept.env', 'nowhere', '.'].map(
      (name) => givenSettings({}, join(folder, name)).warnings[0]?.what,
    )
    expect(whats).toEqual([
      'There is no such file, but there is one with .txt at the end, which Windows adds: rename it, or give that name.',
      'The file cannot be read (ENOENT).',
      'It is not a text file.',
    ])
  })

  it('yields to the environment', async () => {
    const path = join(folder, 'both')
    await writeFile(path, typed('of the file'))
    const { env } = givenSettings({ OWLCMS_MQTTPASSWORD: 'of the environment', OWLCMS_MQTTPORT: ' ' }, path)
    expect(env).toMatchObject({ OWLCMS_MQTTPASSWORD: 'of the environment', OWLCMS_MQTTPORT: '8883' })
  })
})

describe('node --env-file', () => {
  /** What the very Node of this test makes of the file, and what is noticed. */
  async function readByNode(bytes: Uint8Array): Promise<readonly string[]> {
    const path = join(folder, 'node.env')
    await writeFile(path, bytes)
    const script = 'console.log(JSON.stringify([process.env, process.execArgv]))'
    const { stdout } = await run(process.execPath, [`--env-file=${path}`, '-e', script], { env: {} })
    const [env, nodeOptions] = JSON.parse(stdout) as [Record<string, string>, string[]]
    return givenSettings(env, undefined, nodeOptions).warnings.map(
      ({ setting, what }) => `${setting}: ${what}`,
    )
  }

  it.each([
    ['hall#2026', 'took 4 of its 9 characters'],
    ['#hall', 'took 0 of its 5 characters'],
    [`it's#"so"`, 'took 4 of its 9 characters'],
  ])('cuts %s, which is noticed with both lengths', async (password, what) => {
    expect(await readByNode(utf8(typed(password)))).toEqual([
      expect.stringContaining(`OWLCMS_MQTTPASSWORD: Node’s own reader of such files ${what}`),
    ])
  })

  it.each(['pass word', '"hall#2026"', "'hall#2026'", '$HOME'])(
    'reads %s as it is meant, without a word',
    async (written) => {
      expect(await readByNode(utf8(typed(written)))).toEqual([])
    },
  )

  it('reads nothing of a file in UTF-16, which is noticed', async () => {
    const warnings = await readByNode(new Uint8Array(Buffer.from(`\uFEFF${typed('x')}`, 'utf16le')))
    expect(warnings).toHaveLength(4)
    expect(warnings[0]).toMatch(/^OWLCMS_MQTTSERVER: .* took 0 of its 22 characters/)
  })
})

const docker = await run('docker', ['--version']).then(
  () => true,
  () => false,
)

it.runIf(docker)('docker run --env-file hands every such password on as it is typed', async () => {
  // A stand-in for Docker's daemon: what the real client asks for is read, and refused.
  const asked: string[] = []
  const daemon = createServer((request, answer) => {
    let body = ''
    request.setEncoding('utf8').on('data', (more: string) => (body += more))
    request.on('end', () => {
      if (request.url?.includes('/containers/create') === true) asked.push(body)
      const version = request.url?.endsWith('/_ping') === true
      answer.writeHead(version ? 200 : 500, { 'Api-Version': '1.47', 'Content-Type': 'application/json' })
      answer.end(version ? 'OK' : '{"message": "a stand-in"}')
    })
  }).listen(0, '127.0.0.1')
  await once(daemon, 'listening')
  onTestFinished(() => void daemon.close())
  const { port } = daemon.address() as AddressInfo
  const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: `tcp://127.0.0.1:${port}` }
  for (const password of hard) {
    const path = join(folder, 'docker.env')
    await writeFile(path, typed(password))
    await run('docker', ['run', '--env-file', path, 'owlcms-bridge'], { env }).catch(() => undefined)
    const { Env } = JSON.parse(asked.at(-1) ?? '{}') as { readonly Env?: readonly string[] }
    expect(Env).toContain(`OWLCMS_MQTTPASSWORD=${password}`)
  }
  expect(asked).toHaveLength(hard.length)
})
