import type { ClockChangeView, HttpViews } from './views.ts'
import { duration } from './words.ts'

/** Less is trimming: no token and nobody minds. */
const newsMs = 60_000
/** How long it stays news. */
const newsForMs = 3_600_000

/** The machine's clock jumped so lately and so far that the organiser should know. */
export function clockNews(views: HttpViews): ClockChangeView | undefined {
  const change = views.clockChange?.()
  if (change === undefined || views.now() - change.at >= newsForMs) return undefined
  return Math.max(Math.abs(change.setByMs), Math.abs(change.sleptMs)) >= newsMs ? change : undefined
}

/** What happened to the clock, and what to do about it (R9). */
export function clockWords({ setByMs, sleptMs }: ClockChangeView): {
  readonly word: string
  readonly sentence: string
  readonly why: string
  readonly nextStep: string
} {
  if (Math.abs(sleptMs) > Math.abs(setByMs)) {
    return {
      word: 'Slept',
      sentence: `The computer of this bridge slept for ${duration(sleptMs)}.`,
      why: 'Nothing got through meanwhile. It is awake again, and its times are right.',
      nextStep: 'Switch its sleep off for the competition, also with the lid closed.',
    }
  }
  const direction = setByMs > 0 ? 'forward' : 'back'
  return {
    word: 'Was set',
    sentence: `The clock of this bridge’s computer was set ${direction} by ${duration(Math.abs(setByMs))}.`,
    why: 'It was wrong before, as on a computer that was just switched on. The bridge goes by the new time.',
    nextStep:
      'Links made on this bridge before may be refused: make new ones. What was revoked before, revoke again.',
  }
}
