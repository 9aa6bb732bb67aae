import { expect, it } from 'vitest'
import { Slices } from '../../src/downstream/transport/slices.ts'

/** Bytes of a stream that says where in it one is. */
const stream = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (from + at) % 251)

function set(): {
  readonly slices: Slices
  /** What was handed on so far. */
  readonly heard: number[]
  readonly reading: () => boolean
  /** Whether another turn was asked for. */
  readonly turn: () => boolean
} {
  const turns: (() => void)[] = []
  const heard: number[] = []
  let reading = true
  const slices = new Slices(
    { endOfTurn: (callback) => turns.push(callback) },
    { pause: () => (reading = false), resume: () => (reading = true) },
    { bytes: (bytes) => heard.push(...bytes) },
  )
  const turn = (): boolean => {
    const next = turns.shift()
    next?.()
    return next !== undefined
  }
  return { slices, heard, reading: () => reading, turn }
}

it('what a box sends at once is handed on at once', () => {
  const { slices, heard, reading, turn } = set()
  slices.take(stream(0, 200))
  slices.take(stream(200, 256))
  expect([heard, reading(), turn()]).toEqual([[...stream(0, 456)], true, false])
})

it('of more than that each turn gets a little, in order, and nothing is read meanwhile', () => {
  const { slices, heard, reading, turn } = set()
  slices.take(stream(0, 5_000))
  // What was under way when reading stopped.
  slices.take(stream(5_000, 100))
  let most = heard.length
  for (let before = heard.length; turn(); before = heard.length) {
    most = Math.max(most, heard.length - before)
    if (heard.length < 5_100) expect(reading()).toBe(false)
  }
  expect([heard, most, reading()]).toEqual([[...stream(0, 5_100)], 256, true])
})

it('the end is told after the last byte, and at once to who was told to go', () => {
  const told: number[] = []
  const one = set()
  one.slices.take(stream(0, 1_000))
  one.slices.end(() => told.push(one.heard.length))
  while (one.turn());
  const other = set()
  other.slices.take(stream(0, 1_000))
  other.slices.end(() => told.push(other.heard.length))
  other.slices.stop()
  other.slices.take(stream(1_000, 10))
  while (other.turn());
  expect([told, other.heard.length, other.reading()]).toEqual([[1_000, 256], 256, false])
})
