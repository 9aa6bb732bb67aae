import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { commandRules } from '../../src/protocol/field/fence.ts'
import { drillSteps, errorReasons } from '../../src/protocol/contract/stream-message.ts'

const contract = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')

/** One of the numbered parts of PROTOCOL.md. */
function part(number: number): string {
  const [, text = ''] = new RegExp(`\n## ${number}\\. ([^]*?)(?=\n## \\d|$)`).exec(contract) ?? []
  return text
}

const rowsOf = (text: string): readonly (readonly string[])[] =>
  text.split('\n').flatMap((line) =>
    line.startsWith('| ')
      ? [
          line
            .split(/(?<!\\)\|/)
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ]
      : [],
  )

it('PROTOCOL.md tells of each close code, and rightly whether to try again', () => {
  const told = new Map<number, Set<boolean>>()
  for (const [codes = '', , , again = ''] of rowsOf(part(7))) {
    for (const code of codes.match(/\d{4}/g) ?? []) {
      const known = told.get(Number(code)) ?? new Set()
      told.set(Number(code), known.add(again.startsWith('yes')))
    }
  }
  const wrong = Object.entries(closeCodes).filter(
    ([, { code, retry }]) => told.get(code)?.has(retry) !== true,
  )
  expect(wrong).toEqual([])
})

it('PROTOCOL.md explains every reason for which a command is refused', () => {
  const told = rowsOf(part(2)).flatMap(([reason = '']) =>
    [...reason.matchAll(/`(\w+)`/g)].map(([, word]) => word),
  )
  expect(errorReasons.filter((reason) => !told.includes(reason))).toEqual([])
})

it.each(['noEcho', 'alreadySo', 'deferred', 'linkLost', 'notWatched', 'taken', 'notTaken'])(
  'PROTOCOL.md says what the receipt word %s means',
  (word) => {
    expect(part(2)).toMatch(new RegExp(`\`${word}\`(\\*\\*)?[ :(]`))
  },
)

it.each(drillSteps)('PROTOCOL.md says what the step %s of the light check asks', (step) => {
  expect(part(4)).toContain(`\`${step}\``)
})

it('PROTOCOL.md names for each kind of press the age that the program holds', () => {
  const ages = rowsOf(part(3)).flatMap(([, , age = '']) => /^(\d+(?:\.\d+)?) s$/.exec(age)?.[1] ?? [])
  // `deliberation` and `challenge` share a row.
  const expected = Object.entries(commandRules).flatMap(([kind, { maxAgeMs }]) =>
    kind === 'challenge' ? [] : [maxAgeMs],
  )
  expect(ages.map((age) => Number(age) * 1000).toSorted((a, b) => a - b)).toEqual(
    expected.toSorted((a, b) => a - b),
  )
})

it('every link inside PROTOCOL.md leads somewhere', () => {
  const slugs = [...contract.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const links = [...contract.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter((anchor) => !slugs.includes(anchor))).toEqual([])
})
