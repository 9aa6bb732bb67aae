import type { JournalTexts } from '../../texts/journal-texts.ts'

/** Points in time as a reader in one time zone writes them. */
export interface Times {
  /** The zone's name, such as `Europe/Berlin`. */
  readonly zone: string
  /** `2026-11-22` */
  day(ms: number): string
  /** `14:03:22` */
  second(ms: number): string
  /** `14:03:22.083` */
  millisecond(ms: number): string
}

/** Times in a zone; undefined for a zone that nobody knows. Without a name: the zone that the program runs in (`TZ`). */
export function timesIn(zone: string | undefined): Times | undefined {
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    let known = { quarter: NaN, offsetMs: 0 }
    /** ISO 8601 as clocks show it there. Zones change their offset at the quarter of an hour at most; asking is slow. */
    const local = (ms: number): string => {
      const quarter = Math.floor(ms / 900_000)
      if (quarter !== known.quarter) known = { quarter, offsetMs: offsetOf(format.formatToParts(ms)) }
      return new Date(Math.floor(ms) + known.offsetMs).toISOString()
    }
    return {
      zone: format.resolvedOptions().timeZone,
      day: (ms) => local(ms).slice(0, 10),
      second: (ms) => local(ms).slice(11, 19),
      millisecond: (ms) => local(ms).slice(11, 23),
    }
  } catch {
    return undefined // Intl throws for nothing but an unknown zone.
  }
}

/** Milliseconds ahead of UTC, from `GMT+05:45`; `GMT` alone is none. */
function offsetOf(parts: readonly Intl.DateTimeFormatPart[]): number {
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
}

/** `+12.3 s`, `+3:04.5`: time since the beginning; `0.0 s` at it. */
export function sinceText(ms: number, texts: JournalTexts): string {
  const tenths = Math.round(ms / 100)
  const sign = tenths > 0 ? '+' : tenths < 0 ? '−' : ''
  const size = Math.abs(tenths)
  const minutes = Math.floor(size / 600)
  if (minutes === 0) return `${sign}${texts.seconds(size / 10)}`
  return `${sign}${minutes}:${((size % 600) / 10).toFixed(1).padStart(4, '0')}`
}
