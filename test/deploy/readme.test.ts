import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { settings } from '../../src/config/config.ts'

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
