import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { closeCodes, finalCodes, type CloseCode } from '../../src/protocol/contract/close-codes.ts'

const all = Object.entries<CloseCode>(closeCodes)
const codes = all.map(([, { code }]) => code)

it('each close code has one meaning', () => {
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
})

it('each reason fits a Close frame, with a word on when to come back', () => {
  const tooLong = all.filter(([, { reason }]) => Buffer.byteLength(`${reason}, retry in 999.9 s`) > 123)
  expect(tooLong).toEqual([])
})

it('PROTOCOL.md part 7 tells each code once, and after which to try again', () => {
  const protocol = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')
  const rows = [...protocol.matchAll(/^\| (\d{4}) \|[^|]*\|[^|]*\| ([a-z–]+)/gm)]
  const told = rows.map(([, code, retry]) => [Number(code), retry])
  const expected = all.map(([, { code, retry }]) => [
    code,
    code === closeCodes.normal.code ? '–' : retry ? 'yes' : 'no',
  ])
  expect(told.toSorted()).toEqual(expected.toSorted())
})

it('the example in JavaScript knows the same final codes', () => {
  const example = readFileSync(new URL('../../examples/stream-client.mjs', import.meta.url), 'utf8')
  const list = /\[([0-9, ]+)\]\.includes\(code\)/.exec(example)?.[1]?.split(', ').map(Number)
  expect(list).toEqual([...finalCodes].toSorted((a, b) => a - b))
})
