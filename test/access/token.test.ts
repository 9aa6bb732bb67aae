import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import mqttPacket from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import {
  newTokenId,
  principalOf,
  signToken,
  verifyToken,
  type TokenPurpose,
  type TokenSubject,
  type TokenVerdict,
} from '../../src/access/token.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import {
  isSeat,
  looksLikeToken,
  maxTokenChars,
  seatRoles,
  type Seat,
} from '../../src/protocol/contract/seat.ts'

const key = 'the key of this bridge'
const now = 1_700_000_000_123
const hour = 3_600_000
const facts = { tokenId: 'abc123def', issuedAt: now, expiresAt: now + hour }
const every: readonly TokenPurpose[] = ['seat', 'viewer', 'admin', 'session']
const seat: TokenSubject = {
  purpose: 'seat',
  seat: { platform: 'Plateau d’échauffement' as Platform, role: 'referee', number: 2 },
}
const forged: TokenVerdict = { kind: 'refused', why: 'forged' }

/** A token by hand: whatever bytes after the mark, signed with whatever key, as many bytes of it as wanted. */
function handmade(
  body: readonly number[],
  { secret = key, words = 'owlcms-bridge token\0', bytes = 16 } = {},
) {
  const all = Buffer.concat([Buffer.from('owl1', 'base64url'), Buffer.from(body)])
  const signature = createHmac('sha256', secret).update(words).update(all).digest().subarray(0, bytes)
  return Buffer.concat([all, signature]).toString('base64url')
}
/** id 123, issued at `now`, expires in an hour. */
const idBytes = [0, 0, 0, 0, 0, 123]
const issuedBytes = [0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x7b]
const expiryBytes = [0x65, 0x53, 0xff, 0x10]
const times = [...issuedBytes, ...expiryBytes]
const letterA = 0x41
const referee2 = (1 << 3) | 2
const goodBody = [1, ...idBytes, ...times, referee2, letterA]

const platforms = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).map((name) => name as Platform)
const seats = fc
  .record({
    role: fc.constantFrom(...seatRoles),
    number: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  })
  .filter(({ role, number }) => isSeat(role, number))
const wholeSeconds = fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((seconds) => seconds * 1000)
const subjects: fc.Arbitrary<TokenSubject> = fc.oneof(
  fc.tuple(platforms, seats).map(([platform, { role, number }]): TokenSubject => {
    const place: Seat = number === undefined ? { platform, role } : { platform, role, number }
    return { purpose: 'seat', seat: place }
  }),
  platforms.map((platform): TokenSubject => ({ purpose: 'viewer', platform })),
  fc.constant<TokenSubject>({ purpose: 'viewer' }),
  fc.constant<TokenSubject>({ purpose: 'session' }),
  wholeSeconds.map((staysUntil): TokenSubject => ({ purpose: 'admin', staysUntil })),
)
const tokens = fc
  .record({
    subject: subjects,
    id: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    issuedAt: fc.integer({ min: 0, max: now }),
    expiresAt: wholeSeconds.filter((at) => at > now),
  })
  .map(({ subject, id, ...when }) => {
    const made = { tokenId: newTokenId(() => id), ...when }
    return { subject, made, token: signToken(subject, made, key) }
  })

describe('a token', () => {
  it('tells exactly what was signed, whatever the platform is called', () =>
    fc.assert(
      fc.property(tokens, ({ subject, made, token }) => {
        expect(verifyToken(token, [key], every, now)).toEqual({ kind: 'good', subject, ...made })
        expect([looksLikeToken(token), /^[\w-]+$/.test(token)]).toEqual([true, true])
      }),
    ))

  it('is the same text whenever the same is signed', () =>
    fc.assert(
      fc.property(tokens, ({ subject, made, token }) => {
        expect(signToken(subject, { ...made, expiresAt: made.expiresAt + 999 }, key)).toBe(token)
      }),
    ))

  it('keeps the milliseconds of its making, which put it before or after a revocation', () => {
    const issued = [now, now + 1].map((issuedAt) =>
      verifyToken(signToken(seat, { ...facts, issuedAt }, key), [key], ['seat'], now),
    )
    expect(issued.map((verdict) => verdict.kind === 'good' && verdict.issuedAt)).toEqual([now, now + 1])
  })

  it.each(['A', 'Nord-Bühne 2', 'منصة', 'Plateau d’échauffement', '平台', 'twenty-nine letters or bytes'])(
    'for %s is short: 100 characters at most, and 120 with the address before it',
    (platform) => {
      const subject: TokenSubject = {
        purpose: 'seat',
        seat: { platform: platform as Platform, role: 'juryPresident', number: 5 },
      }
      const token = signToken(subject, facts, key)
      expect(token.length).toBeLessThanOrEqual(100)
      expect(`https://my-bridge.fly.dev/seat#${token}`.length).toBeLessThanOrEqual(120)
    },
  )

  it('for a name of 38 bytes has just the 100 characters that PROTOCOL.md promises', () => {
    const subject: TokenSubject = {
      purpose: 'seat',
      seat: { platform: 'x'.repeat(38) as Platform, role: 'juryPresident', number: 5 },
    }
    expect(signToken(subject, facts, key)).toHaveLength(100)
  })

  // PubSubClient takes no packet above 256 bytes, and counts five bytes of head even where two would do. It writes each
  // text with two bytes of length: MQTT_MAX_PACKET_SIZE, MQTT_MAX_HEADER_SIZE.
  it.each([
    ['a box’s usual names', 'owlcms-123', 'ref', 132],
    ['the longest names that PROTOCOL.md counts with', 'x'.repeat(23), 'x'.repeat(40), 182],
  ])('fits the CONNECT of a box with 256 bytes, with %s', (_, clientId, username, bytes) => {
    const subject: TokenSubject = {
      purpose: 'seat',
      seat: { platform: 'x'.repeat(38) as Platform, role: 'juryPresident', number: 5 },
    }
    const password = Buffer.from(signToken(subject, facts, key))
    const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true } as const
    const packet = mqttPacket.generate({ ...connect, keepalive: 15, clientId, username, password })
    expect(packet).toHaveLength(bytes)
    expect(bytes + 3).toBeLessThanOrEqual(256)
  })

  it('for the longest name, written in the widest letters, is still one that every door takes', () => {
    const subject: TokenSubject = {
      purpose: 'seat',
      seat: { platform: '平'.repeat(256) as Platform, role: 'juryPresident', number: 5 },
    }
    const token = signToken(subject, facts, key)
    expect(token).toHaveLength(1_074)
    expect(token.length).toBeLessThanOrEqual(maxTokenChars)
    expect(verifyToken(token, [key], ['seat'], now).kind).toBe('good')
  })

  it.each<[string, TokenSubject, Partial<typeof facts>]>([
    ['half a letter', { purpose: 'viewer', platform: 'A\ud800' as Platform }, {}],
    ['no letter', { purpose: 'viewer', platform: '' as Platform }, {}],
    ['too many letters', { purpose: 'viewer', platform: 'x'.repeat(257) as Platform }, {}],
    ['an id that is none', seat, { tokenId: 'a b' }],
    ['an id with another spelling', seat, { tokenId: 'ABC123DEF' }],
    ['a time after 2106', seat, { expiresAt: 2 ** 32 * 1000 }],
    ['a time before 1970', seat, { issuedAt: -1 }],
  ])('is not made for %s', (_, subject, changed) => {
    expect(() => signToken(subject, { ...facts, ...changed }, key)).toThrow()
  })

  it('passes as nothing but what it is for', () =>
    fc.assert(
      fc.property(tokens, ({ subject, token }) => {
        const others = every.filter((other) => other !== subject.purpose)
        expect(verifyToken(token, [key], others, now)).toEqual({ kind: 'refused', why: 'wrongPurpose' })
        expect(verifyToken(token, [key], [subject.purpose], now).kind).toBe('good')
      }),
    ))

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/.= \n'
  it('with any one character changed, left out or put in is refused', () =>
    fc.assert(
      fc.property(
        tokens,
        fc.nat(2_000),
        fc.nat(alphabet.length - 1).map((index) => alphabet.charAt(index)),
        fc.nat(1),
        ({ token }, place, letter, left) => {
          const at = place % (token.length + 1)
          for (const changed of [
            token.slice(0, at) + letter + token.slice(at + left),
            token.slice(0, at) + token.slice(at + 1),
          ]) {
            if (changed !== token) expect(verifyToken(changed, [key], every, now)).toEqual(forged)
          }
        },
      ),
      { numRuns: 2_000 },
    ))

  it('with any one bit flipped, of any purpose, is refused', () => {
    fc.assert(
      fc.property(tokens, ({ token }) => {
        const bytes = Buffer.from(token, 'base64url')
        for (let bit = 0; bit < bytes.length * 8; bit += 1) {
          const flipped = Buffer.from(bytes)
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          expect(verifyToken(flipped.toString('base64url'), [key], every, now)).toEqual(forged)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('cut anywhere, or with anything behind or before it, is refused', () =>
    fc.assert(
      fc.property(tokens, fc.string({ minLength: 1, maxLength: 8 }), ({ token }, more) => {
        for (let length = 0; length < token.length; length += 1) {
          expect(verifyToken(token.slice(0, length), [key], every, now)).toEqual(forged)
        }
        for (const changed of [token + more, more + token, `${token}=`, `${token}==`, `${token}\n`]) {
          expect(verifyToken(changed, [key], every, now)).toEqual(forged)
        }
      }),
      { numRuns: 30 },
    ))

  it('is written in one way: spare bits, padding and the other alphabet are refused', () => {
    // Two spare bits in the last letter: three more letters stand for the same bytes.
    const [token] = [0, 1, 2]
      .map((more) => handmade([...goodBody, ...Array<number>(more).fill(letterA)]))
      .filter((one) => one.length % 4 === 3)
    const last = alphabet.indexOf(token!.slice(-1))
    const spare = [1, 2, 3].map((bits) => token!.slice(0, -1) + alphabet.charAt((last & ~3) | bits))
    expect(verifyToken(token!, [key], every, now).kind).toBe('good')
    for (const same of spare) {
      expect(Buffer.from(same, 'base64url')).toEqual(Buffer.from(token!, 'base64url'))
      expect(verifyToken(same, [key], every, now)).toEqual(forged)
    }
    fc.assert(
      fc.property(tokens, (one) => {
        const other = one.token.replaceAll('-', '+').replaceAll('_', '/')
        fc.pre(other !== one.token)
        expect(verifyToken(other, [key], every, now)).toEqual(forged)
      }),
    )
  })

  it('that is any other text is refused, and nothing throws', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 3_000 }),
          fc.base64String({ maxLength: 200 }).map((text) => `owl1${text}`),
          fc.uint8Array({ maxLength: 100 }).map((bytes) => `owl1${Buffer.from(bytes).toString('base64url')}`),
        ),
        (text) => {
          expect(verifyToken(text, [key], every, now)).toEqual(forged)
        },
      ),
    ))

  it.each([
    ['another key', handmade(goodBody, { secret: 'another key' })],
    ['other words before what is signed', handmade(goodBody, { words: 'owlcms-bridge administrator\0' })],
    ['the whole of its signature', handmade(goodBody, { bytes: 32 })],
    ['less of its signature', handmade([...goodBody, ...goodBody], { bytes: 15 })],
    ['no signature', handmade([...goodBody, ...goodBody, ...goodBody], { bytes: 0 })],
    ['the mark of another version', handmade(goodBody).replace('owl1', 'owl2')],
    [
      'the form of before',
      'eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJzZWF0In0.LuXw3VjYLzWpUO8mNVHoVX0cPM2NL2S1tT1JWoVpsVk',
    ],
  ])('with %s is forged', (_, token) => {
    expect(verifyToken(token, [key], every, now)).toEqual(forged)
  })

  it.each<[string, readonly number[]]>([
    ['no purpose that we know', [0, ...goodBody.slice(1)]],
    ['a purpose of tomorrow', [5, ...goodBody.slice(1)]],
    ['an id beyond the last one', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...times, referee2, letterA]],
    ['a role that there is not', [1, ...idBytes, ...times, 7 << 3, letterA]],
    ['no role', [1, ...idBytes, ...times, 2, letterA]],
    ['a number that the role has not', [1, ...idBytes, ...times, (1 << 3) | 4, letterA]],
    ['no number where the role has one', [1, ...idBytes, ...times, 1 << 3, letterA]],
    ['a number where the role has none', [1, ...idBytes, ...times, (5 << 3) | 1, letterA]],
    ['a bit too many in the place', [1, ...idBytes, ...times, 0x80 | referee2, letterA]],
    ['an empty platform', [1, ...idBytes, ...times, referee2]],
    ['no place at all', [1, ...idBytes, ...times]],
    ['a platform that is no UTF-8', [1, ...idBytes, ...times, referee2, 0xff]],
    ['a platform with a letter written too long', [1, ...idBytes, ...times, referee2, 0xc1, 0x81]],
    ['a platform that is too long', [1, ...idBytes, ...times, referee2, ...Array<number>(257).fill(letterA)]],
    ['a viewer’s platform that is no UTF-8', [2, ...idBytes, ...times, 0xff]],
    ['half an end', [3, ...idBytes, ...times, 0, 0]],
    ['more than an end', [3, ...idBytes, ...times, 0, 0, 0, 0, 0]],
    ['something after a cookie', [4, ...idBytes, ...times, letterA]],
  ])('of our key with %s is unreadable', (_, body) => {
    expect(verifyToken(handmade(body), [key], every, now)).toEqual({ kind: 'refused', why: 'unreadable' })
  })

  it('of our key by hand is what this program would sign: the form is the one that is written down', () => {
    const A = { platform: 'A' as Platform, role: 'referee', number: 2 } as const
    const made = { tokenId: '00000003f', issuedAt: now, expiresAt: now + hour }
    expect(signToken({ purpose: 'seat', seat: A }, made, key)).toBe(handmade(goodBody))
  })

  it.each([
    ['in the second before it is made, on a clock that is a little behind', now - 1_000, 'good'],
    ['more than six minutes before it is made', now - 360_001, 'notYet'],
    ['at once', now, 'good'],
    ['in its last moment', now + hour - 124, 'good'],
    ['when its time is over', now + hour - 123, 'expired'],
    ['a year later', now + 8_760 * hour, 'expired'],
  ])('%s: %s is %s', (_, at, expected) => {
    const verdict = verifyToken(signToken(seat, facts, key), [key], ['seat'], at)
    expect(verdict.kind === 'good' ? 'good' : verdict.why).toBe(expected)
  })

  it('signed before a change of the key still lets in while the old key is known, and not after', () => {
    const token = signToken(seat, facts, 'the old key')
    const kinds = [
      verifyToken(token, ['the new key', 'the old key'], ['seat'], now),
      verifyToken(token, ['the new key'], ['seat'], now),
    ].map(({ kind }) => kind)
    expect(kinds).toEqual(['good', 'refused'])
  })

  it('of the console stays as long as the session, though it starts a stream for minutes only', () => {
    const admin: TokenSubject = { purpose: 'admin', staysUntil: 1_700_040_000_000 }
    const verdict = verifyToken(signToken(admin, facts, key), [key], every, now)
    expect(verdict.kind === 'good' && principalOf(verdict)).toEqual({
      kind: 'admin',
      pass: { tokenId: 'abc123def', issuedAt: now, expiresAt: 1_700_040_000_000 },
    })
  })

  it('in a cookie lets no client in', () => {
    const verdict = verifyToken(signToken({ purpose: 'session' }, facts, key), [key], every, now)
    expect(verdict.kind === 'good' && principalOf(verdict)).toBeUndefined()
  })
})

it.each([0, 0.5, 1 - 2 ** -53])('names of tokens are nine letters whatever chance says: %s', (chance) => {
  expect(newTokenId(() => chance)).toMatch(/^[a-z0-9]{9}$/)
})
