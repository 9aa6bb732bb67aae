import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FieldOfPlay } from '../../src/simulator/field-of-play.ts'
import { readDeviceMessage } from '../../src/simulator/owlcms-input.ts'
import type { Rules } from '../../src/simulator/rules.ts'
import { AutomaticSessions, type AutomaticSessionsOptions } from '../../src/simulator/session.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** A small generator with a seed (mulberry32), so that a failing session can be played again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Played {
  readonly clock: FakeClock
  readonly fieldOfPlay: FieldOfPlay
  readonly sessions: AutomaticSessions
  /** The word after `fop/` of each publication, in order. */
  readonly words: string[]
  readonly presses: string[]
  ended: boolean
}

/** Three athletes, one session; each press gets lost with the probability `loss`. */
function play(
  seed: number,
  loss = 0,
  more: Partial<AutomaticSessionsOptions> = {},
  rules: Partial<Rules> = {},
): Played {
  const clock = new FakeClock()
  const random = seeded(seed)
  const words: string[] = []
  const presses: string[] = []
  const fieldOfPlay = new FieldOfPlay({
    platform: 'A',
    clock,
    publish: (topic) => words.push(/^owlcms\/fop\/([a-zA-Z]+)\//.exec(topic)?.[1] ?? 'legacy'),
    firstCleanJerkBreakMs: 600_000,
    ...rules,
  })
  const press = (topic: string, payload: string) => {
    presses.push(payload)
    if (random() < loss) return
    const input = readDeviceMessage(topic, new TextEncoder().encode(payload), 'A', fieldOfPlay.abilities)
    if (input !== undefined) fieldOfPlay.handle(input)
  }
  const played = { clock, fieldOfPlay, words, presses, ended: false }
  const onEnd = () => (result.ended = true)
  const options = { fieldOfPlay, press, clock, random, athletes: 3, sessions: 1, onEnd, ...more }
  const result: Played = Object.assign(played, { sessions: new AutomaticSessions(options) })
  return result
}

/** Publications that end an attempt or begin one, without the rest. */
const milestones = (words: string[]) =>
  words.filter((word) =>
    ['resetDecisions', 'refereesDecision', 'liftingOrderUpdated', 'break'].includes(word),
  )

describe('a session that plays by itself', () => {
  it('ends every attempt with a result and a reset, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const played = play(seed)
        played.clock.advance(3 * 3600_000)
        const attempt = ['resetDecisions', 'refereesDecision', 'liftingOrderUpdated']
        const seventeen = Array.from({ length: 17 }, (_, index) =>
          // After the last snatch the break is announced twice, and lifting starts again.
          index === 8 ? [...attempt, 'break', 'break', 'liftingOrderUpdated'] : attempt,
        )
        expect(milestones(played.words)).toEqual([
          ...['resetDecisions', 'liftingOrderUpdated', 'liftingOrderUpdated'],
          ...seventeen.flat(),
          ...['resetDecisions', 'refereesDecision', 'break'],
        ])
        expect(played.ended).toBe(true)
        expect(played.fieldOfPlay.view().breakType).toBe('GROUP_DONE')
      }),
      { numRuns: 50 },
    )
  })

  it('does not get stuck when a third of the presses is lost', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const played = play(seed, 0.33)
        played.clock.advance(3 * 3600_000)
        expect(played.words.filter((word) => word === 'refereesDecision')).toHaveLength(18)
        expect(played.ended).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('leaves no timer behind when its session is over', () => {
    const played = play(7)
    played.clock.advance(3 * 3600_000)
    expect({ ended: played.ended, pending: played.clock.pending }).toEqual({ ended: true, pending: 0 })
  })

  it('shows both verdicts, split decisions and late third referees in the long run', () => {
    const words = Array.from({ length: 20 }, (_, seed) => {
      const played = play(seed)
      played.clock.advance(3 * 3600_000)
      return played
    })
    const presses = words.flatMap((played) => played.presses)
    const good = presses.filter((payload) => payload.endsWith('good')).length
    const bad = presses.filter((payload) => payload.endsWith('bad')).length
    expect(good / (good + bad)).toBeGreaterThan(0.6)
    expect(good / (good + bad)).toBeLessThan(0.9)
    expect(words.flatMap((played) => played.words)).toContain('decisionRequest')
  })

  it('runs only the clock for humans, and waits for their decisions', () => {
    const played = play(1, 0, { pressedBy: 'humans' })
    played.clock.advance(3600_000)
    expect({ presses: played.presses, state: played.fieldOfPlay.view().state }).toEqual({
      presses: ['start', 'stop'],
      state: 'TIME_STOPPED',
    })
  })

  it('starts the next session after the last lift, until it is stopped', () => {
    const played = play(3, 0, { sessions: Infinity, athletes: 1 })
    played.clock.advance(2 * 3600_000)
    expect(played.words.filter((word) => word === 'refereesDecision').length).toBeGreaterThan(6)
    played.sessions.stop()
    played.fieldOfPlay.stop()
    expect(played.clock.pending).toBe(0)
  })

  it('shows challenges, summons and jury votes when there is a jury, and ends whatever the seed and the losses', () => {
    const words = new Set<string>()
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 0.2), (seed, loss) => {
        const played = play(seed, loss, { jury: 'robots' }, { announcerConfirmsJury: false })
        played.clock.advance(4 * 3600_000)
        for (const word of played.words) words.add(word)
        expect(played.words.filter((word) => word === 'refereesDecision').length).toBeGreaterThanOrEqual(18)
        expect({ ended: played.ended, pending: played.clock.pending }).toEqual({ ended: true, pending: 0 })
      }),
      { numRuns: 40 },
    )
    expect([...words]).toEqual(expect.arrayContaining(['challenge', 'summon', 'juryMemberDecision']))
  })
})
