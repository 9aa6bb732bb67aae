import * as v from 'valibot'
import { passOf, type Principal } from '../hub/people/permissions.ts'
import { seatKey } from '../protocol/contract/seat.ts'
import { defined } from '../protocol/defined.ts'

/** Days that a link may be good at most; a revocation must be remembered as long. */
export const maxTokenDays = 31
const dayMs = 86_400_000

const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e14))
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256))

/** Void are: exactly this token; or whatever of that kind was issued at `at` or before. Times in milliseconds. */
const recordSchema = v.variant('what', [
  /** One link; nobody knows how long it would have been good, so it is remembered for the longest time. */
  v.object({ what: v.literal('token'), id, at: time }),
  /** The administrator signed out; it would have been good until `until`. */
  v.object({ what: v.literal('session'), id, until: time }),
  v.object({ what: v.literal('seat'), platform: name, seat: id, at: time }),
  v.object({ what: v.literal('platform'), platform: name, at: time }),
  /** All links; the administrator's own sessions go on. */
  v.object({ what: v.literal('all'), at: time }),
])
/** One thing that is void. Of what is no single token or session: everything issued before `at`, in milliseconds since the epoch. */
export type Revocation = v.InferOutput<typeof recordSchema>

/** Records kept at most (R7); a bad day has a few dozen. */
export const maxRevocations = 150
/** Signed-out sessions among them; each would have ended within hours anyway, so the first to end gives way. */
const maxSessions = 20
/** Bytes of all of them as text: with its topic and its bridge it stays below owlcms's own limit of 8092. */
export const maxRevocationBytes = 7_500

/** A record from a clock that runs ahead more than this, in milliseconds, would void links not yet made: ignored. */
export const clockSkewMs = 300_000

const encoder = new TextEncoder()
const documentSchema = v.object({ bridge: v.optional(id), revoked: v.array(v.unknown()) })

/**
 * What was revoked, as a set that only grows until its records mean nothing any more. Any order of additions and
 * merges gives the same set, so that several bridges agree by telling each other all they know.
 */
export class Revocations {
  /** The process of a bridge that said a set which was decoded. */
  saidBy: string | undefined
  #records = new Map<string, Revocation>()

  get size(): number {
    return this.#records.size
  }

  /** The moment, in milliseconds, after which a new link must be issued so as not to be void from the start. */
  get newestAt(): number {
    return Math.max(0, ...[...this.#records.values()].map((record) => ('at' in record ? record.at : 0)))
  }

  /** `full`: nothing was changed, since there are too many; revoking a platform or all makes room. */
  add(record: Revocation, now: number): 'added' | 'known' | 'full' {
    if (isOver(record, now) || ('at' in record && record.at > now + clockSkewMs)) return 'known'
    if (this.holds(record)) return 'known'
    const next = new Revocations()
    for (const one of this.#records.values()) next.#records.set(keyOf(one), one)
    next.#records.set(keyOf(record), record)
    next.#dropCovered()
    if (next.size > maxRevocations || next.encode().byteLength > maxRevocationBytes) return 'full'
    if (!next.#records.has(keyOf(record))) return 'known'
    this.#records = next.#records
    return 'added'
  }

  /** Forgets what voids nothing any more, since every token it could mean has expired. */
  prune(now: number): void {
    for (const [key, record] of this.#records) if (isOver(record, now)) this.#records.delete(key)
  }

  /** Whether this client's token is void. Device credentials and open viewers have none. */
  voids(principal: Principal): boolean {
    const pass = passOf(principal)
    if (pass === undefined) return false
    if (principal.kind === 'admin') return this.hasSession(pass.tokenId)
    if (principal.kind === 'device' || principal.kind === 'owlcms') return false
    if (this.#records.has(`token ${pass.tokenId}`)) return true
    for (const record of this.#records.values()) {
      if ('at' in record && pass.issuedAt <= record.at && concerns(record, principal)) return true
    }
    return false
  }

  /** Whether the administrator signed out of this session. */
  hasSession(sessionId: string): boolean {
    return this.#records.has(`session ${sessionId}`)
  }

  /** Whether this set has a record that the other one lacks. */
  knowsMoreThan(other: Revocations): boolean {
    return [...this.#records.values()].some((record) => !other.holds(record))
  }

  /** Whether this record, or one that says as much, is among them. */
  holds(record: Revocation): boolean {
    const same = this.#records.get(keyOf(record))
    return this.#covers(record) || (same !== undefined && lastsAsLong(same, record))
  }

  /** Takes over what another set knows; true when anything was news. What would be too many is left out. */
  merge(other: Revocations, now: number): boolean {
    let news = false
    for (const record of other.#records.values()) if (this.add(record, now) === 'added') news = true
    return news
  }

  /** The same text for the same set, said by the same bridge. */
  encode(bridge?: string): Uint8Array {
    const keys = [...this.#records.keys()].toSorted()
    const revoked = keys.map((key) => this.#records.get(key))
    return encoder.encode(JSON.stringify({ ...defined({ bridge }), revoked }))
  }

  /** Reads {@link encode}; records that are none are left out. Undefined when it is something else. Never throws. */
  static decode(payload: Uint8Array, now: number): Revocations | undefined {
    const revocations = new Revocations()
    if (payload.byteLength === 0) return revocations
    if (payload.byteLength > 2 * maxRevocationBytes) return undefined
    let value: unknown
    try {
      value = JSON.parse(new TextDecoder().decode(payload))
    } catch {
      return undefined // Somebody else's words on our topic.
    }
    const document = v.safeParse(documentSchema, value)
    if (!document.success) return undefined
    revocations.saidBy = document.output.bridge
    for (const item of document.output.revoked) {
      const record = v.safeParse(recordSchema, item)
      if (record.success) revocations.add(record.output, now)
    }
    return revocations
  }

  /** Whether a wider record says the same already. */
  #covers(record: Revocation): boolean {
    if (record.what === 'session') return false
    const all = this.#records.get('all')
    if (record.what !== 'all' && all !== undefined && lastsAsLong(all, record)) return true
    if (record.what !== 'seat') return false
    const whole = this.#records.get(`platform ${record.platform}`)
    return whole !== undefined && lastsAsLong(whole, record)
  }

  #dropCovered(): void {
    for (const [key, record] of this.#records) if (this.#covers(record)) this.#records.delete(key)
    const sessions = [...this.#records.values()].filter(({ what }) => what === 'session')
    const tooMany = Math.max(0, sessions.length - maxSessions)
    for (const record of sessions.toSorted((a, b) => endOf(a) - endOf(b)).slice(0, tooMany)) {
      this.#records.delete(keyOf(record))
    }
  }
}

function concerns(
  record: Exclude<Revocation, { readonly what: 'session' }>,
  principal: Extract<Principal, { readonly kind: 'seat' | 'viewer' }>,
): boolean {
  switch (record.what) {
    case 'token':
      return false // Told by its id alone.
    case 'all':
      return true
    case 'platform':
      return principal.kind === 'seat'
        ? principal.platform === record.platform
        : (principal.platforms?.some((platform) => platform === record.platform) ?? false)
    case 'seat':
      return (
        principal.kind === 'seat' &&
        principal.platform === record.platform &&
        seatKey(principal) === record.seat
      )
    default:
      return record satisfies never
  }
}

/** Token ids and seat words have no space, so no two records share a key by accident. */
function keyOf(record: Revocation): string {
  switch (record.what) {
    case 'token':
    case 'session':
      return `${record.what} ${record.id}`
    case 'seat':
      return `seat ${record.seat} ${record.platform}`
    case 'platform':
      return `platform ${record.platform}`
    case 'all':
      return 'all'
    default:
      return record satisfies never
  }
}

function endOf(record: Revocation): number {
  return record.what === 'session' ? record.until : record.at + maxTokenDays * dayMs
}

function isOver(record: Revocation, now: number): boolean {
  return endOf(record) <= now
}

function lastsAsLong(one: Revocation, other: Revocation): boolean {
  return endOf(one) >= endOf(other)
}
