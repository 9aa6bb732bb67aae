// ESLint rule: no file imports itself by way of others. Types count, because a circle of types keeps two folders as firmly
// together as one of values; rules from packages (import-x/no-cycle) leave them out.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const importPattern =
  /(?:^|\n)(?:import|export)\b[^'"`;]*?\bfrom '(\.{1,2}\/[^']+)'|(?:^|\n)import '(\.{1,2}\/[^']+)'/g

/** What each file imports, read once in a run. */
const known = new Map()

function importsOf(file) {
  let imports = known.get(file)
  if (imports === undefined) {
    const source = file.endsWith('.ts') || file.endsWith('.tsx') ? readFileSync(file, 'utf8') : ''
    imports = [...source.matchAll(importPattern)].map(([, from, bare]) =>
      resolve(dirname(file), from ?? bare),
    )
    known.set(file, imports)
  }
  return imports
}

export function circleOf(start, next) {
  const ways = [[start]]
  const seen = new Set()
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const file of next(way.at(-1))) {
      if (file === start) return [...way, start]
      if (!seen.has(file)) ways.push([...way, file])
      seen.add(file)
    }
  }
  return undefined
}

export const noCircles = {
  meta: { type: 'problem', schema: [], messages: { circle: 'Imports go in a circle: {{way}}' } },
  create(context) {
    return {
      Program(node) {
        const circle = circleOf(context.filename, importsOf)
        if (circle === undefined) return
        const way = circle.map((file) => file.replace(`${context.cwd}/`, '')).join(' → ')
        context.report({ node, messageId: 'circle', data: { way } })
      },
    }
  },
}
