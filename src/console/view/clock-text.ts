import type { ClockState, KnownClock } from '../../protocol/field/state.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'

/** The clock at `bridgeNow` (on the bridge's clock) as `1:07`; undefined when owlcms told none. Never below 0:00. */
export function clockText(clock: ClockState, bridgeNow: number): string | undefined {
  if (clock.kind === 'unknown') return undefined
  const gone = clock.kind === 'running' ? Math.max(0, bridgeNow - clock.at) : 0
  // Owlcms shows 1:00 at the start and 0:00 only when time is over: rounded up.
  const seconds = Math.max(0, Math.ceil((clock.remainingMs - gone) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** The countdown of the break that is on, where owlcms tells it; undefined for a break without an end. */
export function breakCountdown(
  state: Pick<VisibleState, 'phase' | 'breakClock'> | undefined,
): KnownClock | undefined {
  const { phase, breakClock } = state ?? {}
  const isBreak = phase?.kind === 'break' || phase?.kind === 'ceremony'
  return isBreak && breakClock !== undefined && breakClock.kind !== 'noEnd' ? breakClock : undefined
}
