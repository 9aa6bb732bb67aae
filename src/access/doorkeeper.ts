import { passOf, type Principal } from '../hub/people/permissions.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import type { Seat } from '../protocol/contract/seat.ts'
import type { Clock } from '../support/clock.ts'
import { CodeBook } from './code-book.ts'
import type { RevocationKeeper } from './revocation-keeper.ts'
import { maxTokenDays } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import {
  claimedPurpose,
  newTokenId,
  principalOf,
  signToken,
  verifyToken,
  type TokenPurpose,
  type TokenRefusal,
} from './token.ts'

/** Where a link leads: a seat, or looking on at one platform. */
export type LinkPlace = Seat | { readonly platform: Platform; readonly role: 'viewer' }

/** A token as it was issued, and until when it is good: milliseconds since the epoch. */
export interface Link {
  readonly token: string
  readonly tokenId: string
  readonly expiresAt: number
}

export interface DoorkeeperOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly keys: SigningKeys
  readonly revocations: RevocationKeeper
  /** Whether anybody may look on without a token. */
  readonly openViewers: boolean
}

/** What a token makes of its holder, or why it lets nobody in. */
export type Verdict =
  | { readonly kind: 'admitted'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly why: TokenRefusal | 'revoked' | 'noToken' }

const dayMs = 86_400_000

/** Issues links and knows, of each token shown, who holds it and whether it is still good. */
export class Doorkeeper {
  readonly codes = new CodeBook()
  readonly #options: DoorkeeperOptions

  constructor(options: DoorkeeperOptions) {
    this.#options = options
  }

  /** A link good for `days` (1 to 31). Nothing is stored: each call makes another token. */
  async issue(place: LinkPlace, days: number): Promise<Link> {
    const { clock, random, keys, revocations } = this.#options
    const [key] = await keys.links()
    const now = clock.wallTime()
    // Even in the very millisecond of a revocation the new link is newer.
    const issuedAt = Math.max(Math.round(now), Math.floor(revocations.newestAt) + 1)
    const expiresAt = Math.floor((now + Math.min(days, maxTokenDays) * dayMs) / 1000) * 1000
    const facts = { tokenId: newTokenId(random), issuedAt, expiresAt }
    const subject =
      place.role === 'viewer'
        ? ({ purpose: 'viewer', platform: place.platform } as const)
        : ({ purpose: 'seat', seat: place } as const)
    this.codes.note(
      subject.purpose === 'viewer'
        ? { kind: 'viewer', platforms: [subject.platform], pass: facts }
        : { kind: 'seat', ...subject.seat, pass: facts },
    )
    return { token: signToken(subject, facts, key), tokenId: facts.tokenId, expiresAt }
  }

  /** For MQTT passwords: seats and viewers. Never rejects. */
  async verifyPassword(token: string): Promise<Verdict> {
    return this.#verifyLink(token)
  }

  /** For the stream: seats, viewers with and, where they are let in, without a token, and the console. Never rejects. */
  verifyStream(token: string | undefined): Verdict | Promise<Verdict> {
    if (token !== undefined) return this.#verifyStreamToken(token)
    return this.#options.openViewers
      ? { kind: 'admitted', principal: { kind: 'viewer' } }
      : { kind: 'refused', why: 'noToken' }
  }

  /** Why a client that is already in must go now; undefined: it may stay. */
  mustGo(principal: Principal): 'expired' | 'revoked' | undefined {
    const pass = passOf(principal)
    if (pass === undefined) return undefined
    if (pass.expiresAt <= this.#options.clock.wallTime()) return 'expired'
    return this.#options.revocations.voids(principal) ? 'revoked' : undefined
  }

  async #verifyStreamToken(token: string): Promise<Verdict> {
    if (claimedPurpose(token) !== 'admin') return this.#verifyLink(token)
    const { keys, revocations } = this.#options
    await revocations.whenRead()
    // Another key, so that who knows only the secret of the links is no administrator.
    return this.#verify(token, [await keys.administrator()], ['admin'])
  }

  async #verifyLink(token: string): Promise<Verdict> {
    const { keys, revocations } = this.#options
    // In this order: right after a start the key would take the processor from the broker link.
    await revocations.whenRead()
    return this.#verify(token, await keys.links(), ['seat', 'viewer'])
  }

  #verify(token: string, keys: readonly string[], purposes: readonly TokenPurpose[]): Verdict {
    const { clock, revocations } = this.#options
    const verdict = verifyToken(token, keys, purposes, clock.wallTime(), revocations.newestAt)
    if (verdict.kind === 'refused') return verdict
    const principal = principalOf(verdict)
    if (principal === undefined) return { kind: 'refused', why: 'wrongPurpose' }
    // Asked last and at once before the answer, so that nothing slips in between.
    const why = this.mustGo(principal)
    const { tokenId, issuedAt, expiresAt } = verdict
    if (principal.kind === 'seat' || principal.kind === 'viewer')
      this.codes.note(
        { ...principal, pass: { tokenId, issuedAt, expiresAt } },
        { at: clock.now(), what: why === undefined ? 'entered' : 'refused' },
      )
    return why === undefined ? { kind: 'admitted', principal } : { kind: 'refused', why }
  }
}
