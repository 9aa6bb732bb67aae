import { describe, expect, it } from 'vitest'
import { clockText } from '../../src/console/view/clock-text.ts'
import { phaseText } from '../../src/console/view/phase-text.ts'
import { keypadTexts } from '../../src/texts/keypad-texts.ts'
import { stateOf } from './support/scripted-bridge.ts'

describe('the clock', () => {
  it.each([
    [{ kind: 'unknown' }, 0, undefined],
    [{ kind: 'stopped', remainingMs: 60_000, at: 0 }, 99_000, '1:00'],
    [{ kind: 'stopped', remainingMs: 120_000, at: 0 }, 0, '2:00'],
    [{ kind: 'stopped', remainingMs: -1_000, at: 0 }, 0, '0:00'],
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 1_000, '1:00'],
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 2_001, '0:59'],
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 60_500, '0:01'],
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 61_000, '0:00'],
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 500_000, '0:00'],
    // A phone whose clock is a little behind must not show more than owlcms said.
    [{ kind: 'running', remainingMs: 60_000, at: 1_000 }, 500, '1:00'],
  ] as const)('%j at %i shows %s', (clock, now, text) => {
    expect(clockText(clock, now)).toBe(text)
  })
})

describe('what happens on the platform', () => {
  it.each([
    [{ phase: { kind: 'clockRunning' } }, 'Clock running'],
    [{ phase: { kind: 'decisionShown' }, shown: 'bad' }, 'No lift'],
    [{ phase: { kind: 'break', breakType: 'CHALLENGE' } }, 'Challenge'],
    [{ phase: { kind: 'break', breakType: 'OF_TOMORROW' } }, 'Break: OF_TOMORROW'],
    [{ phase: { kind: 'ceremony', ceremony: 'MEDALS' } }, 'Ceremony'],
    [{ owlcms: { state: 'starting' } }, 'owlcms is restarting'],
  ] as const)('%j reads "%s"', (changes, text) => {
    expect(phaseText(stateOf(changes), keypadTexts.en)).toBe(text)
  })
})
