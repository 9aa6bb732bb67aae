import { isSeat, seatRoles, type SeatRole } from '../../protocol/contract/seat.ts'
import type { StreamIdentity } from '../../protocol/contract/stream-message.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import { defined } from '../../protocol/defined.ts'

/** The seat that a page was given. */
export interface PageSeat {
  readonly platform: string
  readonly role: SeatRole
  readonly number?: number
}

/** The seat in what the bridge takes us for; undefined when that is no seat. */
export function seatOf(as: StreamIdentity): PageSeat | undefined {
  const { kind, platform, number } = as
  const role = seatRoles.find((one) => one === as.role)
  if (kind !== 'seat' || platform === undefined || role === undefined || !isSeat(role, number))
    return undefined
  return { platform, role, ...defined({ number }) }
}

/** Officials that the seat answers for when the jury calls; 4 is the technical controller. */
export function officialsOf({ role, number }: PageSeat): readonly number[] {
  switch (role) {
    case 'referee':
      return number === undefined ? [] : [number]
    case 'soloReferee':
      return [1, 2, 3]
    case 'technicalController':
      return [4]
    case 'juryMember':
    case 'juryPresident':
    case 'timekeeper':
      return []
    default:
      return role satisfies never
  }
}

/** Whether this seat is called to the jury now. */
export function isSummoned(seat: PageSeat, state: VisibleState | undefined): boolean {
  return officialsOf(seat).some((official) => state?.summoned.includes(official) === true)
}

/** Whether this seat's decision is the one that is missing. */
export function isReminded(seat: PageSeat, state: VisibleState | undefined): boolean {
  const { reminded } = state ?? {}
  if (reminded === undefined) return false
  return seat.role === 'soloReferee' || (seat.role === 'referee' && seat.number === reminded)
}

/**
 * Whether owlcms surely takes nothing from this seat now: in a break, a ceremony, after the session (docs/owlcms.md 4.2). Votes of
 * the jury it always takes, and where the bridge knows of no break the keys are as usual.
 */
export function isIdle({ role }: PageSeat, state: VisibleState | undefined): boolean {
  const decides = role === 'referee' || role === 'soloReferee' || role === 'timekeeper'
  return decides && (state?.phase.kind === 'break' || state?.phase.kind === 'ceremony')
}

/** Whether this seat carries flags to show when the keypad fails. */
export function hasFlags({ role }: PageSeat): boolean {
  return role === 'referee' || role === 'soloReferee'
}
