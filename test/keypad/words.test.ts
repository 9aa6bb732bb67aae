import { describe, expect, it } from 'vitest'
import { keypadPalette } from '../../src/http/keypad-style.ts'
import { clockText } from '../../src/console/view/clock-text.ts'
import { phaseText } from '../../src/console/view/phase-text.ts'
import { en } from '../../src/console/texts/en.ts'
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
    expect(phaseText(stateOf(changes), en)).toBe(text)
  })
})

describe('colours', () => {
  it.each(Object.entries(keypadPalette))(
    '%s have a contrast of 4.5:1 or more',
    (_name, { text, background }) => {
      expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5)
    },
  )
})

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
