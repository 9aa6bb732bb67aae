import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { settings } from '../../src/config/config.ts'
import { procfileCommand, read, root } from './checkout.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

it('the settings table of the README says what the program says', () => {
  const table = /<!-- settings:[^]*?-->\n([^]*?)\n<!-- end of settings -->/
    .exec(readme)?.[1]
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
  '--copy-config',
  'dist/main.js start',
  'dist/main.js venue',
])('the README has the line %s', (text) => {
  expect(readme).toContain(text)
})

const guides = [
  'docs/deploy.md',
  'docs/devices.md',
  'docs/keypads.md',
  'docs/journal.md',
  'SECURITY.md',
  'PROTOCOL.md',
]

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
  expect(unit).toContain(`\nExecStart=/usr/bin/env ${command}\n`)
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
