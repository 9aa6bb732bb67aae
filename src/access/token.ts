import { sign, verify } from 'hono/jwt'
import * as v from 'valibot'
import type { Principal } from '../hub/permissions.ts'
import type { Platform } from '../protocol/owlcms.ts'
import { clockSkewMs } from './revocations.ts'
import { maxTokenChars, parseSeatKey, seatKey, type Seat } from '../protocol/seat.ts'

/**
 * Signed tokens (JWT, HS256). Each has one purpose, written into it, so that none passes for another: a seat's link
 * opens no console. Nothing is stored; whoever has the key can tell a good token anywhere.
 */
export type TokenSubject =
  | { readonly purpose: 'seat'; readonly seat: Seat }
  /** `platforms` undefined: all. */
  | { readonly purpose: 'viewer'; readonly platforms?: readonly Platform[] }
  /** Starts the console's stream; the stream may then stay until `staysUntil` (milliseconds). */
  | { readonly purpose: 'admin'; readonly staysUntil: number }
  /** The administrator's cookie. */
  | { readonly purpose: 'session' }

export type TokenPurpose = TokenSubject['purpose']

/** What makes a token; times in milliseconds since the epoch. */
export interface TokenFacts {
  readonly tokenId: string
  readonly issuedAt: number
  /** Rounded down to a whole second. */
  readonly expiresAt: number
}

export type TokenRefusal =
  /** Not signed by us, another algorithm, or damaged. */
  | 'forged'
  /** Signed by us, but not as this version writes it. */
  | 'unreadable'
  | 'wrongPurpose'
  | 'notYet'
  | 'expired'

export type TokenVerdict =
  | ({ readonly kind: 'good'; readonly subject: TokenSubject } & TokenFacts)
  | { readonly kind: 'refused'; readonly why: TokenRefusal }

const algorithm = 'HS256'
const issuer = 'owlcms-bridge'

/**
 * Milliseconds by which the clocks of two instances may differ before a fresh token looks made in the future. More than
 * a revocation may be ahead, since a link made after one is dated after it; the minute is for the third instance.
 */
const tokenSkewMs = clockSkewMs + 60_000

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e11))
const always = {
  iss: v.literal(issuer),
  jti: v.pipe(v.string(), v.regex(/^[a-z0-9]{6,32}$/)),
  // With a fraction: a link made right after a revocation must outlive it.
  iat: seconds,
  exp: v.pipe(seconds, v.integer()),
}
const platform = v.pipe(v.string(), v.minLength(1), v.maxLength(256))

/** Names are short, since a seat's token has to fit a QR code. Strict: a claim that we don't know may mean anything. */
const claimsSchema = v.variant('aud', [
  v.strictObject({ ...always, aud: v.literal('seat'), p: platform, s: v.string() }),
  v.strictObject({
    ...always,
    aud: v.literal('viewer'),
    p: v.optional(v.pipe(v.array(platform), v.minLength(1), v.maxLength(64))),
  }),
  v.strictObject({ ...always, aud: v.literal('admin'), end: seconds }),
  v.strictObject({ ...always, aud: v.literal('session') }),
])

type Claims = v.InferOutput<typeof claimsSchema>

/** Signs a token that holds from `issuedAt` until `expiresAt`. */
export function signToken(subject: TokenSubject, facts: TokenFacts, key: string): Promise<string> {
  const claims = {
    iss: issuer,
    aud: subject.purpose,
    jti: facts.tokenId,
    iat: Math.round(facts.issuedAt) / 1000,
    exp: Math.floor(facts.expiresAt / 1000),
    ...ownClaims(subject),
  }
  return sign(claims, key, algorithm)
}

function ownClaims(subject: TokenSubject): object {
  switch (subject.purpose) {
    case 'seat':
      return { p: subject.seat.platform, s: seatKey(subject.seat) }
    case 'viewer':
      return subject.platforms === undefined ? {} : { p: subject.platforms }
    case 'admin':
      return { end: Math.floor(subject.staysUntil / 1000) }
    case 'session':
      return {}
    default:
      return subject satisfies never
  }
}

/**
 * Whose token it is, for one of `purposes`, by the first of `keys` that fits. Never throws or rejects, and tells
 * nothing of the token in a refusal. `now` in milliseconds; `newestRevocation` is the latest known, since a link made after it
 * is dated after it, also when the clock was set back meanwhile.
 */
export async function verifyToken(
  token: string,
  keys: readonly string[],
  purposes: readonly TokenPurpose[],
  now: number,
  newestRevocation = 0,
): Promise<TokenVerdict> {
  const signed = await readSigned(token, keys)
  if (signed === undefined) return refused('forged')
  const claims = v.safeParse(claimsSchema, signed)
  if (!claims.success) return refused('unreadable')
  const subject = subjectOf(claims.output)
  if (subject === undefined) return refused('unreadable')
  if (!purposes.includes(subject.purpose)) return refused('wrongPurpose')
  const { jti, iat, exp } = claims.output
  const facts = { tokenId: jti, issuedAt: Math.round(iat * 1000), expiresAt: exp * 1000 }
  if (facts.issuedAt > Math.max(now, newestRevocation) + tokenSkewMs) return refused('notYet')
  if (facts.expiresAt <= now) return refused('expired')
  return { kind: 'good', subject, ...facts }
}

async function readSigned(token: string, keys: readonly string[]): Promise<unknown> {
  if (token.length > maxTokenChars) return undefined
  for (const key of keys) {
    try {
      // Times are ours to judge: the library would ask the computer's clock.
      return await verify(token, key, { alg: algorithm, iss: issuer, exp: false, nbf: false, iat: false })
    } catch {
      // The library's words quote the token; forged or of another key, it is all the same.
    }
  }
  return undefined
}

function subjectOf(claims: Claims): TokenSubject | undefined {
  switch (claims.aud) {
    case 'seat': {
      const place = parseSeatKey(claims.s)
      // Only the one way of writing it, so that equal seats have equal tokens.
      if (place === undefined || seatKey(place) !== claims.s) return undefined
      return { purpose: 'seat', seat: { platform: claims.p as Platform, ...place } }
    }
    case 'viewer':
      return claims.p === undefined
        ? { purpose: 'viewer' }
        : { purpose: 'viewer', platforms: claims.p as Platform[] }
    case 'admin':
      return { purpose: 'admin', staysUntil: claims.end * 1000 }
    case 'session':
      return { purpose: 'session' }
    default:
      return claims satisfies never
  }
}

/** Who a good token lets in; undefined for a cookie, which is no client's. */
export function principalOf(token: Extract<TokenVerdict, { readonly kind: 'good' }>): Principal | undefined {
  const { subject, tokenId, issuedAt, expiresAt } = token
  const pass = { tokenId, issuedAt, expiresAt }
  switch (subject.purpose) {
    case 'seat':
      return { kind: 'seat', ...subject.seat, pass }
    case 'viewer':
      return {
        kind: 'viewer',
        pass,
        ...(subject.platforms === undefined ? {} : { platforms: subject.platforms }),
      }
    case 'admin':
      return { kind: 'admin', pass: { ...pass, expiresAt: subject.staysUntil } }
    case 'session':
      return undefined
    default:
      return subject satisfies never
  }
}

/** Names a token: 46 bits of chance, so that no two of a competition are alike. */
export function newTokenId(random: () => number): string {
  return Math.floor(random() * 36 ** 9)
    .toString(36)
    .padStart(9, '0')
}

function refused(why: TokenRefusal): TokenVerdict {
  return { kind: 'refused', why }
}
