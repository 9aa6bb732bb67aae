import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCommand } from '../../src/commands/command-line.ts'
import { givenSettings, loadConfig } from '../../src/config/config.ts'
import { read, root } from './checkout.ts'

const run = promisify(execFile)
const pages = [
  'README.md',
  'docs/deploy.md',
  'docs/competition-day.md',
  'docs/operations.md',
  'docs/settings.md',
  'docs/journal.md',
]

/** The boxes of a page that are for a shell, without their comments. */
const boxes = (page: string): readonly (readonly string[])[] =>
  [...read(page).matchAll(/^ *```sh\n([^]*?)^ *```/gm)].map(([, text = '']) =>
    text
      .split('\n')
      .map((line) => line.replace(/ {2,}#.*$/, '').trim())
      .filter((line) => line !== ''),
  )

/** Whoever pastes such a box whole, feeds the rest of it to the program that waits for a keyboard. */
const waits = /^(?:fly secrets import|fly auth login|heroku login|heroku config:edit|nano|vi)\b/

const programs = 'fly|heroku|docker|git|npm|node|systemctl|journalctl|cp|install|sed|nano|cd|hostname'
const inText = (page: string): readonly string[] =>
  [...read(page).matchAll(new RegExp(`\`((?:${programs}) [^\`]+)\``, 'g'))].map(([, command = '']) => command)

const commands = pages
  .flatMap((page) => [...boxes(page).flat(), ...inText(page)])
  .flatMap((line) => line.split(' && '))

/** How each command of the papers is held, or why no test can run it. */
const held: readonly (readonly [RegExp, string])[] = [
  [/^npm (?:ci|cit|run build|prune --omit=dev)$/, 'heroku-build.interop.ts and CI do the same'],
  [
    /^npm run [\w:]+$/,
    'readme.test.ts: the script exists; demo and pack in package.test.ts and packages.test.ts',
  ],
  [/^node (?:\/\S+\/)?dist\/main\.js /, 'below: the program understands it'],
  [
    /^cp \.env\.example \.env$|^install -m 600 \.env\.example |^sed -i |^cp deploy\//,
    'below: run in an empty folder',
  ],
  [/^docker run /, 'settings-file.test.ts: what the client makes of .env; the rest needs a daemon'],
  [
    /^docker (?:build|tag|rm|logs|exec) /,
    'not run: needs a daemon; scripts/try-dockerfile.mjs does the steps of the image',
  ],
  [
    /^fly |^heroku /,
    'not run: needs an account; Fly’s secrets below, Heroku’s build in heroku-build.interop.ts',
  ],
  [
    /^git (?:clone|pull|push heroku main|tag before|checkout (?:before|main))\b/,
    'not run: needs the published repository',
  ],
  [
    /^(?:systemctl|journalctl) |^nano \/etc\/owlcms-bridge\.env$/,
    'not run: needs a running systemd; the unit in readme.test.ts',
  ],
  [/^(?:cd (?:owlcms-bridge|\/opt\/owlcms-bridge)|hostname -I)$/, 'nothing of ours'],
]

describe('the commands of the papers', () => {
  it('are many, and each is run by a test or listed with why it can’t be', () => {
    expect(commands.length).toBeGreaterThan(40)
    expect(commands.filter((command) => !held.some(([pattern]) => pattern.test(command)))).toEqual([])
    // A line of this list that nothing needs any more is dropped.
    expect(held.filter(([pattern]) => !commands.some((command) => pattern.test(command)))).toEqual([])
  })

  it('have nothing behind them in their box that a waiting program would swallow', () => {
    const swallowed = pages.flatMap(boxes).filter((box) => box.slice(0, -1).some((line) => waits.test(line)))
    // Both open a browser and read no line.
    expect(swallowed.filter((box) => !/^(?:fly auth|heroku) login$/.test(box[0] ?? ''))).toEqual([])
  })

  it('are understood by the program', () => {
    const ours = commands
      .map((command) => /^node \S*dist\/main\.js (.*)$/.exec(command)?.[1])
      .filter((text) => text !== undefined)
    expect(ours.length).toBeGreaterThan(5)
    const unquoted = ours.map((text) => text.replace(/ \|.*$/, '').split(' '))
    expect(unquoted.filter((words) => readCommand(words).kind === 'mistake')).toEqual([])
    const inside = read('docs/deploy.md').match(/-C "([^"]+)"/)?.[1]
    // A shell at Fly begins in another folder.
    expect(inside).toBe('node /app/dist/main.js check')
  })

  it('name no app but the reader’s own, and never Fly’s launch, which would rewrite fly.toml', () => {
    const named = commands.flatMap((command) => [...command.matchAll(/ -a (\S+)/g)].map((found) => found[1]))
    expect(new Set(named)).toEqual(new Set(['my-bridge']))
    const withoutName = /^fly (?:auth login|platform regions|launch|apps create my-bridge)/
    expect(
      commands.filter((line) => /^fly /.test(line) && !/ -a my-bridge/.test(line) && !withoutName.test(line)),
    ).toEqual([])
    expect(
      pages
        .flatMap(boxes)
        .flat()
        .filter((line) => line.startsWith('fly launch')),
    ).toEqual([])
  })

  it('turn the unit of a server into that of a hall', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-commands-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const [sed = ''] = commands.filter((command) => command.startsWith('sed -i'))
    const unit = join(folder, 'owlcms-bridge.service')
    await run('cp', [join(root, 'deploy/owlcms-bridge.service'), unit])
    await run('sh', ['-c', sed.replace('/etc/systemd/system/owlcms-bridge.service', unit)])
    expect(await readFile(unit, 'utf8')).toMatch(/^ExecStart=.* dist\/main\.js venue --settings /m)
  })

  it('give a settings file that only needs the four lines, as shown', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-commands-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const shown = /^```text\n(OWLCMS_[^]*?)^```/m.exec(read('docs/deploy.md'))?.[1] ?? ''
    const filled = shown
      .trimEnd()
      .split('\n')
      .reduce((text, line) => {
        const name = line.slice(0, line.indexOf('=') + 1)
        return text.replace(new RegExp(`^${name}.*$`, 'm'), line)
      }, read('.env.example'))
    const path = join(folder, '.env')
    await writeFile(path, filled)
    const { env, warnings } = givenSettings({}, path)
    const loaded = loadConfig(env, [], undefined, warnings)
    expect(loaded.kind === 'valid' && loaded.config.broker).toMatchObject({
      username: 'competition',
      password: 'hall#2026',
    })
    expect(loaded.warnings).toEqual([])
  })
})

/** What flyctl makes of the lines that `fly secrets import` reads (docs/platforms.md 1.5). */
function flySecrets(text: string): Readonly<Record<string, string>> {
  const secrets: Record<string, string> = {}
  let open: { readonly name: string; readonly lines: string[] } | undefined
  for (const line of text.split('\n')) {
    if (open !== undefined) {
      open.lines.push(line.endsWith('"""') ? line.slice(0, -3) : line)
      if (!line.endsWith('"""')) continue
      secrets[open.name] = open.lines.join('\n')
      open = undefined
      continue
    }
    if (line.startsWith('#') || line.trim() === '') continue
    const name = line.slice(0, line.indexOf('=')).trim()
    let value = line.slice(line.indexOf('=') + 1).replace(/^ +/, '')
    const hash = value.indexOf('#')
    if (hash !== -1 && value.slice(0, hash).split('"').length % 2 === 1)
      value = value.slice(0, hash).replace(/ +$/, '')
    if (value.startsWith('"""')) open = { name, lines: [value.slice(3)] }
    else secrets[name] = /^(".*"|'.*')$/.test(value) ? value.slice(1, -1) : value
  }
  return secrets
}

describe('fly secrets import', () => {
  const blocks = [...read('docs/deploy.md').matchAll(/^```text\n(OWLCMS_[^]*?)^```/gm)].map(
    ([, text = '']) => text,
  )
  const shown = blocks.find((text) => text.includes('"""')) ?? ''

  it.each(['hall#2026', "'a#b'", '"q"x#y', '$HOME `id` \\n', `it's "so" # 1`, '#x', '=a"b'])(
    'carries %s, written as the guide shows',
    (password) => {
      const loaded = loadConfig(flySecrets(shown.replace('hall#2026', () => password)), [])
      const inQuotes = password === "'a#b'"
      // Quotes around the whole are the one thing that needs a further pair, as the guide says.
      expect(loaded.kind === 'valid' && loaded.config.broker.password).toBe(inQuotes ? 'a#b' : password)
      expect(loaded.warnings.map(({ what }) => what)).toEqual(
        inQuotes ? [expect.stringContaining('quotes around')] : [],
      )
    },
  )

  it('cuts a bare one at its #, which the guide must not show', () => {
    expect(flySecrets('OWLCMS_MQTTPASSWORD=hall#2026')).toEqual({ OWLCMS_MQTTPASSWORD: 'hall' })
  })
})
