import { expect, it, onTestFinished } from 'vitest'
import { systemClock, type CancelTimer } from '../../src/support/clock.ts'
import { until } from './eventually.ts'

function repeat(everyMs: number, callback: () => void): CancelTimer {
  const cancel = systemClock.repeat(everyMs, callback)
  onTestFinished(cancel)
  return cancel
}

it('what repeats as often is called in one turn, whenever each of it began', async () => {
  const called: string[] = []
  let begun = false
  repeat(20, () => {
    called.push('first')
    systemClock.endOfTurn(() => called.push('end'))
    if (!begun) systemClock.setTimer(5, () => repeat(20, () => called.push('second')))
    begun = true
  })
  await until(() => called.filter((name) => name === 'second').length > 3)
  const together = called.slice(called.indexOf('second') - 1)
  expect(together.slice(0, 9)).toEqual(Array.from({ length: 3 }, () => ['first', 'second', 'end']).flat())
})

it('the same function may repeat twice, and each is ended by itself, in a turn of its own too', async () => {
  const counts: number[] = []
  let count = 0
  const add = (): void => void (count += 1)
  repeat(5, () => {
    counts.push(count)
    if (counts.length === 2) ends.forEach((end) => end())
    if (counts.length === 4) repeat(5, add)
  })
  const ends = [repeat(5, add), repeat(5, add)]
  await until(() => counts.length >= 6)
  // What begins in a turn is not called in it.
  expect(counts.slice(0, 6)).toEqual([0, 2, 2, 2, 2, 3])
})

it('a period that nobody needs any more begins anew with the next who does', async () => {
  let before = 0
  let after = 0
  repeat(7, () => void (before += 1))()
  const cancel = repeat(7, () => void (after += 1))
  await until(() => after > 1)
  cancel()
  const ended = after
  let other = 0
  repeat(7, () => void (other += 1))
  await until(() => other > 1)
  expect([before, after]).toEqual([0, ended])
})

it('what repeats each few seconds does so with what repeats each second', async () => {
  const called: string[] = []
  repeat(1_000, () => {
    called.push('second')
    systemClock.endOfTurn(() => called.push('end'))
  })
  repeat(2_000, () => called.push('two'))
  await until(() => called.length >= 5)
  expect(called.slice(0, 5).join(' ')).toBe('second end second two end')
})
