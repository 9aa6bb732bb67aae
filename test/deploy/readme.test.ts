import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { settings } from '../../src/config/config.ts'
import { procfileCommand, read, root } from './checkout.ts'

const readme = read('README.md')

it('the table of settings says what the program says', () => {
  const table = /<!-- settings:[^]*?-->\n([^]*?)\n<!-- end of settings -->/
    .exec(read('docs/settings.md'))?.[1]
    ?.split('\n')
    .slice(2)
  const expected = settings.map(({ name, description, default: value, required }) => {
    const shown = required
      ? '**required**'
      : value === ''
        ? '–'
        : value.includes(' ')
          ? value
          : `\`${value}\``
    return `| \`${name}\` | ${shown} | ${description} |`
  })
  expect(table).toEqual(expected)
})

it.each([
  'npm ci && npm run demo',
  'npm cit',
  '--ha=false',
  'fly apps create',
  'dist/main.js start',
  'dist/main.js venue',
])('the README has the line %s', (text) => {
  expect(readme).toContain(text)
})

const guides = [
  'CONTRIBUTING.md',
  'docs/brokers.md',
  'docs/competition-day.md',
  'docs/console.md',
  'docs/decisions.md',
  'docs/deploy.md',
  'docs/devices.md',
  'docs/operations.md',
  'docs/settings.md',
  'docs/keypads.md',
  'docs/journal.md',
  'SECURITY.md',
  'PROTOCOL.md',
]

it('the README stays short, and the address of the repository stands nowhere', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(131)
  const papers = ['README.md', 'deploy/owlcms-bridge.service', 'app.json', 'package.json', ...guides]
  expect(papers.filter((path) => /github\.com\/[\w-]+\/owlcms-bridge/.test(read(path)))).toEqual([])
})

it.each(['README.md', ...guides])('every link of %s to a file of this project leads somewhere', (path) => {
  const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
  expect(links.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([])
})

it('every npm script that the papers name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const papers = ['README.md', ...guides].map(read).join('\n')
  const named = [...papers.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name]) => name ?? '')
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
})

it('the systemd unit starts the program as the Procfile does, with the heap of fly.toml, as nobody in particular', () => {
  const unit = read('deploy/owlcms-bridge.service')
  const heap = /--max-old-space-size=\d+/.exec(read('fly.toml'))?.[0] ?? 'no heap in fly.toml'
  const command = procfileCommand().replace('node ', `node ${heap} `)
  const settings = '--settings ${CREDENTIALS_DIRECTORY}/settings'
  expect(unit).toContain(`\nExecStart=/usr/bin/env ${command} ${settings}\n`)
  const guards = ['DynamicUser=yes', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'Restart=always']
  expect(guards.filter((guard) => !unit.includes(`\n${guard}\n`))).toEqual([])
})

it.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd understands the unit', () => {
  const unit = join(root, 'deploy/owlcms-bridge.service')
  expect(spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  })
})
