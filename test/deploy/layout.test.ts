import { expect, it } from 'vitest'
import { circleOf } from '../../scripts/eslint-circles.mjs'

/** That there is none in the program is held by `npm run lint`. */
it.each([
  ['b', ['b', 'c', 'b']],
  ['d', ['d', 'd']],
  ['a', undefined],
])('from %s the way back is %j', (start, circle) => {
  const graph: Readonly<Record<string, readonly string[]>> = {
    a: ['b', 'd'],
    b: ['d', 'c'],
    c: ['b'],
    d: ['d'],
  }
  expect(circleOf(start, (file) => graph[file] ?? [])).toEqual(circle)
})
