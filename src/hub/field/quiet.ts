import type { PlatformState } from '../../protocol/field/state.ts'
import type { Clock } from '../../support/clock.ts'
import type { Platforms } from './platforms.ts'

/** Whether nobody lifts there now, as far as owlcms tells: no session, a break, or a ceremony. */
export function isQuiet({ phase }: Pick<PlatformState, 'phase'>): boolean {
  switch (phase.kind) {
    case 'idle':
    case 'break':
    case 'ceremony':
      return true
    case 'athleteCalled':
    case 'clockRunning':
    case 'clockStopped':
    case 'downSignal':
    case 'decisionShown':
      return false
    default:
      return phase satisfies never
  }
}

/** Why a wait for quiet ended. */
export type QuietOutcome = 'quiet' | 'timeOver' | 'cut'

/** A wait for the moment in which nobody lifts on any platform. */
export interface QuietWait {
  readonly ended: Promise<QuietOutcome>
  /** Ends it now; does nothing when it has ended. */
  cut(): void
}

/** Waits until all platforms are quiet at the same time, `maxMs` at most; not at all when they are so now. */
export function untilQuiet(platforms: Platforms, clock: Clock, maxMs: number): QuietWait {
  let finish: (outcome: QuietOutcome) => void = () => undefined
  const ended = new Promise<QuietOutcome>((resolve) => {
    finish = resolve
  })
  const look = (): void => {
    const quiet = platforms.names.every((platform) => {
      const now = platforms.now(platform)
      return now === undefined || isQuiet(now.state)
    })
    if (quiet) finish('quiet')
  }
  const stopListening = platforms.listen({ event: look, reset: look, appeared: look, configured: look })
  const cancelTimer = clock.setTimer(maxMs, () => finish('timeOver'))
  void ended.then(() => {
    stopListening()
    cancelTimer()
  })
  look()
  return { ended, cut: () => finish('cut') }
}
