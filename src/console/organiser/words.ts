import { parseSeatKey } from '../../protocol/contract/seat.ts'
import type { OrganiserTexts } from '../../texts/organiser-texts.ts'
import type { Language } from '../../texts/languages.ts'
import { seatName } from '../../texts/names.ts'

/** The texts of the chosen language, and how it writes numbers and times. */
export interface Words {
  readonly code: Language
  readonly texts: OrganiserTexts
  /** `12 seconds ago`; both in milliseconds. */
  ago(at: number, now: number): string
  /** `15 min`: how long it has been; both in milliseconds. */
  lasting(at: number, now: number): string
  ms(milliseconds: number): string
  time(at: number): string
  date(at: number): string
}

const steps = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** `locale` tells how numbers and dates are written: `en-GB` for somebody who chose English there. */
export function makeWords(code: Language, texts: OrganiserTexts, locale: string = code): Words {
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' })
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return {
    code,
    texts,
    ago(at, now) {
      const { unit, count } = rounded(now - at)
      return relative.format(-count, unit)
    },
    lasting(at, now) {
      const { unit, count } = rounded(now - at)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count)
    },
    ms: (milliseconds) => `${number.format(milliseconds)} ms`,
    time: (at) => time.format(at),
    date: (at) => date.format(at),
  }
}

/** In the largest unit that fits: a glance needs no more. */
function rounded(ms: number): { readonly unit: (typeof steps)[number][0]; readonly count: number } {
  const past = Math.max(0, ms)
  const [unit, length] = steps.find(([, one]) => past >= one) ?? steps[3]
  return { unit, count: Math.floor(past / length) }
}

/** A seat's name for people: `Referee 2`. A word that is no seat (a newer bridge) stays as it is. */
export function seatKeyName({ texts }: Words, key: string): string {
  if (key === 'viewer') return texts.shared.role.viewer
  const seat = parseSeatKey(key)
  return seat === undefined ? key : seatName(texts.shared, seat.role, seat.number)
}
