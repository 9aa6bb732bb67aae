import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { files, read } from './checkout.ts'

const sources = files().filter((path) => /^src\/.*\.tsx?$/.test(path))
const imports = new Map(
  sources.map((path) => [
    path,
    [...read(path).matchAll(/ from '(\.{1,2}\/[^']+)'/g)].map(([, to = '']) =>
      normalize(join(dirname(path), to)),
    ),
  ]),
)

/** The first circle of imports, types included, in the order of its files; undefined: there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of graph.get(path) ?? []) {
      const circle = visit(next, [...way, path])
      if (circle !== undefined) return circle
    }
    done.add(path)
    return undefined
  }
  for (const path of graph.keys()) {
    const circle = visit(path, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

it('finds a circle where there is one', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(circleIn(graph)).toEqual(['b', 'c', 'b'])
})

it('no files of the program import each other in a circle', () => {
  expect(sources.length).toBeGreaterThan(300)
  expect(circleIn(imports)).toBeUndefined()
})
