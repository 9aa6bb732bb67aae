import type { DeviceClock } from '../stream/parts.ts'
import type { Sound, Tone } from './sound.ts'

export type AlertKind = 'reminder' | 'summon'

/** Several of a kind within this time are one: "all referees" is three summonses and their twins (docs/owlcms.md 7). */
export const oneAlertMs = 100
/** Between two rounds of sound and vibration, in milliseconds. */
export const roundMs = 1_000
/** owlcms stops reminding after 20 s; a summons stays on the screen, but nobody needs it louder for longer. */
export const longestMs = 20_000

interface Pattern {
  readonly tones: readonly Tone[]
  /** Milliseconds on, off, on … */
  readonly vibration: readonly number[]
}

const patterns: Readonly<Record<AlertKind, Pattern>> = {
  // Quick and high: something is missing.
  reminder: {
    tones: [
      { hertz: 1_320, ms: 120 },
      { hertz: 1_320, ms: 120 },
      { hertz: 1_320, ms: 120 },
    ],
    vibration: [150, 60, 150, 60, 150],
  },
  // Two slow tones: come.
  summon: {
    tones: [
      { hertz: 880, ms: 250 },
      { hertz: 660, ms: 350 },
    ],
    vibration: [400, 100, 300],
  },
}

export interface AlertParts {
  readonly clock: DeviceClock
  readonly sound: Sound
  /** Vibrates, where the device can; an empty pattern stops it. */
  readonly vibrate: (pattern: readonly number[]) => void
}

interface Running {
  readonly startedAt: number
  cancel: () => void
}

/** Sound and vibration, round after round until stopped. The flash is the page's, by the same `active`. */
export class Alerts {
  readonly #parts: AlertParts
  readonly #running = new Map<AlertKind, Running>()

  constructor(parts: AlertParts) {
    this.#parts = parts
  }

  get active(): readonly AlertKind[] {
    return [...this.#running.keys()]
  }

  /** Begins an alert, or begins it anew; several within 100 ms are one. */
  start(kind: AlertKind): void {
    const { clock } = this.#parts
    const now = clock.now()
    const before = this.#running.get(kind)
    if (before !== undefined && now - before.startedAt < oneAlertMs) return
    before?.cancel()
    const running: Running = { startedAt: now, cancel: () => undefined }
    this.#running.set(kind, running)
    this.#round(kind, running)
  }

  stop(kind: AlertKind): void {
    const running = this.#running.get(kind)
    if (running === undefined) return
    running.cancel()
    this.#running.delete(kind)
    this.#parts.vibrate([])
  }

  #round(kind: AlertKind, running: Running): void {
    const { clock, sound, vibrate } = this.#parts
    if (clock.now() - running.startedAt >= longestMs) return
    sound.play(patterns[kind].tones)
    vibrate(patterns[kind].vibration)
    running.cancel = clock.setTimer(roundMs, () => this.#round(kind, running))
  }
}
