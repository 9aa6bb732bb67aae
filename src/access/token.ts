import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../hub/people/permissions.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import { isSeat, looksLikeToken, tokenMark, type Seat, type SeatRole } from '../protocol/contract/seat.ts'
import { clockSkewMs } from './revocations.ts'

/**
 * Signed tokens, short enough for a QR code on paper and for the 256 bytes that a PubSubClient box has for CONNECT. Each
 * has one purpose, written into it, so that none passes for another: a seat's link opens no console. Nothing is stored;
 * whoever has the key can tell a good token anywhere.
 */
export type TokenSubject =
  | { readonly purpose: 'seat'; readonly seat: Seat }
  /** `platform` undefined: all. */
  | { readonly purpose: 'viewer'; readonly platform?: Platform }
  /** Starts the console's stream; the stream may then stay until `staysUntil` (milliseconds, whole seconds). */
  | { readonly purpose: 'admin'; readonly staysUntil: number }
  /** The administrator's cookie. */
  | { readonly purpose: 'session' }

/** What a token is for; one of one purpose is good for no other. */
export type TokenPurpose = TokenSubject['purpose']

/** What makes a token; times in milliseconds since the epoch. */
export interface TokenFacts {
  /** As {@link newTokenId} makes it. */
  readonly tokenId: string
  /** To the millisecond: a link made right after a revocation must outlive it. */
  readonly issuedAt: number
  /** Rounded down to a whole second. */
  readonly expiresAt: number
}

/** Why a token lets nobody in; a fixed word for logs. */
export type TokenRefusal =
  /** Not signed by us, of another version, or damaged. */
  | 'forged'
  /** Signed by us, but not as this version writes it. */
  | 'unreadable'
  | 'wrongPurpose'
  | 'notYet'
  | 'expired'

export type TokenVerdict =
  | ({ readonly kind: 'good'; readonly subject: TokenSubject } & TokenFacts)
  | { readonly kind: 'refused'; readonly why: TokenRefusal }

/**
 * The form, in base64url: `owl1` (three bytes, the version among them), purpose (1 byte), id (6), issued at (6, ms), expires
 * at (4, s), what the purpose adds, signature (16). A seat adds role and number (1 byte) and its platform in UTF-8 up to
 * the signature, a viewer the platform or nothing, the console's stream its end (4, s). There is one way to write each.
 */
const mark = Buffer.from(tokenMark, 'base64url')
const headBytes = mark.length + 1 + 6 + 6 + 4
/** Half of HMAC-SHA-256, which is what RFC 2104 section 5 asks for at least: 128 bits. */
const signatureBytes = 16

/** Never changed, only added to: printed links hold these numbers. */
const purposeCodes: Readonly<Record<TokenPurpose, number>> = { seat: 1, viewer: 2, admin: 3, session: 4 }
const roleCodes: Readonly<Record<SeatRole, number>> = {
  referee: 1,
  soloReferee: 2,
  juryMember: 3,
  juryPresident: 4,
  timekeeper: 5,
  technicalController: 6,
}

/** Letters of a platform's name at most, as in the organiser's API. */
const maxPlatformChars = 256

/**
 * Milliseconds by which the clocks of two instances may differ before a fresh token looks made in the future. More than
 * a revocation may be ahead, since a link made after one is dated after it; the minute is for the third instance.
 */
const tokenSkewMs = clockSkewMs + 60_000

/** Signs a token that holds from `issuedAt` until `expiresAt`. Throws where id, time or platform can't be written. */
export function signToken(subject: TokenSubject, facts: TokenFacts, key: string): string {
  const head = Buffer.alloc(headBytes)
  let at = mark.copy(head)
  at = head.writeUInt8(purposeCodes[subject.purpose], at)
  at = head.writeUIntBE(idNumber(facts.tokenId), at, 6)
  at = head.writeUIntBE(Math.round(facts.issuedAt), at, 6)
  head.writeUInt32BE(Math.floor(facts.expiresAt / 1000), at)
  const body = Buffer.concat([head, encodeSubject(subject)])
  return Buffer.concat([body, signatureOf(body, key)]).toString('base64url')
}

/**
 * Whose token it is, for one of `purposes`, by the first of `keys` that fits. Never throws, and tells nothing of
 * the token in a refusal; compares in constant time. `now` in milliseconds; `newestRevocation` is the latest known, since
 * a link made after it is dated after it, also when the clock was set back meanwhile.
 */
export function verifyToken(
  token: string,
  keys: readonly string[],
  purposes: readonly TokenPurpose[],
  now: number,
  newestRevocation = 0,
): TokenVerdict {
  const body = signedBody(token, keys)
  if (body === undefined) return refused('forged')
  const read = decodeBody(body)
  if (read === undefined) return refused('unreadable')
  if (!purposes.includes(read.subject.purpose)) return refused('wrongPurpose')
  if (read.issuedAt > Math.max(now, newestRevocation) + tokenSkewMs) return refused('notYet')
  if (read.expiresAt <= now) return refused('expired')
  return { kind: 'good', ...read }
}

/** What a token says it is for, signed or not; undefined: no token. Costs no key, so whoever sends anything may be asked this. */
export function claimedPurpose(token: string): TokenPurpose | undefined {
  const bytes = bytesOf(token)
  return bytes === undefined ? undefined : decodeBody(bytes.subarray(0, -signatureBytes))?.subject.purpose
}

/** Undefined: not as {@link signToken} writes it. */
function bytesOf(token: string): Buffer | undefined {
  if (!looksLikeToken(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  // Node reads more than it writes: spare bits in the last letter, to begin with.
  const isWhole = bytes.length >= headBytes + signatureBytes && bytes.toString('base64url') === token
  return isWhole ? bytes : undefined
}

/** The signed part; undefined: no token, or signed with none of these keys. */
function signedBody(token: string, keys: readonly string[]): Buffer | undefined {
  const bytes = bytesOf(token)
  if (bytes === undefined) return undefined
  const body = bytes.subarray(0, -signatureBytes)
  const signature = bytes.subarray(-signatureBytes)
  return keys.some((key) => timingSafeEqual(signatureOf(body, key), signature)) ? body : undefined
}

/** What else is signed with the same key begins with other words. */
function signatureOf(body: Uint8Array, key: string): Buffer {
  const digest = createHmac('sha256', key).update('owlcms-bridge token\0').update(body).digest()
  return digest.subarray(0, signatureBytes)
}

function decodeBody(body: Buffer): ({ readonly subject: TokenSubject } & TokenFacts) | undefined {
  const id = body.readUIntBE(mark.length + 1, 6)
  const subject = decodeSubject(body.readUInt8(mark.length), body.subarray(headBytes))
  if (subject === undefined || id >= tokenIds) return undefined
  return {
    subject,
    tokenId: idText(id),
    issuedAt: body.readUIntBE(mark.length + 7, 6),
    expiresAt: body.readUInt32BE(mark.length + 13) * 1000,
  }
}

function encodeSubject(subject: TokenSubject): Uint8Array {
  switch (subject.purpose) {
    case 'seat': {
      const { platform, role, number = 0 } = subject.seat
      return Buffer.concat([Buffer.of((roleCodes[role] << 3) | number), encodePlatform(platform)])
    }
    case 'viewer':
      return subject.platform === undefined ? Buffer.alloc(0) : encodePlatform(subject.platform)
    case 'admin': {
      const end = Buffer.alloc(4)
      end.writeUInt32BE(Math.floor(subject.staysUntil / 1000))
      return end
    }
    case 'session':
      return Buffer.alloc(0)
    default:
      return subject satisfies never
  }
}

/** Undefined: not as {@link encodeSubject} writes it. */
function decodeSubject(purpose: number, bytes: Buffer): TokenSubject | undefined {
  switch (purpose) {
    case purposeCodes.seat: {
      const seat = decodePlace(bytes[0] ?? 0)
      const platform = decodePlatform(bytes.subarray(1))
      if (seat === undefined || platform === undefined) return undefined
      return { purpose: 'seat', seat: { platform, ...seat } }
    }
    case purposeCodes.viewer: {
      if (bytes.length === 0) return { purpose: 'viewer' }
      const platform = decodePlatform(bytes)
      return platform === undefined ? undefined : { purpose: 'viewer', platform }
    }
    case purposeCodes.admin:
      return bytes.length === 4 ? { purpose: 'admin', staysUntil: bytes.readUInt32BE() * 1000 } : undefined
    case purposeCodes.session:
      return bytes.length === 0 ? { purpose: 'session' } : undefined
    default:
      return undefined
  }
}

function decodePlace(code: number): Pick<Seat, 'role' | 'number'> | undefined {
  const found = Object.entries(roleCodes).find(([, value]) => value === code >> 3)
  const role = found?.[0] as SeatRole | undefined
  const number = (code & 7) === 0 ? undefined : code & 7
  if (role === undefined || !isSeat(role, number)) return undefined
  return number === undefined ? { role } : { role, number }
}

function encodePlatform(platform: Platform): Uint8Array {
  const bytes = Buffer.from(platform)
  if (decodePlatform(bytes) !== platform) throw new Error('no token can be for this platform')
  return bytes
}

function decodePlatform(bytes: Uint8Array): Platform | undefined {
  try {
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return name === '' || name.length > maxPlatformChars ? undefined : (name as Platform)
  } catch {
    return undefined // Not UTF-8: not of our writing.
  }
}

/** Who a good token lets in; undefined for a cookie, which is no client's. */
export function principalOf(token: Extract<TokenVerdict, { readonly kind: 'good' }>): Principal | undefined {
  const { subject, tokenId, issuedAt, expiresAt } = token
  const pass = { tokenId, issuedAt, expiresAt }
  switch (subject.purpose) {
    case 'seat':
      return { kind: 'seat', ...subject.seat, pass }
    case 'viewer': {
      const { platform } = subject
      return { kind: 'viewer', pass, ...(platform === undefined ? {} : { platforms: [platform] }) }
    }
    case 'admin':
      return { kind: 'admin', pass: { ...pass, expiresAt: subject.staysUntil } }
    case 'session':
      return undefined
    default:
      return subject satisfies never
  }
}

/** How many ids there are: nine letters or digits each. */
const tokenIds = 36 ** 9

/** Names a token: 46 bits of chance, so that no two of a competition are alike. */
export function newTokenId(random: () => number): string {
  return idText(Math.floor(random() * tokenIds))
}

function idText(id: number): string {
  return id.toString(36).padStart(9, '0')
}

function idNumber(text: string): number {
  const id = Number.parseInt(text, 36)
  if (idText(id) !== text) throw new Error('not the id of a token')
  return id
}

function refused(why: TokenRefusal): TokenVerdict {
  return { kind: 'refused', why }
}
