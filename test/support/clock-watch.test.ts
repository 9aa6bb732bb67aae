import { expect, it } from 'vitest'
import { ClockWatch, type ClockChange } from '../../src/support/clock-watch.ts'
import { FakeClock } from './fake-clock.ts'

function watched(): { clock: FakeClock; watch: ClockWatch; heard: ClockChange[] } {
  const clock = new FakeClock()
  const watch = new ClockWatch(clock)
  const heard: ClockChange[] = []
  watch.listen((change) => heard.push(change))
  clock.advance(10_000)
  return { clock, watch, heard }
}

it.each([7_776_000_000, -7_776_000_000, 3_600_000, -1_500])(
  'tells within a second that the clock was set by %i ms, once',
  (setByMs) => {
    const { clock, watch, heard } = watched()
    expect(watch.latest).toBeUndefined()
    clock.setWallClock(setByMs)
    clock.advance(1_000)
    const change = { at: clock.now(), setByMs, sleptMs: 0 }
    clock.advance(60_000)
    expect([heard, watch.latest]).toEqual([[change], change])
  },
)

it('tells a sleep apart from a clock that was set', () => {
  const { clock, heard } = watched()
  clock.sleep(3_600_000)
  clock.advance(1_000)
  clock.sleep(60_000)
  clock.setWallClock(-7_200_000)
  clock.advance(1_000)
  expect(heard.map(({ setByMs, sleptMs }) => [setByMs, sleptMs])).toEqual([
    [0, 3_600_000],
    [-7_200_000, 60_000],
  ])
})

it('trimming is no news, until it has become a second', () => {
  const { clock, heard } = watched()
  for (let n = 0; n < 9; n += 1) {
    clock.setWallClock(100)
    clock.advance(1_000)
  }
  expect(heard).toEqual([])
  clock.setWallClock(100)
  clock.advance(1_000)
  expect(heard.map(({ setByMs }) => setByMs)).toEqual([1_000])
})

it('leaves no timer behind', () => {
  const { clock, watch } = watched()
  watch.stop()
  expect(clock.pending).toBe(0)
})
