import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  newTokenId,
  principalOf,
  signToken,
  verifyToken,
  type TokenPurpose,
  type TokenSubject,
} from '../../src/access/token.ts'
import type { Platform } from '../../src/protocol/owlcms.ts'
import { isSeat, maxTokenChars, seatRoles, type Seat } from '../../src/protocol/seat.ts'

const key = 'the key of this bridge'
const now = 1_700_000_000_123
const hour = 3_600_000
const facts = { tokenId: 'abc123def', issuedAt: now, expiresAt: now + hour }
const every: readonly TokenPurpose[] = ['seat', 'viewer', 'admin', 'session']
const seat: TokenSubject = {
  purpose: 'seat',
  seat: { platform: 'Plateau d’échauffement' as Platform, role: 'referee', number: 2 },
}

/** A token by hand: whatever header and claims, signed with whatever key. */
function handmade(header: object, claims: object, secret = key, hash = 'sha256'): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const signature = createHmac(hash, secret).update(parts.join('.')).digest('base64url')
  return [...parts, signature].join('.')
}
const goodHeader = { alg: 'HS256', typ: 'JWT' }
const goodClaims = {
  iss: 'owlcms-bridge',
  aud: 'seat',
  jti: 'abc123def',
  iat: now / 1000,
  exp: Math.floor(now / 1000) + 3600,
  p: 'A',
  s: 'referee-2',
}

const platforms = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).map((name) => name as Platform)
const seats = fc
  .record({
    role: fc.constantFrom(...seatRoles),
    number: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  })
  .filter(({ role, number }) => isSeat(role, number))
const subjects: fc.Arbitrary<TokenSubject> = fc.oneof(
  fc.tuple(platforms, seats).map(([platform, { role, number }]): TokenSubject => {
    const place: Seat = number === undefined ? { platform, role } : { platform, role, number }
    return { purpose: 'seat', seat: place }
  }),
  fc
    .array(platforms, { minLength: 1, maxLength: 3 })
    .map((list): TokenSubject => ({ purpose: 'viewer', platforms: list })),
  fc.constant<TokenSubject>({ purpose: 'viewer' }),
  fc.constant<TokenSubject>({ purpose: 'session' }),
  fc.constant<TokenSubject>({ purpose: 'admin', staysUntil: 1_700_040_000_000 }),
)

describe('a token', () => {
  it('tells exactly what was signed, whatever the platform is called', () =>
    fc.assert(
      fc.asyncProperty(subjects, async (subject) => {
        const token = await signToken(subject, facts, key)
        const expiresAt = Math.floor(facts.expiresAt / 1000) * 1000
        expect(await verifyToken(token, [key], every, now)).toEqual({
          kind: 'good',
          subject,
          ...facts,
          expiresAt,
        })
        expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      }),
    ))

  it.each(['A', 'Nord-Bühne 2', 'منصة', 'Plateau d’échauffement', '平台'])(
    'for %s fits a QR code that a phone reads from paper',
    async (platform) => {
      const subject: TokenSubject = {
        purpose: 'seat',
        seat: { platform: platform as Platform, role: 'juryPresident' },
      }
      // Version 13 of 40 at medium error correction takes 331 bytes; the address needs about 40.
      expect((await signToken(subject, facts, key)).length).toBeLessThan(290)
    },
  )

  it('for the longest name, written in the widest letters, is still one that every door takes', async () => {
    const subject: TokenSubject = {
      purpose: 'seat',
      seat: { platform: '平'.repeat(256) as Platform, role: 'juryPresident', number: 5 },
    }
    const token = await signToken(subject, facts, key)
    expect(token.length).toBeLessThanOrEqual(maxTokenChars)
    expect((await verifyToken(token, [key], ['seat'], now)).kind).toBe('good')
  })

  it.each(every)('passes as nothing but what it is for: %s', async (purpose) => {
    const subject: Record<TokenPurpose, TokenSubject> = {
      seat,
      viewer: { purpose: 'viewer' },
      admin: { purpose: 'admin', staysUntil: now + hour },
      session: { purpose: 'session' },
    }
    const token = await signToken(subject[purpose], facts, key)
    const others = every.filter((other) => other !== purpose)
    expect(await verifyToken(token, [key], others, now)).toEqual({ kind: 'refused', why: 'wrongPurpose' })
    expect((await verifyToken(token, [key], [purpose], now)).kind).toBe('good')
  })

  it('changed in any one character, or cut anywhere, is refused', async () => {
    const token = await signToken(seat, facts, key)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= '
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.nat(alphabet.length - 1).map((index) => alphabet.charAt(index)),
        fc.boolean(),
        async (at, letter, cut) => {
          const changed = cut ? token.slice(0, at) : token.slice(0, at) + letter + token.slice(at + 1)
          fc.pre(changed !== token && !sameBytes(changed, token))
          expect((await verifyToken(changed, [key], every, now)).kind).toBe('refused')
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('that is any other text is refused, and nothing throws', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 3_000 }),
          fc.array(fc.base64String(), { size: 'small' }).map((a) => a.join('.')),
        ),
        async (text) => {
          expect(await verifyToken(text, [key], every, now)).toEqual({ kind: 'refused', why: 'forged' })
        },
      ),
    ))

  it.each([
    ['another key', handmade(goodHeader, goodClaims, 'another key')],
    ['no algorithm', handmade({ alg: 'none', typ: 'JWT' }, goodClaims).replace(/[^.]*$/, '')],
    ['no algorithm, signed', handmade({ alg: 'none', typ: 'JWT' }, goodClaims)],
    [
      'a stronger algorithm of the same key',
      handmade({ alg: 'HS512', typ: 'JWT' }, goodClaims, key, 'sha512'),
    ],
    ['another issuer', handmade(goodHeader, { ...goodClaims, iss: 'somebody' })],
    ['no issuer', handmade(goodHeader, { ...goodClaims, iss: undefined })],
    ['a header that asks for more', handmade({ ...goodHeader, crit: ['x'] }, goodClaims)],
  ])('with %s is forged', async (_, token) => {
    expect(await verifyToken(token, [key], every, now)).toEqual({ kind: 'refused', why: 'forged' })
  })

  it.each<[string, object]>([
    ['a claim that we do not know', { nbf: 1 }],
    ['an unknown purpose', { aud: 'root' }],
    ['two purposes', { aud: ['seat', 'admin'] }],
    ['no purpose', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: 'never' }],
    ['a role that there is not', { s: 'owner' }],
    ['a number that the role has not', { s: 'referee-4' }],
    ['a second way of writing a seat', { s: 'referee-02' }],
    ['an empty platform', { p: '' }],
    ['a list of platforms for a seat', { p: ['A'] }],
    ['no id', { jti: undefined }],
    ['an id that would break a record', { jti: 'a b' }],
  ])('of our key with %s is unreadable', async (_, changed) => {
    const token = handmade(goodHeader, { ...goodClaims, ...changed })
    expect(await verifyToken(token, [key], every, now)).toEqual({ kind: 'refused', why: 'unreadable' })
  })

  it.each([
    ['in the second before it is made, on a clock that is a little behind', now - 1_000, 'good'],
    ['more than six minutes before it is made', now - 360_001, 'notYet'],
    ['at once', now, 'good'],
    ['in its last moment', now + hour - 124, 'good'],
    ['when its time is over', now + hour - 123, 'expired'],
    ['a year later', now + 8_760 * hour, 'expired'],
  ])('%s: %s is %s', async (_, at, expected) => {
    const verdict = await verifyToken(handmade(goodHeader, goodClaims), [key], ['seat'], at)
    expect(verdict.kind === 'good' ? 'good' : verdict.why).toBe(expected)
  })

  it('signed before a change of the key still lets in while the old key is known, and not after', async () => {
    const token = await signToken(seat, facts, 'the old key')
    const kinds = [
      await verifyToken(token, ['the new key', 'the old key'], ['seat'], now),
      await verifyToken(token, ['the new key'], ['seat'], now),
    ].map(({ kind }) => kind)
    expect(kinds).toEqual(['good', 'refused'])
  })

  it('of the console stays as long as the session, though it starts a stream for minutes only', async () => {
    const admin: TokenSubject = { purpose: 'admin', staysUntil: 1_700_040_000_000 }
    const verdict = await verifyToken(await signToken(admin, facts, key), [key], every, now)
    expect(verdict.kind === 'good' && principalOf(verdict)).toEqual({
      kind: 'admin',
      pass: { tokenId: 'abc123def', issuedAt: now, expiresAt: 1_700_040_000_000 },
    })
  })

  it('in a cookie lets no client in', async () => {
    const verdict = await verifyToken(await signToken({ purpose: 'session' }, facts, key), [key], every, now)
    expect(verdict.kind === 'good' && principalOf(verdict)).toBeUndefined()
  })
})

it.each([0, 0.5, 1 - 2 ** -53])('names of tokens are nine letters whatever chance says: %s', (chance) => {
  expect(newTokenId(() => chance)).toMatch(/^[a-z0-9]{9}$/)
})

/** base64 has spare bits in its last letter: another letter, the same signature. */
function sameBytes(one: string, other: string): boolean {
  const parts = (token: string): string[] => token.split('.')
  const [a, b] = [parts(one), parts(other)]
  const bytes = (text = ''): string => Buffer.from(text, 'base64url').toString('hex')
  return a.length === 3 && a[0] === b[0] && a[1] === b[1] && bytes(a[2]) === bytes(b[2])
}
