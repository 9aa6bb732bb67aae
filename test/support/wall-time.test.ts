import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/support/clock.ts'
import { WallTime } from '../../src/support/wall-time.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A machine whose three clocks are moved by hand. */
class Machine {
  steady = 1_700_000_000_000
  machine = 1_700_000_000_000
  sinceBoot = 50_000
  readonly wall: WallTime

  constructor(bootClock = true) {
    this.wall = new WallTime({
      steadyMs: () => this.steady,
      machineMs: () => this.machine,
      sinceBootMs: () => {
        if (!bootClock) throw new Error('EPERM')
        return this.sinceBoot
      },
    })
  }

  passes(ms: number): void {
    this.steady += ms
    this.machine += ms
    this.sinceBoot += ms
  }

  sleeps(ms: number): void {
    this.machine += ms
    this.sinceBoot += ms
  }
}

it.each([90 * dayMs, -90 * dayMs, hourMs, -hourMs, 300])(
  'a clock that is set by %i ms counts at once, for moments of before too',
  (byMs) => {
    const machine = new Machine()
    machine.passes(60_000)
    const before = machine.steady
    machine.machine += byMs
    machine.passes(1_000)
    expect(machine.wall.at()).toBe(machine.machine)
    expect(machine.wall.at(before)).toBe(before + byMs)
  },
)

it('a sleep leaves the moments before it where they were, and a clock set later moves them all', () => {
  const machine = new Machine()
  const morning = machine.steady
  machine.passes(hourMs)
  machine.sleeps(hourMs)
  machine.passes(10)
  const noon = machine.steady
  expect([machine.wall.at(morning), machine.wall.at(noon)]).toEqual([morning, noon + hourMs])
  machine.passes(hourMs)
  machine.sleeps(1_000 * 60)
  machine.passes(10)
  const evening = machine.steady
  const told = (): number[] => [morning, noon, evening].map((moment) => machine.wall.at(moment))
  expect(told()).toEqual([morning, noon + hourMs, evening + hourMs + 60_000])
  machine.machine -= 2 * hourMs
  machine.passes(10)
  expect(told()).toEqual([morning - 2 * hourMs, noon - hourMs, evening - hourMs + 60_000])
})

it('where a sandbox hides how long the machine is up, a jump counts as set', () => {
  const machine = new Machine(false)
  const morning = machine.steady
  machine.passes(hourMs)
  machine.sleeps(hourMs)
  expect(machine.wall.at(morning)).toBe(morning + hourMs)
})

it('rounding of the machine’s clock moves nothing', () => {
  const machine = new Machine()
  const first = machine.wall.at(machine.steady)
  machine.machine += 1
  expect(machine.wall.at(machine.steady)).toBe(first)
})

it('remembers a bounded number of sleeps', () => {
  const machine = new Machine()
  for (let n = 0; n < 1_000; n += 1) {
    machine.passes(10_000)
    machine.sleeps(5_000)
    expect(machine.wall.at()).toBe(machine.machine)
  }
})

describe('a timer of the real clock', () => {
  it('never calls back before its time, by the same clock', async () => {
    const early = await Promise.all(
      Array.from(
        { length: 300 },
        (_, at) =>
          new Promise<number>((resolve) => {
            const [delayMs, begin] = [1 + (at % 30) + Math.random(), systemClock.now()]
            systemClock.setTimer(delayMs, () => resolve(Math.max(0, begin + delayMs - systemClock.now())))
          }),
      ),
    )
    expect(early.filter((ms) => ms > 0)).toEqual([])
  })
})
