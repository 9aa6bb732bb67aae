import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breakCountdown, clockText } from '../../src/console/view/clock-text.ts'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import { shownClock, type PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import { topicOf, parseTopic } from '../../src/protocol/topic.ts'
import { FieldOfPlay } from '../../src/simulator/field-of-play.ts'
import { readDeviceMessage } from '../../src/simulator/owlcms-input.ts'
import { FixedOrder, jane, Stage, zoe } from '../simulator/transcript.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { called, fold, platformA, transcript } from './transcripts.ts'

const play = (lines: string, from: PlatformState = called) => fold(transcript(lines), from)

describe('the clock of the athlete, as newer releases tell it', () => {
  const running = play('10000 fop/start/A {…} 60000')

  it.each<[string, PlatformState, string, object]>([
    [
      'set, though nobody told of it before',
      called,
      '10000 fop/athleteClock/A set 120000',
      { kind: 'stopped', remainingMs: 120_000, at: 10_000 },
    ],
    [
      'started',
      called,
      '10000 fop/athleteClock/A start 47000',
      { kind: 'running', remainingMs: 47_000, at: 10_000 },
    ],
    [
      'stopped below zero',
      running,
      '71000 fop/athleteClock/A stop -1000',
      { kind: 'stopped', remainingMs: -1000, at: 71_000 },
    ],
    [
      'without an end',
      play('9000 fop/athleteClock/A set 60000'),
      '10000 fop/athleteClock/A set -1',
      { kind: 'unknown' },
    ],
    [
      'set, with the two stops of a 120 swapped after it',
      called,
      '10000 fop/athleteClock/A set 120000\n10001 fop/stop/A 120000\n10002 fop/stop/A 59000',
      { kind: 'stopped', remainingMs: 120_000, at: 10_000 },
    ],
    [
      'lost: a later start is not held back by it',
      play('9000 fop/athleteClock/A set 60000'),
      '20000 fop/start/A {…} 60000',
      { kind: 'running', remainingMs: 60_000, at: 20_000 },
    ],
    [
      'of before a reconnect of owlcms',
      play('9000 fop/athleteClock/A set 60000'),
      '20000 fop/startup/A on',
      { kind: 'unknown' },
    ],
    ['never told', running, '20000 fop/stop/A 50000', { kind: 'stopped', remainingMs: 50_000, at: 20_000 }],
  ])('%s', (_name, from, lines, clock) => {
    expect(shownClock(play(lines, from))).toEqual(clock)
  })
})

describe('the clock of a break', () => {
  const inBreak = play(
    '10000 fop/breakClock/A set 600000\n10001 fop/break/A FIRST_CJ\n10002 fop/breakClock/A start 600000',
  )
  const shownAt = (state: PlatformState, at: number) => {
    const clock = breakCountdown(state)
    return clock === undefined ? undefined : clockText(clock, at)
  }

  it('counts down where owlcms tells it, also when its words come before those of the break', () => {
    expect([shownAt(inBreak, 10_002), shownAt(inBreak, 70_002)]).toEqual(['10:00', '9:00'])
    expect(shownAt(play('70000 fop/breakClock/A stop 540000', inBreak), 90_000)).toBe('9:00')
  })

  it.each<[string, string]>([
    ['a break without an end', '20000 fop/breakClock/A set -1'],
    ['a break without an end, started', '20000 fop/breakClock/A set -1\n20001 fop/breakClock/A start -1'],
    ['lifting', '20000 fop/startLifting/A\n20001 fop/liftingOrderUpdated/A'],
    ['lifting, with its stop afterwards', '20000 fop/startLifting/A\n20001 fop/breakClock/A stop 0'],
    ['another break, of which it is not told', '20000 fop/juryDeliberation/A'],
    ['owlcms that came back', '20000 fop/startup/A on'],
  ])('is not shown in %s', (_name, lines) => {
    expect(shownAt(play(lines, inBreak), 30_000)).toBeUndefined()
  })

  it('is not there where owlcms does not tell it', () => {
    expect('breakClock' in play('10000 fop/break/A FIRST_CJ')).toBe(false)
  })
})

it.each(['set', 'set x', 'run 5', 'start', 'stop 5 s', 'SET 5'])('"%s" is no word of a clock', (payload) => {
  const topic = topicOf('owlcms/fop/breakClock/A')
  expect(parseMessage(topic, new TextEncoder().encode(payload)).kind).toBe('unknown')
})

describe('the simulated owlcms', () => {
  const clockLines = (version: string) => {
    const stage = new Stage([jane, zoe], { version }).displayFirst()
    stage.press('owlcms/clock/A', 'start')
    stage.pressAt(1000, 'owlcms/clock/A', '120')
    stage.fieldOfPlay.beginBreak('FIRST_CJ', 600_000)
    stage.advanceTo(601_000)
    stage.fieldOfPlay.beginBreak('TECHNICAL')
    return stage.said().filter((line) => line.includes('Clock/'))
  }

  it('tells its clocks in a release after 69', () => {
    expect(clockLines('70.0.0')).toEqual([
      't+0 > owlcms/fop/athleteClock/A start 60000',
      't+1000 > owlcms/fop/athleteClock/A stop 59000',
      't+1000 > owlcms/fop/athleteClock/A set 120000',
      't+1000 > owlcms/fop/athleteClock/A stop 120000',
      't+1000 > owlcms/fop/breakClock/A set 600000',
      't+1000 > owlcms/fop/breakClock/A start 600000',
      't+601000 > owlcms/fop/breakClock/A stop 0',
      't+601000 > owlcms/fop/athleteClock/A stop 120000',
      't+601000 > owlcms/fop/breakClock/A set -1',
    ])
  })

  it('does not in any release before', () => {
    expect(clockLines('69.0.0')).toEqual([])
  })

  const steps = fc.array(
    fc.tuple(
      fc.constantFrom(
        'start',
        'stop',
        '60',
        '120',
        '1',
        '2',
        '3',
        'technical',
        'challenge',
        'resume',
        'countdown',
        'weight',
      ),
      fc.integer({ min: 300, max: 9000 }),
    ),
    { maxLength: 40 },
  )

  it('its clocks are shown as they are, and change neither phase nor fence (property)', () => {
    fc.assert(
      fc.property(steps, fc.integer(), (chosen, seed) => {
        const clock = new FakeClock()
        const said: (readonly [string, string])[] = []
        const hall = new FieldOfPlay({
          platform: 'A',
          clock,
          version: '70.0.0',
          publish: (topic, payload) => said.push([topic, payload]),
        })
        let withClocks = initialPlatformState(platformA)
        let without = withClocks
        let turn = seed
        const hear = () => {
          // Messages of one event come in any order.
          while (said.length > 0) {
            turn = (turn * 1_103_515_245 + 12_345) & 0x7fffffff
            const [[name, payload] = ['', '']] = said.splice(turn % said.length, 1)
            const topic = parseTopic(name)
            if (!topic.ok) continue
            const message: OwlcmsMessage = parseMessage(topic.value, new TextEncoder().encode(payload))
            withClocks = reducePlatform(withClocks, message, clock.now())
            if (!name.includes('Clock/')) without = reducePlatform(without, message, clock.now())
          }
        }
        const press = (topic: string, payload: string) => {
          const input = readDeviceMessage(topic, new TextEncoder().encode(payload), 'A', hall.abilities)
          if (input !== undefined) hall.handle(input)
        }
        hall.loadSession(new FixedOrder([jane, zoe, jane, zoe]))
        hear()
        clock.advance(1000)
        hall.startLifting()
        hear()
        for (const [word, ms] of chosen) {
          for (let left = ms; left > 0; left -= 100) {
            clock.advance(Math.min(left, 100))
            hear()
          }
          if (/^(start|stop|60|120)$/.test(word)) press('owlcms/clock/A', word)
          else if (/^[123]$/.test(word)) press('owlcms/refbox/decision/A', `${word} good`)
          else if (word === 'resume') press('owlcms/jurybox/break/A', 'stop')
          else if (word === 'countdown') hall.beginBreak('FIRST_CJ', 20_000)
          else if (word === 'weight') hall.weightChanged()
          else press('owlcms/jurybox/break/A', word)
          hear()
          const { athleteClock, breakClock, ...rest } = withClocks
          expect({ ...rest, owlcms: rest.owlcms.state }).toEqual({ ...without, owlcms: without.owlcms.state })
          expect(breakClock === undefined || withClocks.phase.kind === 'break').toBe(true)
          const shown =
            athleteClock === undefined ? undefined : clockText(shownClock(withClocks), clock.now())
          const own = { kind: 'stopped' as const, remainingMs: hall.view().remainingMs, at: clock.now() }
          expect(shown).toBe(clockText(own, clock.now()))
        }
        hall.stop()
      }),
      { numRuns: 60 },
    )
  })
})
