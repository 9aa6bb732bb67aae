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
