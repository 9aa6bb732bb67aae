import { expect, it } from 'vitest'
import { commandOfKey } from '../../src/console/keypad/keys.ts'
import type { PageSeat } from '../../src/console/keypad/seat-facts.ts'
import { stateOf } from './support/scripted-bridge.ts'

const inBreak = stateOf({ phase: { kind: 'break', breakType: 'JURY' } })

/** docs/owlcms.md 3.9. */
it.each([
  ['referee', 1, '1', 'refereeDecision good'],
  ['referee', 1, '2', 'refereeDecision bad'],
  ['referee', 3, '5', 'refereeDecision good'],
  ['referee', 3, '6', 'refereeDecision bad'],
  ['referee', 1, '3', undefined],
  ['soloReferee', undefined, '4', 'refereeDecision bad'],
  ['juryMember', 5, '9', 'juryVote good'],
  ['juryMember', 5, '0', 'juryVote bad'],
  ['juryPresident', 1, '2', 'juryVote bad'],
  ['juryPresident', undefined, '1', undefined],
  ['juryPresident', 1, 'D', 'juryBreak deliberation'],
  ['juryPresident', 1, 'k', 'summonRequest 0'],
  ['juryPresident', 1, 'g', 'juryDecision good'],
  ['juryPresident', 1, 'Escape', 'juryBreak stop'],
  ['timekeeper', undefined, ',', 'clock start'],
  ['timekeeper', undefined, '.', 'clock stop'],
  ['timekeeper', undefined, '+', 'clock 60'],
  ['timekeeper', undefined, ';', 'clock 120'],
  ['timekeeper', undefined, '*', 'clock start'],
  ['technicalController', undefined, '1', undefined],
] as const)('%s %s: the key %s of owlcms’s own keypads is %s', (role, number, key, expected) => {
  const seat: PageSeat = { platform: 'A', role, ...(number === undefined ? {} : { number }) }
  const command = commandOfKey({ key, code: '' }, seat, inBreak, {})
  const fields: Readonly<Record<string, unknown>> = { ...command }
  const what = fields['value'] ?? fields['command'] ?? fields['who']
  expect(command === undefined ? undefined : `${command.kind} ${String(what)}`).toBe(expected)
})

it('the jury’s decision and the end of a break count in a break only, also by a button that was taught', () => {
  const president = { platform: 'A', role: 'juryPresident' } as const
  const learned = { resume: 'F7', good: 'F8', bad: 'F9' }
  for (const key of ['g', 'b', 'Escape', 'F7', 'F8', 'F9']) {
    expect(commandOfKey({ key, code: '' }, president, stateOf(), learned)).toBeUndefined()
  }
})

it('the decimal key of a numeric keypad stops the clock, whatever it prints', () => {
  const timekeeper = { platform: 'A', role: 'timekeeper' } as const
  const command = commandOfKey({ key: ',', code: 'NumpadDecimal' }, timekeeper, stateOf(), {})
  expect(command).toEqual({ kind: 'clock', command: 'stop' })
})
