import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { phaseName } from '../../texts/names.ts'

/** What happens on the platform, in a word or two. Break types that we don't know are shown as owlcms writes them. */
export function phaseText({ phase, shown, owlcms }: VisibleState, { common, shared }: KeypadTexts): string {
  if (owlcms.state === 'starting') return common.owlcmsStarting
  if (phase.kind === 'decisionShown' && shown !== undefined) {
    return shown === 'good' ? common.goodLift : common.noLift
  }
  return phaseName(shared, phase)
}
