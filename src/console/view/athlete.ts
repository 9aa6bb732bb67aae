import type { Attempt } from '../../protocol/owlcms/message.ts'
import { isJuryBreak, type VisibleState } from '../../protocol/field/visible-state.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'

/** Phases in which nobody is on the platform. */
const quietPhases: readonly string[] = ['break', 'ceremony', 'idle']

/** Whether nobody lifts now, so that lights, athlete and clock would tell of the past. */
export function isQuiet({ phase }: VisibleState): boolean {
  return quietPhases.includes(phase.kind)
}

/** Whose lift it is: the one on the platform, or the one that the jury sits over. Undefined where owlcms does not tell. */
export function attemptOf(state: VisibleState | undefined): Attempt | undefined {
  if (state === undefined) return undefined
  if (isJuryBreak(state.phase)) return state.reviewed?.attempt
  return isQuiet(state) ? undefined : state.attempt
}

/** `Snatch · attempt 2`, as far as owlcms tells. */
export function liftText({ liftType, attemptNumber }: Attempt, { view }: KeypadTexts): string {
  const lifts: Readonly<Record<string, string>> = { SNATCH: view.snatch, CLEANJERK: view.cleanJerk }
  return [
    liftType === undefined ? undefined : (lifts[liftType] ?? liftType),
    attemptNumber === undefined ? undefined : view.attempt(attemptNumber),
  ]
    .filter((part) => part !== undefined)
    .join(' · ')
}

/** Whether a break is on, or may be: nobody knows. */
export function isBreak(state: VisibleState | undefined): boolean {
  return state === undefined || state.phase.kind === 'break' || state.phase.kind === 'idle'
}
