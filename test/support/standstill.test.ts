import { describe, expect, it } from 'vitest'
import { Standstill } from '../../src/support/standstill.ts'
import { FakeClock } from './fake-clock.ts'
import { Random } from './random.ts'

const runs = Number(process.env['STANDSTILL_RUNS'] ?? 300)
const [pressedLatelyMs, slackMs, silentSlackMs] = [600_000, 250, 1_000]

/** Lives of a process that stands still now and then; what is read is asked for before the timers that are due, or after them. */
describe('whatever happens, and in whichever order it is noticed', () => {
  it('what waited two seconds is known to be as old, what waited less by a beat is not, and lines are cut after five', () => {
    const seen = { old: 0, young: 0, cut: 0, silent: 0 }
    for (let seed = 1; seed <= runs; seed += 1) {
      const random = new Random(seed)
      const clock = new FakeClock()
      let cuts = 0
      const standstill = new Standstill(clock, () => (cuts += 1))
      let [askedAt, stoodUntil] = [-Infinity, -Infinity]
      for (let step = 0; step < 12; step += 1) {
        clock.advance(random.pick([0, 1, 249, 999, random.below(5_000), random.below(2 * pressedLatelyMs)]))
        const slept = random.chance(0.3)
        const stoodMs = random.pick([0, 740, 1_000, 1_750, 1_999, 2_000, 4_999, 5_000, random.below(9_000)])
        if (slept) clock.sleep(stoodMs)
        else clock.stall(stoodMs)
        if (random.chance(0.2)) clock.setWallClock(random.below(7_200_000) - 3_600_000)
        const isSilent = clock.now() - stoodMs - askedAt >= pressedLatelyMs
        const slack = isSilent ? silentSlackMs : slackMs
        const lateMs = random.below(slackMs)
        const timersFirst = random.chance(0.5)
        const asks = random.chance(0.7)
        // One that ended a moment ago may have been noticed only now.
        const isAlone = clock.now() - stoodMs > stoodUntil + silentSlackMs + slackMs
        stoodUntil = clock.now()
        // What came in at the beginning of the standstill, read a moment after its end.
        if (timersFirst) clock.advance(lateMs)
        const readAfterMs = timersFirst ? lateMs : 0
        const waited = asks ? standstill.waitedMs() : undefined
        if (waited !== undefined) askedAt = clock.now()
        clock.advance(1_000)
        const told = JSON.stringify({ seed, step, stoodMs, slept, readAfterMs, waited, cuts, isSilent })
        if (waited !== undefined && stoodMs >= 2_000) expect(waited, told).toBeGreaterThanOrEqual(stoodMs)
        const isYoung = isAlone && stoodMs + readAfterMs + slack < 2_000
        if (waited !== undefined && isYoung) expect(waited, told).toBe(0)
        if (stoodMs >= 5_000) expect(cuts, told).toBe(1)
        if (stoodMs + slack < 5_000) expect(cuts, told).toBe(0)
        seen.old += Number((waited ?? 0) > 0)
        seen.young += Number(waited === 0 && stoodMs > 0)
        seen.cut += cuts
        seen.silent += Number(isSilent)
        cuts = 0
      }
      standstill.stop()
      expect(clock.pending).toBe(0)
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(runs / 3)
  })
})

it('wakes the process once a second while nobody presses, and four times for ten minutes after', () => {
  const clock = new FakeClock()
  let wakes = 0
  const counted = Object.assign(Object.create(clock) as FakeClock, {
    now: () => clock.now(),
    wallTime: (moment?: number) => clock.wallTime(moment),
    repeat: (everyMs: number, callback: () => void) =>
      clock.repeat(everyMs, () => {
        wakes += 1
        callback()
      }),
  })
  const standstill = new Standstill(counted, () => undefined)
  const wakesIn = (ms: number): number => {
    wakes = 0
    clock.advance(ms)
    return wakes
  }
  expect(wakesIn(60_000)).toBe(60)
  standstill.waitedMs()
  expect(wakesIn(60_000)).toBeGreaterThanOrEqual(240)
  clock.advance(pressedLatelyMs)
  expect(wakesIn(60_000)).toBe(60)
})
