import type { CommandKind, Platform } from '../owlcms/topics.ts'

/** Roles that a seat may have; what each may press and hear is data in hub/people/permissions.ts. */
export const seatRoles = [
  'referee',
  'soloReferee',
  'juryMember',
  'juryPresident',
  'timekeeper',
  'technicalController',
] as const
export type SeatRole = (typeof seatRoles)[number]

/**
 * Characters of a token at most: the longest platform name, written in the widest letters, fits. `/ws` takes
 * no longer ones either (stream-message.ts).
 */
export const maxTokenChars = 2_048

/** In the address of a seat's page, before the `#`: white on the left, red on the right, for halls that are used to it. */
export const whiteLeftQuery = '?white=left'

/** How every token begins (access/token.ts): the mark of this form and its version. */
export const tokenMark = 'owl1'
const tokenShape = new RegExp(`^${tokenMark}[\\w-]{40,}$`)

/** Whether a text may be a token. No proof, but other passwords cost no more than this look. */
export function looksLikeToken(text: string): boolean {
  return text.length <= maxTokenChars && tokenShape.test(text)
}

/**
 * One official's place at one platform: `number` is 1–3 for referees, 1–5 for jury members. A jury president who
 * votes has the number of that vote, 1–5, too; the others have none.
 */
export interface Seat {
  readonly platform: Platform
  readonly role: SeatRole
  readonly number?: number
}

/** How many numbered places a role has; absent: one place without a number. */
const numbered: Readonly<Partial<Record<SeatRole, number>>> = { referee: 3, juryMember: 5, juryPresident: 5 }

/** Whether role and number go together. */
export function isSeat(role: SeatRole, number: number | undefined): boolean {
  const places = numbered[role]
  if (number === undefined) return places === undefined || role === 'juryPresident'
  return places !== undefined && Number.isInteger(number) && number >= 1 && number <= places
}

/** Every seat of one platform, in the order in which an organiser lists them. */
export function seatsOf(platform: Platform, jurySize: number): readonly Seat[] {
  return seatRoles.flatMap((role): readonly Seat[] => {
    if (role !== 'referee' && role !== 'juryMember') return [{ platform, role }]
    const places = role === 'referee' ? 3 : Math.min(jurySize, 5)
    return Array.from({ length: places }, (_, index) => ({ platform, role, number: index + 1 }))
  })
}

/**
 * The seat within its platform, as one word for keys, logs and labels: `referee-2`, `timekeeper`. There is only a
 * handful of them, so that it may be a metric's label.
 */
export function seatKey({ role, number }: Pick<Seat, 'role' | 'number'>): string {
  return number === undefined ? role : `${role}-${number}`
}

/** Reads {@link seatKey}; undefined when it is none. */
export function parseSeatKey(text: string): Pick<Seat, 'role' | 'number'> | undefined {
  const [word, digits] = text.split('-', 2)
  const role = seatRoles.find((one) => one === word)
  const number = digits === undefined ? undefined : Number(digits)
  if (role === undefined || !isSeat(role, number)) return undefined
  return number === undefined ? { role } : { role, number }
}

/**
 * The seat that a device's message comes from, as far as the message tells (docs/owlcms.md 2.2): who sends `2 good`
 * sits as referee 2, whatever the device is. Undefined where it comes from nobody's seat.
 */
export function seatOfCommand(
  kind: CommandKind,
  number: number | undefined,
): Pick<Seat, 'role' | 'number'> | undefined {
  switch (kind) {
    case 'refereeDecision':
      if (number === 0) return { role: 'soloReferee' }
      return number !== undefined && isSeat('referee', number) ? { role: 'referee', number } : undefined
    case 'juryVote':
      return number !== undefined && isSeat('juryMember', number) ? { role: 'juryMember', number } : undefined
    case 'clock':
      return { role: 'timekeeper' }
    case 'juryBreak':
    case 'juryDecision':
    case 'summonRequest':
      return { role: 'juryPresident' }
    case 'downEmitted':
      return undefined
    default:
      return kind satisfies never
  }
}

/**
 * The number that a payload such as `2 good` or `4` begins with, read as owlcms does: the first word, as a whole
 * (docs/owlcms.md 1.4): `25 good` is nobody's, and never number 2's. Undefined when no official has such a number.
 */
export function leadingNumber(payload: Uint8Array): number | undefined {
  let at = 0
  while (payload[at] === space) at += 1
  const first = at
  let number = 0
  for (let byte = payload[at]; byte !== undefined && byte !== space; byte = payload[(at += 1)]) {
    if (byte < zero || byte > nine) return undefined
    number = number * 10 + byte - zero
    if (number > nine - zero) return undefined
  }
  return at === first ? undefined : number
}

const space = 0x20
const zero = 0x30
const nine = 0x39
