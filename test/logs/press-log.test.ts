import { expect, it } from 'vitest'
import { PressLog } from '../../src/bridge/log.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { pressOutcomes, type PressReport } from '../../src/protocol/contract/press-report.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { recordingLog } from '../support/silent-log.ts'

const report: PressReport = {
  ...{ id: 'p-17', platform: 'A' as Platform, kind: 'refereeDecision', seat: 'referee-2', via: 'stream' },
  ...{ client: 'phone 3', at: 0, outcome: 'taken', fence: 5, fenceNow: 5, brokerMs: 24.123, echoMs: 61.456 },
}

function logged() {
  const clock = new FakeClock()
  const { log, lines } = recordingLog()
  const read = () => lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>)
  return { clock, presses: new PressLog(log, clock), read }
}

it('each press that ended is one line with its id, what became of it, and how long each hop took', () => {
  const { presses, read } = logged()
  presses.ended(report)
  expect(read()).toEqual([
    {
      ...{
        level: 'info',
        time: expect.any(String) as unknown,
        press: 'p-17',
        outcome: 'taken',
        platform: 'A',
      },
      ...{
        seat: 'referee-2',
        kind: 'refereeDecision',
        via: 'stream',
        client: 'phone 3',
        fence: 5,
        fenceNow: 5,
      },
      ...{ brokerMs: 24.1, echoMs: 61.5, msg: 'press' },
    },
  ])
})

it('what went wrong for an official is a warning, what went as meant is not', () => {
  const { presses, read } = logged()
  for (const outcome of pressOutcomes) presses.ended({ ...report, outcome, why: 'rule' })
  const levels = read().map(({ outcome, level }) => [outcome, level])
  const fine = ['taken', 'delivered', 'drill']
  expect(levels).toEqual(pressOutcomes.map((outcome) => [outcome, fine.includes(outcome) ? 'info' : 'warn']))
})

it('a flood is cut, and the next line says how much was left out (R7)', () => {
  const { clock, presses, read } = logged()
  for (let press = 0; press < 1_000; press += 1) presses.ended(report)
  expect(read()).toHaveLength(200)
  clock.advance(1_000)
  presses.ended(report)
  presses.ended(report)
  expect(read().map(({ leftOut }) => leftOut)).toEqual([800, undefined])
})
