import { expect, it } from 'vitest'
import { leadingNumber } from '../../src/protocol/contract/seat.ts'

it.each<[string, number | undefined]>([
  ['2 good', 2],
  ['4', 4],
  ['0 bad', 0],
  [' 3 good', 3],
  ['2  good', 2],
  ['25 good', undefined],
  ['10', undefined],
  ['2good', undefined],
  ['-1 good', undefined],
  ['good', undefined],
  ['', undefined],
  ['   ', undefined],
])('reads the official of "%s" as owlcms does: %s', (payload, number) => {
  expect(leadingNumber(new TextEncoder().encode(payload))).toBe(number)
})
