import { expect, it } from 'vitest'
import { files, read } from './checkout.ts'

/** Numbers of the sections that a page has: `## 4. The field …`, `### 4.2 Input × state`. */
function sectionsOf(path: string): ReadonlySet<string> {
  return new Set([...read(path).matchAll(/^#{2,3} (\d+(?:\.\d+)*)\.? /gm)].map(([, number = '']) => number))
}

const pages = ['docs/owlcms.md', 'docs/platforms.md'] as const
const sections = new Map(pages.map((page) => [page, sectionsOf(page)]))
const code = files().filter((path) =>
  /^(?:src|test|bench|scripts|deploy)\/.*\.(?:tsx?|mjs|css|service)$/.test(path),
)

it('the pages that the code cites have numbered sections', () => {
  expect([...sections.values()].map((numbers) => numbers.size > 15)).toEqual([true, true])
})

it('each section that the code cites exists', () => {
  const absent = code.flatMap((path) =>
    [...read(path).matchAll(/(docs\/(?:owlcms|platforms)\.md) (\d+(?:\.\d+)*)/g)]
      .filter(([, page = '', number = '']) => !sections.get(page as (typeof pages)[number])?.has(number))
      .map(([citation]) => `${path}: ${citation}`),
  )
  expect(absent).toEqual([])
})

it('the code cites no note that is not in the repository', () => {
  const notes = /(?<![\w/.-])(?:protocol|platforms|users|design|style|house)\.md\b/
  expect(code.filter((path) => notes.test(read(path)) && !path.endsWith('citations.test.ts'))).toEqual([])
})

it('each attack that SECURITY.md names has a test, and it exists', () => {
  const table = read('SECURITY.md').split('| Attack |')[1]?.split('\n\n')[0] ?? ''
  const rows = table.split('\n').slice(2)
  const known = files().flatMap((path) => /^test\/.*\/([\w-]+)\.test\.tsx?$/.exec(path)?.[1] ?? [])
  expect(rows.length).toBeGreaterThan(15)
  for (const row of rows) {
    const named =
      row
        .split(' | ')
        .at(-1)
        ?.match(/(?<=`)[\w-]+(?=`)/g) ?? []
    expect([row, named.length > 0, named.filter((name) => !known.includes(name))]).toEqual([row, true, []])
  }
})
