import { passOf, type Principal } from '../hub/permissions.ts'
import type { Platform } from '../protocol/owlcms.ts'
import type { Seat } from '../protocol/seat.ts'
import type { Clock } from '../support/clock.ts'
import type { Administrator } from './administrator.ts'
import type { RevocationKeeper } from './revocation-keeper.ts'
import { maxTokenDays } from './revocations.ts'
import {
  newTokenId,
  principalOf,
  signToken,
  verifyToken,
  type TokenPurpose,
  type TokenRefusal,
} from './token.ts'

/** Where a link leads: a seat, or looking on at one platform. */
export type LinkPlace = Seat | { readonly platform: Platform; readonly role: 'viewer' }

export interface Link {
  readonly token: string
  readonly tokenId: string
  readonly expiresAt: number
}

export interface DoorkeeperOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Signs; the second, if there is one, was used before and still lets in. */
  readonly secret: string
  readonly previousSecret: string | undefined
  readonly revocations: RevocationKeeper
  readonly administrator: Administrator
  /** Whether anybody may look on without a token. */
  readonly openViewers: boolean
}

export type Verdict =
  | { readonly kind: 'admitted'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly why: TokenRefusal | 'revoked' | 'noToken' }

const dayMs = 86_400_000

/** Issues links and knows, of each token shown, who holds it and whether it is still good. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions
  readonly #keys: readonly string[]

  constructor(options: DoorkeeperOptions) {
    this.#options = options
    const { secret, previousSecret } = options
    this.#keys = previousSecret === undefined ? [secret] : [secret, previousSecret]
  }

  /** A link good for `days` (1 to 31). Nothing is stored: each call makes another token. */
  issue(place: LinkPlace, days: number): Link {
    const { clock, random, secret, revocations } = this.#options
    const now = clock.wallTime()
    // Even in the very millisecond of a revocation the new link is newer.
    const issuedAt = Math.max(Math.round(now), Math.floor(revocations.newestAt) + 1)
    const expiresAt = Math.floor((now + Math.min(days, maxTokenDays) * dayMs) / 1000) * 1000
    const facts = { tokenId: newTokenId(random), issuedAt, expiresAt }
    const subject =
      place.role === 'viewer'
        ? ({ purpose: 'viewer', platform: place.platform } as const)
        : ({ purpose: 'seat', seat: place } as const)
    return { token: signToken(subject, facts, secret), tokenId: facts.tokenId, expiresAt }
  }

  /** For MQTT passwords: seats and viewers. Never rejects. */
  async verifyPassword(token: string): Promise<Verdict> {
    return this.#verify(token, this.#keys, ['seat', 'viewer'])
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
    const verdict = await this.#verify(token, this.#keys, ['seat', 'viewer'])
    if (verdict.kind === 'admitted' || verdict.why !== 'forged') return verdict
    // Another key, so that who knows only the secret of the links is no administrator.
    return this.#verify(token, [this.#options.administrator.streamKey], ['admin'])
  }

  async #verify(token: string, keys: readonly string[], purposes: readonly TokenPurpose[]): Promise<Verdict> {
    const { clock, revocations } = this.#options
    const verdict = verifyToken(token, keys, purposes, clock.wallTime(), revocations.newestAt)
    if (verdict.kind === 'refused') return verdict
    const principal = principalOf(verdict)
    if (principal === undefined) return { kind: 'refused', why: 'wrongPurpose' }
    await revocations.whenRead()
    // Asked last and at once before the answer, so that nothing slips in between.
    const why = this.mustGo(principal)
    return why === undefined ? { kind: 'admitted', principal } : { kind: 'refused', why }
  }
}
