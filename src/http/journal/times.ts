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
    // Swedish writes dates as ISO 8601 does.
    const options = zone === undefined ? {} : { timeZone: zone }
    const day = new Intl.DateTimeFormat('sv-SE', { ...options, dateStyle: 'short' })
    const second = new Intl.DateTimeFormat('sv-SE', { ...options, timeStyle: 'medium' })
    return {
      zone: day.resolvedOptions().timeZone,
      day: (ms) => day.format(ms),
      second: (ms) => second.format(ms),
      millisecond: (ms) => `${second.format(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`,
    }
  } catch {
    return undefined // Intl throws for nothing but an unknown zone.
  }
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
