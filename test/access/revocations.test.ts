import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  maxRevocationBytes,
  maxRevocations,
  maxTokenDays,
  Revocations,
  type Revocation,
} from '../../src/access/revocations.ts'
import type { Pass, Principal } from '../../src/hub/people/permissions.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'

const now = 1_700_000_000_000
const day = 86_400_000
const [A, B] = ['A', 'B'] as Platform[] as [Platform, Platform]
const pass: Pass = { tokenId: 'mine', issuedAt: now, expiresAt: now + day }
const referee: Principal = { kind: 'seat', platform: A, role: 'referee', number: 2, pass }
const viewer: Principal = { kind: 'viewer', platforms: [A], pass }
const viewerOfAll: Principal = { kind: 'viewer', pass }
const admin: Principal = { kind: 'admin', pass }
const device: Principal = { kind: 'device' }
const openViewer: Principal = { kind: 'viewer' }

function having(...records: Revocation[]): Revocations {
  const revocations = new Revocations()
  for (const record of records) revocations.add(record, now)
  return revocations
}

describe('void is', () => {
  const principals = { referee, viewer, viewerOfAll, admin, device, openViewer }
  it.each<[Revocation, readonly (keyof typeof principals)[]]>([
    [{ what: 'token', id: 'mine', at: now }, ['referee', 'viewer', 'viewerOfAll']],
    [{ what: 'token', id: 'other', at: now }, []],
    [{ what: 'session', id: 'mine', until: now + day }, ['admin']],
    [{ what: 'seat', platform: A, seat: 'referee-2', at: now }, ['referee']],
    [{ what: 'seat', platform: A, seat: 'referee-2', at: now - 1 }, []],
    [{ what: 'seat', platform: A, seat: 'referee-1', at: now }, []],
    [{ what: 'seat', platform: B, seat: 'referee-2', at: now }, []],
    [{ what: 'platform', platform: A, at: now }, ['referee', 'viewer']],
    [{ what: 'platform', platform: A, at: now - 1 }, []],
    [{ what: 'platform', platform: B, at: now }, []],
    [{ what: 'all', at: now }, ['referee', 'viewer', 'viewerOfAll']],
    [{ what: 'all', at: now - 1 }, []],
  ])('by %j: %j', (record, expected) => {
    const revocations = having(record)
    const hit = Object.entries(principals).filter(([, principal]) => revocations.voids(principal))
    expect(hit.map(([name]) => name)).toEqual(expected)
  })
})

const records: fc.Arbitrary<Revocation> = fc.oneof(
  fc.record({
    what: fc.constant('token' as const),
    id: fc.constantFrom('mine', 'a', 'b'),
    // A token is revoked after it was issued.
    at: fc.integer({ min: now, max: now + 60_000 }),
  }),
  fc.record({
    what: fc.constant('session' as const),
    id: fc.constantFrom('s', 't'),
    until: fc.integer({ min: now - day, max: now + day }),
  }),
  fc.record({
    what: fc.constant('seat' as const),
    platform: fc.constantFrom('A', 'B', '__proto__'),
    seat: fc.constantFrom('referee-1', 'referee-2', 'timekeeper'),
    at: fc.integer({ min: now - 40 * day, max: now + 60_000 }),
  }),
  fc.record({
    what: fc.constant('platform' as const),
    platform: fc.constantFrom('A', 'B', '__proto__'),
    at: fc.integer({ min: now - 40 * day, max: now + 60_000 }),
  }),
  fc.record({
    what: fc.constant('all' as const),
    at: fc.integer({ min: now - 40 * day, max: now + 60_000 }),
  }),
)

describe('two bridges that tell each other all they know', () => {
  it('know the same in the end, whatever came in which order', () =>
    fc.assert(
      fc.property(fc.array(records), fc.array(records), (ours, theirs) => {
        const [one, other] = [having(...ours), having(...theirs)]
        const heard = Revocations.decode(other.encode(), now)!
        one.merge(heard, now)
        other.merge(Revocations.decode(one.encode(), now)!, now)
        expect(one.encode()).toEqual(other.encode())
        expect(one.encode()).toEqual(having(...theirs.toReversed(), ...ours.toReversed()).encode())
        expect([one.knowsMoreThan(other), other.knowsMoreThan(one)]).toEqual([false, false])
      }),
    ))

  it('void whatever either of them voided', () =>
    fc.assert(
      fc.property(fc.array(records), fc.array(records), (ours, theirs) => {
        const [one, other] = [having(...ours), having(...theirs)]
        const both = having(...ours)
        both.merge(other, now)
        for (const principal of [referee, viewer, admin, viewerOfAll]) {
          expect(both.voids(principal)).toBe(one.voids(principal) || other.voids(principal))
        }
      }),
    ))
})

describe('what is kept', () => {
  it('is forgotten when every token it could mean has run out', () => {
    const revocations = having(
      { what: 'all', at: now },
      { what: 'session', id: 's', until: now + day },
      { what: 'token', id: 't', at: now + 1 },
    )
    revocations.prune(now + day)
    expect(revocations.size).toBe(2)
    revocations.prune(now + maxTokenDays * day)
    expect(revocations.size).toBe(1)
    revocations.prune(now + maxTokenDays * day + 1)
    expect(revocations.size).toBe(0)
  })

  it('is bounded; one more is refused aloud and changes nothing, and revoking all makes room', () => {
    const revocations = new Revocations()
    const outcomes = Array.from({ length: 500 }, (_, index) =>
      revocations.add({ what: 'token', id: `token${index}`, at: now }, now),
    )
    expect(outcomes.indexOf('full')).toBeGreaterThan(100)
    expect(outcomes.slice(outcomes.indexOf('full')).every((outcome) => outcome === 'full')).toBe(true)
    expect(revocations.size).toBeLessThanOrEqual(maxRevocations)
    expect(revocations.encode().byteLength).toBeLessThanOrEqual(maxRevocationBytes)
    expect(revocations.voids({ ...referee, pass: { ...pass, tokenId: 'token3' } })).toBe(true)
    expect(revocations.add({ what: 'all', at: now }, now)).toBe('added')
    expect([revocations.size, revocations.voids(referee)]).toEqual([1, true])
  })

  it('has room for a platform where its seats are already, however full it is', () => {
    const revocations = having({ what: 'seat', platform: A, seat: 'referee-2', at: now })
    for (let index = 0; index < 500; index += 1) {
      revocations.add({ what: 'token', id: `token${index}`, at: now }, now)
    }
    expect(revocations.add({ what: 'seat', platform: B, seat: 'referee-2', at: now }, now)).toBe('full')
    expect(revocations.add({ what: 'platform', platform: A, at: now + 1 }, now)).toBe('added')
    expect(revocations.voids({ ...referee, number: 1 })).toBe(true)
  })

  it('of sessions is a few; the first to end gives way', () => {
    const revocations = new Revocations()
    for (let index = 1; index <= 30; index += 1) {
      revocations.add({ what: 'session', id: `s${index}`, until: now + index }, now)
    }
    expect([revocations.size, revocations.hasSession('s10'), revocations.hasSession('s11')]).toEqual([
      20,
      false,
      true,
    ])
  })

  it('is no record from a clock that runs far ahead: it would void links not yet made', () => {
    expect(having({ what: 'all', at: now + 300_001 }).size).toBe(0)
  })
})

describe('what comes down from the broker', () => {
  it.each([
    ['nothing', '', 0],
    ['other words', 'offline', undefined],
    ['JSON of another kind', '{"state":"online"}', undefined],
    ['a record that is none', '{"revoked":[{"what":"everything"},null,{"what":"all","at":"now"}]}', 0],
    [
      'one good record among bad ones',
      `{"revoked":[1,{"what":"all","at":${now}},{"what":"all","at":-1}]}`,
      1,
    ],
    ['far too much', ' '.repeat(20_000), undefined],
  ])('%s is no harm', (_, text, size) => {
    expect(Revocations.decode(new TextEncoder().encode(text), now)?.size).toBe(size)
  })

  it('any bytes are no harm', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        Revocations.decode(bytes, now)
      }),
    ))
})
