import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { HistoryLimits, PlatformEvent } from '../../src/hub/field/event.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { audienceOf, hearsPlatform, sightOf } from '../../src/hub/field/sight.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'
import { whyStale } from '../../src/protocol/field/fence.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState } from '../../src/protocol/field/reduce.ts'

const A = 'A' as Platform
const config = '{"jurySize":5,"platforms":["A","Platform 2"],"version":"61.0.0"}'

let clock: FakeClock
let platforms: Platforms
let news: string[]

beforeEach(() => {
  clock = new FakeClock()
  platforms = platformsWith({})
})

function platformsWith(limits: Partial<HistoryLimits>): Platforms {
  const made = new Platforms({ clock, random: () => 0.5, limits })
  news = []
  made.listen({
    event: ({ platform, seq, publication: { topic } }) => news.push(`${platform} ${seq} ${topic}`),
    reset: (platform) => news.push(`reset ${platform}`),
    appeared: (platform) => news.push(`appeared ${platform}`),
    vanished: (platform) => news.push(`vanished ${platform}`),
    configured: () => news.push('configured'),
  })
  return made
}

function hear(topic: string, payload = ''): void {
  platforms.receive(publication(topic, payload))
}

const seqs = (events: readonly PlatformEvent[] | 'gap'): number[] | 'gap' =>
  events === 'gap' ? 'gap' : events.map(({ seq }) => seq)

describe('platforms', () => {
  it('come from owlcms: from its list, and from what it says about them', () => {
    hear('owlcms/fop/config', config)
    hear('owlcms/fop/down/C')
    expect(platforms.names).toEqual(['A', 'Platform 2', 'C'])
    expect(platforms.now('Platform 2' as Platform)?.state.jury.size).toBe(5)
  })

  it('do not come from what devices say', () => {
    hear('owlcms/refbox/decision/invented', '1 good')
    expect(platforms.names).toEqual([])
  })

  it('are at most 64, whatever names come from outside (R7)', () => {
    for (let at = 0; at < 100; at += 1) hear(`owlcms/fop/down/platform ${at}`)
    expect(platforms.names).toHaveLength(64)
  })

  it('that owlcms lists have a place, whatever names came before: one that it does not list gives way', () => {
    for (let at = 0; at < 64; at += 1) hear(`owlcms/fop/down/invented ${at}`)
    hear('owlcms/fop/config', config)
    expect(platforms.names).toHaveLength(64)
    expect(platforms.names).toEqual(expect.arrayContaining(['A', 'Platform 2']))
    expect(news.filter((line) => line.startsWith('vanished'))).toEqual([
      'vanished invented 0',
      'vanished invented 1',
    ])
    hear('owlcms/fop/down/A')
    expect(news.at(-1)).toMatch(/^A [0-9]+ owlcms\/fop\/down\/A$/)
  })

  it('that owlcms lists never give way, not even to each other', () => {
    const many = Array.from({ length: 70 }, (_, at) => `listed ${at}`)
    hear('owlcms/fop/config', JSON.stringify({ platforms: many.slice(0, 64), version: '61' }))
    hear('owlcms/fop/config', JSON.stringify({ platforms: many, version: '61' }))
    hear('owlcms/fop/down/invented')
    expect(platforms.names).toEqual(many.slice(0, 64))
  })

  it('with a name that makes no topic are left out', () => {
    hear('owlcms/fop/config', '{"platforms":["A","B+","C#","D\\u0000","E\\r","F\\uffff"],"version":"61"}')
    expect(platforms.names).toEqual(['A'])
  })

  it('are found by their exact name only', () => {
    hear('owlcms/fop/down/Platform 1')
    expect([
      platforms.find('Platform 1'),
      platforms.find('platform 1'),
      platforms.find('Platform 1 '),
    ]).toEqual(['Platform 1', undefined, undefined])
  })
})

describe('the sequence of a platform', () => {
  it('numbers every message, whoever sent it, unknown ones too (R6)', () => {
    hear('owlcms/fop/down/A')
    hear('owlcms/refbox/decision/A', '1 good')
    hear('owlcms/fop/brandNew/A', 'x')
    hear('owlcms/fop/down/B')
    expect(news.filter((line) => /^[AB]/.test(line))).toEqual([
      'A 1 owlcms/fop/down/A',
      'A 2 owlcms/refbox/decision/A',
      'A 3 owlcms/fop/brandNew/A',
      'B 1 owlcms/fop/down/B',
    ])
  })

  it("has no place for owlcms's repeated config replies, one per platform and question", () => {
    hear('owlcms/fop/config', config)
    const before = platforms.now(A)
    hear('owlcms/fop/config', config)
    expect(platforms.now(A)).toEqual(before)
    hear('owlcms/fop/config', config.replace('5', '3'))
    expect(platforms.now(A)).toMatchObject({ seq: 2, state: { jury: { size: 3 } } })
  })

  it('starts afresh, with an older fence everywhere, when the link was down (R4)', () => {
    hear('owlcms/fop/config', config)
    hear('owlcms/fop/decision/A', '1 good')
    const before = platforms.now(A)!
    platforms.linkChanged(false)
    platforms.linkChanged(true)
    expect(platforms.now(A)).toEqual({
      seq: before.seq + 1,
      state: { ...initialPlatformState(A, 5), fence: before.state.fence + 1 },
    })
    expect(platforms.resume(A, before.seq)).toBe('gap')
    expect(platforms.resume(A, before.seq + 1)).toEqual([])
    expect(news.slice(-4)).toEqual(['configured', 'configured', 'reset A', 'reset Platform 2'])
  })

  it('has fences that are newer than any of an earlier start', () => {
    hear('owlcms/fop/down/A')
    const before = platforms.now(A)!.state.fence
    clock.advance(1_000)
    platforms = platformsWith({})
    hear('owlcms/fop/down/A')
    expect(platforms.now(A)!.state.fence).toBeGreaterThan(before)
  })
})

describe('history', () => {
  it('has fences that a bridge started in the same moment never takes for its own (R4)', () => {
    const states = [0.2, 0.7].map((random) => {
      const made = new Platforms({ clock, random: () => random })
      made.receive(publication('owlcms/fop/config', '{"platforms":["A"],"jurySize":3,"version":"69"}'))
      for (let lift = 0; lift < 100; lift += 1) {
        made.receive(publication('owlcms/fop/resetDecisions/A'))
        made.receive(publication('owlcms/fop/down/A'))
      }
      return made.now(A)!.state
    })
    const [here, there] = states as [PlatformState, PlatformState]
    expect(whyStale('summonController', here.fence, there)).toEqual({ kind: 'unknownPast' })
    expect(whyStale('summonController', there.fence, here)).toEqual({ kind: 'unknownPast' })
  })

  it('gives the very events that were told live, also long after (property)', () => {
    const words = [
      'down',
      'resetDecisions',
      'startLifting',
      'refereesDecision good',
      'decision 2 bad',
      'odd x',
    ]
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 700 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (historyEvents, said, share) => {
          platforms = new Platforms({ clock, random: () => 0.5, limits: { historyEvents } })
          const live: PlatformEvent[] = []
          const nothing = () => undefined
          platforms.listen({
            event: (event) => void live.push(event),
            reset: nothing,
            appeared: nothing,
            configured: nothing,
          })
          for (const line of said) {
            const [word = '', ...payload] = line.split(' ')
            clock.advance(70)
            hear(`owlcms/fop/${word}/A`, payload.join(' '))
          }
          const missed = Math.floor(share * Math.min(historyEvents, said.length))
          expect(platforms.resume(A, said.length - missed)).toEqual(missed === 0 ? [] : live.slice(-missed))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('gives exactly what came after a number', () => {
    for (let at = 0; at < 5; at += 1) hear('owlcms/fop/down/A')
    expect(seqs(platforms.resume(A, 3))).toEqual([4, 5])
    expect(seqs(platforms.resume(A, 5))).toEqual([])
    expect(seqs(platforms.resume(A, 0))).toEqual([1, 2, 3, 4, 5])
  })

  it('says gap for a number of the future and for an unknown platform', () => {
    hear('owlcms/fop/down/A')
    expect(platforms.resume(A, 2)).toBe('gap')
    expect(platforms.resume('B' as Platform, 0)).toBe('gap')
  })

  it('keeps at least 1,000 events by default, and forgets the oldest', () => {
    for (let at = 0; at < 5_000; at += 1) hear('owlcms/fop/liftingOrderUpdated/A')
    expect(platforms.resume(A, 4_000)).toHaveLength(1_000)
    expect(platforms.resume(A, 3_000)).toHaveLength(2_000)
    expect(platforms.resume(A, 2_999)).toBe('gap')
  })

  it('is bounded in bytes too', () => {
    platforms = platformsWith({ historyBytes: 100 })
    for (let at = 0; at < 10; at += 1) hear('owlcms/fop/x/A', 'x'.repeat(25)) // 14 + 25 bytes each
    expect(platforms.resume(A, 8)).toHaveLength(2)
    expect(platforms.resume(A, 7)).toBe('gap')
    hear('owlcms/fop/x/A', 'x'.repeat(200))
    expect(platforms.resume(A, 10)).toBe('gap')
    expect(platforms.resume(A, 11)).toEqual([])
  })

  it('is exact or says gap, for any limits, traffic and cut (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 }),
        fc.nat(70),
        (historyEvents, sizes, cut) => {
          platforms = platformsWith({ historyEvents, historyBytes: 400 })
          hear('owlcms/fop/down/A')
          for (const size of sizes) hear('owlcms/fop/x/A', 'x'.repeat(size))
          const got = seqs(platforms.resume(A, cut))
          const last = sizes.length + 1
          if (got === 'gap') return cut > last || last - cut > historyEvents || bytesAfter(sizes, cut) > 400
          return got.join() === Array.from({ length: last - cut }, (_, at) => cut + 1 + at).join()
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

/** Bytes of the events after `cut`; the first one is the empty `down`. */
function bytesAfter(sizes: readonly number[], cut: number): number {
  return ['owlcms/fop/down/A'.length, ...sizes.map((size) => size + 'owlcms/fop/x/A'.length)]
    .slice(cut)
    .reduce((sum, bytes) => sum + bytes, 0)
}

describe('what a principal sees of a state (R5)', () => {
  const seat = (role: Extract<Principal, { kind: 'seat' }>['role'], number?: number): Principal => ({
    kind: 'seat',
    platform: A,
    role,
    ...(number === undefined ? {} : { number }),
  })
  const five = [1, 2, 3, 4, 5]
  it.each<[Principal, Record<'decisions' | 'reminders' | 'summonses' | 'votes', number[]>]>([
    [{ kind: 'viewer' }, { decisions: [], reminders: [], summonses: [], votes: [] }],
    [{ kind: 'device' }, { decisions: five, reminders: five, summonses: five, votes: five }],
    [{ kind: 'admin' }, { decisions: five, reminders: five, summonses: five, votes: five }],
    [seat('referee', 2), { decisions: [2], reminders: [2], summonses: [2], votes: [] }],
    [seat('soloReferee'), { decisions: five, reminders: five, summonses: five, votes: [] }],
    [seat('juryMember', 4), { decisions: five, reminders: [], summonses: five, votes: five }],
    [seat('juryPresident', 1), { decisions: five, reminders: five, summonses: five, votes: five }],
    [seat('timekeeper'), { decisions: [], reminders: [], summonses: [], votes: [] }],
    [seat('technicalController'), { decisions: [], reminders: [], summonses: [4], votes: [] }],
  ])('%j', (principal, wanted) => {
    const sight = sightOf(principal, A)
    expect(
      Object.fromEntries(Object.entries(sight).map(([key, set]) => [key, [...(set as Set<number>)]])),
    ).toEqual(wanted)
    expect(hearsPlatform(principal, A)).toBe(true)
    expect(hearsPlatform(principal, 'B' as Platform)).toBe(principal.kind !== 'seat')
  })

  it('differs between audiences of different names only', () => {
    expect(
      [seat('referee', 2), seat('referee', 1), seat('timekeeper'), { kind: 'viewer' } as const].map(
        audienceOf,
      ),
    ).toEqual(['referee 2 of A', 'referee 1 of A', 'timekeeper - of A', 'viewer'])
    expect(audienceOf({ kind: 'device' })).toBe(audienceOf({ kind: 'admin' }))
  })
})
