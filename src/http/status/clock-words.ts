import type { StatusTexts } from '../../texts/status-texts.ts'
import type { ClockChangeView, HttpViews } from '../views.ts'
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
export function clockWords(
  { setByMs, sleptMs }: ClockChangeView,
  { clock, days }: StatusTexts,
): Readonly<Record<'word' | 'sentence' | 'why' | 'nextStep', string>> {
  const slept = Math.abs(sleptMs) > Math.abs(setByMs)
  const { word, why, nextStep } = slept ? clock.slept : clock.set
  const by = duration(Math.abs(setByMs), days)
  const set = setByMs > 0 ? clock.setForward(by) : clock.setBack(by)
  return { word, sentence: slept ? clock.sleptFor(duration(sleptMs, days)) : set, why, nextStep }
}
