import type { LinksRequest } from '../../protocol/contract/console-api.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Seat } from '../../protocol/contract/seat.ts'

/** What the organiser ticked for the seat sheet. */
export interface SheetChoice {
  readonly platforms: readonly string[]
  readonly referees: boolean
  readonly solo: boolean
  readonly timekeeper: boolean
  readonly controller: boolean
  readonly viewer: boolean
  readonly jury: boolean
  /** Whether the jury's president has a keypad, and with it a vote (then as member 1). */
  readonly president: 'votes' | 'only' | 'none'
  readonly days: number
}

/** A competition's usual officials; codes outlast a weekend. */
export const usualChoice: Omit<SheetChoice, 'platforms'> = {
  referees: true,
  solo: false,
  timekeeper: true,
  controller: false,
  viewer: false,
  jury: true,
  president: 'votes',
  days: 3,
}

/** Days that can be chosen for a code; the bridge takes as many. */
export const maxDays = 30

type SheetSeat = LinksRequest['seats'][number]

/** The seats to print, platform by platform, in the order in which officials sit. */
export function plannedSeats(
  choice: SheetChoice,
  jurySize: (platform: string) => number,
): readonly SheetSeat[] {
  return choice.platforms.flatMap((name) => {
    const platform = name as Platform // Comes from the bridge, which made it.
    const one = (wanted: boolean, role: Seat['role']): readonly SheetSeat[] =>
      wanted ? [{ platform, role }] : []
    return [
      ...(choice.referees ? numbered(platform, 'referee', 1, 3) : []),
      ...one(choice.solo, 'soloReferee'),
      ...one(choice.timekeeper, 'timekeeper'),
      ...one(choice.controller, 'technicalController'),
      ...(choice.jury ? jurySeats(platform, choice.president, Math.min(jurySize(name), 5)) : []),
      ...(choice.viewer ? [{ platform, role: 'viewer' } as const] : []),
    ]
  })
}

function jurySeats(platform: Platform, president: SheetChoice['president'], size: number): readonly Seat[] {
  switch (president) {
    case 'votes':
      return [{ platform, role: 'juryPresident', number: 1 }, ...numbered(platform, 'juryMember', 2, size)]
    case 'only':
      return [{ platform, role: 'juryPresident' }, ...numbered(platform, 'juryMember', 1, size)]
    case 'none':
      return numbered(platform, 'juryMember', 1, size)
    default:
      return president satisfies never
  }
}

function numbered(
  platform: Platform,
  role: 'referee' | 'juryMember',
  from: number,
  to: number,
): readonly Seat[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ platform, role, number: from + index }))
}
