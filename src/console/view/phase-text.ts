import type { VisibleState } from '../../protocol/visible-state.ts'
import type { Texts } from '../texts/page-texts.ts'

/** What happens on the platform, in a word or two. Break types that we don't know are shown as owlcms writes them. */
export function phaseText({ phase, shown, owlcms }: VisibleState, { common }: Texts): string {
  if (owlcms.state === 'starting') return common.owlcmsStarting
  if (phase.kind === 'decisionShown' && shown !== undefined) {
    return shown === 'good' ? common.goodLift : common.noLift
  }
  const breakType = phase.kind === 'break' || phase.kind === 'ceremony' ? phase.breakType : undefined
  if (phase.kind !== 'break' || breakType === undefined) return common.phase[phase.kind]
  const known: Readonly<Record<string, string>> = common.breakType
  return known[breakType] ?? `${common.phase.break}: ${breakType}`
}

/** Whether the jury sits over something, so that votes and its decision count. */
export function isJuryBreak({ phase }: VisibleState): boolean {
  return phase.kind === 'break' && (phase.breakType === 'JURY' || phase.breakType === 'CHALLENGE')
}
