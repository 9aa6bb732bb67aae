import type { Phase } from '../protocol/field/state.ts'
import type { SeatRole } from '../protocol/contract/seat.ts'
import type { SharedTexts } from './en/shared.ts'

/** `Referee 2`. A president's number is the vote of the jury's first member, and nobody's name. */
export function seatName({ role: words }: SharedTexts, role: SeatRole | 'viewer', number?: number): string {
  return number === undefined || role === 'juryPresident' ? words[role] : `${words[role]} ${number}`
}

/** What happens on a platform, in a word or two. A break that we don't know keeps owlcms's own word. */
export function phaseName({ phase: words, breakType: breaks }: SharedTexts, phase: Phase): string {
  if (phase.kind !== 'break') return words[phase.kind]
  const known: Readonly<Record<string, string>> = breaks
  return known[phase.breakType] ?? `${words.break}: ${phase.breakType}`
}
