import { describe, expect, it } from 'vitest'
import type { PressKind } from '../../src/protocol/field/fence.ts'
import type { FieldOfPlayInput } from '../../src/simulator/owlcms-input.ts'
import { randomFrom } from '../support/random.ts'
import { tally, type Tally } from './fence-hall-parts.ts'
import { Hall } from './fence-hall.ts'

/** Interleavings to try: whole lifts with presses, breaks, outages and restarts at random moments. */
const runs = Number(process.env['FENCE_RUNS'] ?? 1500)

/** The first seed; others than the usual ones show whether the rule was only fitted to those. */
const first = Number(process.env['FENCE_SEED'] ?? 1)

type Make = readonly [kind: PressKind, make: (random: () => number) => FieldOfPlayInput]
const verdict = (random: () => number) => (random() < 0.5 ? ('good' as const) : ('bad' as const))
const one = (random: () => number) => (1 + Math.floor(random() * 3)) as 1 | 2 | 3
const decide: Make = [
  'refereeDecision',
  (random) => ({ kind: 'refereeDecision', referee: one(random), verdict: verdict(random) }),
]
const start: Make = ['clockStart', () => ({ kind: 'clockStart' })]
const stop: Make = ['clockStop', () => ({ kind: 'clockStop' })]
const resume: Make = ['breakStop', () => ({ kind: 'juryBreak', word: 'stop' })]

const others: readonly Make[] = [
  decide,
  start,
  stop,
  resume,
  ['clockToggle', () => ({ kind: 'clockToggle' })],
  ['clockSet', (random) => ({ kind: 'clockSet', ms: random() < 0.5 ? 60_000 : 120_000 })],
  ['announcerDecision', (random) => ({ kind: 'refereeDecision', referee: 0, verdict: verdict(random) })],
  ['downEmitted', () => ({ kind: 'downEmitted' })],
  ['technicalBreak', () => ({ kind: 'juryBreak', word: 'technical' })],
  ['deliberation', () => ({ kind: 'juryBreak', word: 'deliberation' })],
  ['challenge', () => ({ kind: 'juryBreak', word: 'challenge' })],
  ['juryVote', (random) => ({ kind: 'juryVote', member: one(random), verdict: verdict(random) })],
  ['juryVote', (random) => ({ kind: 'juryVote', member: one(random), verdict: verdict(random) })],
  ['juryDecision', (random) => ({ kind: 'juryDecision', verdict: verdict(random) })],
  ['summonReferee', (random) => ({ kind: 'summon', official: Math.floor(random() * 4) })],
  ['summonController', () => ({ kind: 'summon', official: 4 })],
]

/** What somebody would press now for the lift to go on. */
function sensible(hall: Hall, random: () => number): Make {
  switch (hall.fieldOfPlay.view().state) {
    case 'CURRENT_ATHLETE_DISPLAYED':
      return start
    case 'TIME_RUNNING':
      return random() < 0.5 ? stop : decide
    case 'BREAK':
    case 'INACTIVE':
      return resume
    case 'TIME_STOPPED':
    case 'DOWN_SIGNAL_VISIBLE':
    case 'DECISION_VISIBLE':
      return decide
  }
}

/** The people at owlcms's browsers; none of them acts within 300 ms of what he sees. */
function operate(hall: Hall, random: () => number): void {
  if (hall.calmMs < 300) return
  const { state } = hall.fieldOfPlay.view()
  const dice = random()
  if (state === 'INACTIVE' || (state === 'BREAK' && dice < 0.4)) hall.fieldOfPlay.startLifting()
  else if (dice < 0.6) hall.weightChange(random() < 0.5)
  else if (dice < 0.75) hall.fieldOfPlay.beginBreak(random() < 0.5 ? 'TECHNICAL' : 'MARSHAL')
  else if (dice < 0.82) hall.loadSession(random() < 0.5)
  else if (dice < 0.91) hall.restartOwlcms()
  else hall.outage(200 + random() * 5000)
  hall.clock.finishTurn()
}

/** Some lifts of one platform. */
function interleave(seed: number, into: Tally, hopMs: number): void {
  const random = randomFrom(seed)
  const versions = ['53.0.2', '56.0', '61.0', '63.0', '69.0.0'] as const
  const version = versions[Math.floor(random() * versions.length)] ?? '69.0.0'
  const hall = new Hall({ version, random, tally: into, hopMs, singleReferee: random() < 0.1 })
  const wildness = random() * 0.5
  for (let step = 0; step < 25; step += 1) {
    hall.clock.advance(random() < 0.5 ? random() * 400 : random() * 3500)
    if (random() < 0.12) {
      operate(hall, random)
      continue
    }
    const any = others[Math.floor(random() * others.length)] ?? decide
    const [kind, make] = random() < wildness ? any : sensible(hall, random)
    // Most keypads are quick; some hang in a bad network for seconds.
    const linkMs = random() < 0.7 ? random() * 80 : random() * 9000
    hall.press(kind, make(random), random() * 300, linkMs)
  }
  hall.clock.advance(60_000)
  hall.fieldOfPlay.stop()
}

describe('random interleavings of presses, lifts, breaks, outages and restarts', () => {
  it(`${runs} of them: no press reaches another attempt, none in time is refused, each has an outcome`, () => {
    const total = tally()
    for (let seed = first; seed < first + runs; seed += 1) {
      interleave(seed, total, 0)
      if (total.toAnotherAttempt + total.validRefused > 0) expect.fail(`seed ${seed}: ${total.firstFault}`)
    }
    const { presses, accepted, refusedByOwlcms, tooLate, offline } = total
    report('without a hop', total)
    expect(accepted + refusedByOwlcms + tooLate + offline).toBe(presses)
    // It would prove nothing if hardly anything got through, or nothing was late.
    expect(accepted).toBeGreaterThan(presses / 5)
    expect(tooLate).toBeGreaterThan(presses / 20)
  }, 3_600_000)

  it('with 40 ms between bridge and owlcms only what was under way meanwhile goes astray', () => {
    const total = tally()
    for (let seed = first; seed < first + runs / 5; seed += 1) interleave(seed, total, 40)
    report('40 ms hop', total)
    expect(total.underWay).toBeLessThan(total.accepted / 50)
  }, 3_600_000)
})

function report(what: string, total: Tally): void {
  if (process.env['FENCE_RUNS'] !== undefined) process.stdout.write(`${what}: ${JSON.stringify(total)}\n`)
}
