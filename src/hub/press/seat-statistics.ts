import type { Roster } from '../field/roster.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { PressReport, PressVerdict } from '../../protocol/contract/press-report.ts'

/** Delays remembered per seat, for p50, p95 and a sparkline: a session's worth of one referee. */
const recentDelays = 100

/** How presses of one seat fared since the bridge started. */
export interface SeatStatistics {
  readonly seat: string
  readonly outcomes: Readonly<Partial<Record<PressVerdict, number>>>
  /** Milliseconds from a press's arrival to owlcms's echo, oldest first. */
  readonly echoDelaysMs: readonly number[]
  readonly lastPressAt: number
}

interface Entry {
  readonly outcomes: Partial<Record<PressVerdict, number>>
  readonly echoDelaysMs: number[]
  lastPressAt: number
}

/** Counts what became of presses, by platform and seat. Fed by the press ledger. */
export class SeatStatisticsBook {
  readonly #roster: Roster
  readonly #seats = new Map<Platform, Map<string, Entry>>()

  constructor(roster: Roster) {
    this.#roster = roster
  }

  note(report: PressReport): void {
    const entry = this.#entry(report.platform, report.seat)
    if (entry === undefined) return
    entry.outcomes[report.outcome] = (entry.outcomes[report.outcome] ?? 0) + 1
    entry.lastPressAt = report.at
    if (report.echoMs === undefined) return
    entry.echoDelaysMs.push(report.echoMs)
    if (entry.echoDelaysMs.length > recentDelays) entry.echoDelaysMs.shift()
  }

  of(platform: Platform): readonly SeatStatistics[] {
    return [...(this.#seats.get(platform) ?? [])].map(([seat, entry]) => ({ seat, ...entry }))
  }

  #entry(platform: Platform, seat: string): Entry | undefined {
    let seats = this.#seats.get(platform)
    if (seats === undefined) {
      if (!this.#roster.hasRoom(this.#seats, platform)) return undefined
      seats = new Map()
      this.#seats.set(platform, seats)
    }
    const known = seats.get(seat)
    if (known !== undefined) return known
    const entry: Entry = { outcomes: {}, echoDelaysMs: [], lastPressAt: 0 }
    seats.set(seat, entry)
    return entry
  }
}

/** The value below which this share (0 to 1) of the numbers lies, by nearest rank; undefined for none. */
export function percentile(numbers: readonly number[], share: number): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}
