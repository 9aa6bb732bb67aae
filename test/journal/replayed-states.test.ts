import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldRecord, type JournalRecord } from '../../src/protocol/journal/record.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { readRecording, type Recording } from '../../src/protocol/journal/read-recording.ts'
import { RecordedHall } from './recorded-hall.ts'

const runs = Number(process.env['JOURNAL_RUNS'] ?? 25)
const timeout = 20_000 + runs * 1_000

function read(text: string): Recording {
  const recording = readRecording(text)
  if (!recording.ok) throw new Error(JSON.stringify(recording.error))
  return recording.value
}

/** The state after each record. */
function replayed(records: readonly JournalRecord[]): { n: number; state: PlatformState | undefined }[] {
  let state: PlatformState | undefined
  return records.map((record) => ({ n: record.n, state: (state = foldRecord(state, record)) }))
}

function withoutName(state: PlatformState | undefined): unknown {
  if (state === undefined) return state
  return JSON.parse(JSON.stringify(state, (key, value: unknown) => (key === 'athleteName' ? '…' : value)))
}

/** Random numbers of a test case. */
function randomFrom(seed: number): () => number {
  let value = seed >>> 0
  return () => {
    value = (value * 1_664_525 + 1_013_904_223) >>> 0
    return value / 2 ** 32
  }
}

const halls = fc.record({
  seed: fc.nat(),
  names: fc.constantFrom('keep' as const, 'hide' as const),
  version: fc.constantFrom('53.0.2', '55.3.0', '61.0.1', '64.0.0', '69.0.0'),
  jurySize: fc.constantFrom(3, 5),
  /** What the memory holds at most; small ones forget the beginning. */
  journalEntries: fc.constantFrom(10, 100, 10_000),
  steps: fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 120_000 }), then: fc.constantFrom('go', 'cut', 'owlcms') }),
    { minLength: 3, maxLength: 15 },
  ),
})

it('a replayed recording gives the states of then, after every record, of any hall', { timeout }, () => {
  let compared = 0
  fc.assert(
    fc.property(halls, ({ seed, names, version, jurySize, journalEntries, steps }) => {
      const random = randomFrom(seed)
      const hall = new RecordedHall({
        platforms: ['A', 'Plateforme d’été/2'],
        names,
        version,
        jurySize,
        random,
        limits: { journalEntries },
      })
      hall.started()
      const sessions = hall.journal.names.map((platform) => hall.playSessions(platform, random))
      for (const { ms, then } of steps) {
        hall.clock.advance(ms)
        if (then === 'cut') {
          hall.link(false)
          hall.clock.advance(ms / 7)
          hall.link(true)
        } else if (then === 'owlcms') hall.owlcms.platform('A').disconnect()
        if (then === 'owlcms') {
          hall.clock.advance(ms / 3)
          hall.owlcms.platform('A').reconnect()
        }
      }
      for (const one of sessions) one.stop()
      expect(hall.journal.names.length).toBe(2)
      for (const platform of hall.journal.names) {
        // Through the text, as a file is read.
        const lines = [hall.journal.header(), ...hall.journal.records(platform)!]
        const { records } = read(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
        const states = new Map(replayed(records).map(({ n, state }) => [n, state]))
        const compare = names === 'hide' ? withoutName : (state: PlatformState | undefined) => state
        const first = records[0]!.n
        for (const { n, state } of hall.live.get(platform)!) {
          if (n < first) continue
          expect(compare(states.get(n))).toEqual(compare(state))
          compared += 1
        }
      }
    }),
    { numRuns: runs },
  )
  expect(compared).toBeGreaterThan(runs * 20)
})
