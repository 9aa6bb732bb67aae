import { secretComparer } from '../support/compare-secret.ts'
import type { Clock } from '../support/clock.ts'
import type { LoginBudget } from '../support/login-budget.ts'
import type { RevocationKeeper } from './revocation-keeper.ts'
import type { SigningKeys } from './signing-keys.ts'
import { claimedPurpose, newTokenId, signToken, verifyToken } from './token.ts'

/** A day in the hall; whoever forgets to sign out is out by the next morning. */
export const sessionMs = 12 * 3_600_000

/** Long enough to open a stream with it, short enough that a copy is soon worth nothing. */
const streamTokenMs = 5 * 60_000

/** A password chosen by people may be weak: a try counts for so many of a device's. */
const loginCost = 10

export interface AdministratorOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Undefined: there is no administrator. */
  readonly password: string | undefined
  readonly keys: Pick<SigningKeys, 'administrator'>
  readonly revocations: RevocationKeeper
  /** Shared with everybody else who compares passwords. */
  readonly logins: LoginBudget
}

/** What became of a try to sign in; `tooMany`: wrong passwords have used up what the address may try. */
export type Login =
  | { readonly kind: 'in'; readonly session: string; readonly expiresAt: number }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'tooMany' }
  /** There is no administrator's password. */
  | { readonly kind: 'impossible' }

export interface AdminSession {
  readonly id: string
  readonly expiresAt: number
}

/** The organiser's login: one password, and sessions that live in a signed cookie and nowhere else. */
export class Administrator {
  readonly #options: AdministratorOptions
  readonly #isPassword: ((given: string) => boolean) | undefined

  constructor(options: AdministratorOptions) {
    const { password } = options
    this.#options = options
    this.#isPassword = password === undefined ? undefined : secretComparer(password)
  }

  get loginPossible(): boolean {
    return this.#isPassword !== undefined
  }

  /** Tries a password; `address` is where it comes from. Compared in constant time, and in its turn where others guess. */
  async login(password: string, address: string): Promise<Login> {
    const { clock, keys, logins } = this.#options
    const isPassword = this.#isPassword
    if (isPassword === undefined) return { kind: 'impossible' }
    const outcome = await logins.attempt(address, loginCost, () => isPassword(password))
    if (outcome !== 'right') return { kind: outcome === 'wrong' ? 'wrong' : 'tooMany' }
    const key = await keys.administrator()
    const issuedAt = clock.wallTime()
    const expiresAt = issuedAt + sessionMs
    const facts = { tokenId: newTokenId(this.#options.random), issuedAt, expiresAt }
    return { kind: 'in', session: signToken({ purpose: 'session' }, facts, key), expiresAt }
  }

  /** Whose cookie it is; undefined: nobody's, or no longer. */
  async session(cookie: string | undefined): Promise<AdminSession | undefined> {
    if (cookie === undefined || this.#isPassword === undefined) return undefined
    // No stranger's rubbish is worth the making of a key.
    if (claimedPurpose(cookie) !== 'session') return undefined
    const { clock, revocations, keys } = this.#options
    await revocations.whenRead()
    const key = await keys.administrator()
    const token = verifyToken(cookie, [key], ['session'], clock.wallTime())
    if (token.kind === 'refused' || revocations.hasSession(token.tokenId)) return undefined
    return { id: token.tokenId, expiresAt: token.expiresAt }
  }

  /** The session is over, its streams too, also for somebody who copied the cookie. */
  logout({ id, expiresAt }: AdminSession): void {
    this.#options.revocations.revoke({ what: 'session', id, until: expiresAt })
  }

  /** A token that starts the console's stream; the stream may stay as long as the session. */
  async streamToken({ id, expiresAt }: AdminSession): Promise<{ token: string; expiresAt: number }> {
    const key = await this.#options.keys.administrator()
    const issuedAt = this.#options.clock.wallTime()
    const until = Math.floor(Math.min(issuedAt + streamTokenMs, expiresAt) / 1000) * 1000
    const facts = { tokenId: id, issuedAt, expiresAt: until }
    const token = signToken({ purpose: 'admin', staysUntil: expiresAt }, facts, key)
    return { token, expiresAt: until }
  }
}
