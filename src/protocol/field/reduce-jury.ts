import type { JuryMemberNumber } from '../owlcms/message.ts'
import type { Verdict } from '../owlcms/topics.ts'
import type { Draft } from './draft.ts'

/**
 * A vote came in (`hidden`), or is revealed with all others; a vote changed later hides and reveals them again
 * (docs/owlcms.md 4.6).
 */
export function juryMemberDecision(draft: Draft, member: JuryMemberNumber, value: Verdict | 'hidden'): void {
  const { jury } = draft.state
  // A vote of a member above the jury's size only ever shows `hidden`, and owlcms reveals all others again.
  const revealed = value !== 'hidden' || (member > jury.size && jury.revealed)
  if (jury.votes[member] === value && jury.revealed === revealed) return
  draft.change({ jury: { size: jury.size, votes: { ...jury.votes, [member]: value }, revealed } })
}

/** An official is called to the jury, until lifting goes on; owlcms never takes it back (docs/owlcms.md 4.6). */
export function summon(draft: Draft, official: number, on: boolean): void {
  const { summoned } = draft.state
  if (!on) {
    if (summoned.includes(official)) draft.change({ summoned: summoned.filter((one) => one !== official) })
    return
  }
  if (official < 1 || official > 4 || summoned.includes(official)) return
  draft.change({ summoned: [...summoned, official].sort((a, b) => a - b) })
}
