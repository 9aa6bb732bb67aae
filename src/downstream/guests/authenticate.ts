import type { Principal } from '../../hub/people/permissions.ts'
import { kindFromClientId } from '../../hub/people/presence.ts'
import { looksLikeToken, maxTokenChars } from '../../protocol/contract/seat.ts'
import { secretComparer } from '../../support/compare-secret.ts'
import type { LoginBudget } from '../../support/login-budget.ts'
import { whenKnown, type MaybePromise } from '../../support/maybe-promise.ts'

/** What every client ID of a bridge and of its check begins with. */
const bridgeClientIds = 'owlcms-bridge-'

/** What a client says of itself in CONNECT. */
export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  readonly clientId?: string
}

/** Whose token this is, or undefined: refused. Never rejects. */
export type VerifyToken = (token: string) => Promise<Principal | undefined>

/** Who gets in at one listener. */
export interface Entrance {
  /** Compares with the broker's own user name and password; undefined: no user name is asked for, anybody is a device. */
  readonly fits: ((credentials: Credentials) => boolean) | undefined
  /** Whether that password might be taken for a token. */
  readonly passwordLikeToken: boolean
  /** Undefined: no token counts here. */
  readonly verify?: VerifyToken
  /** owlcms comes in here, too, with its own user name and password, if it has any. */
  readonly owlcms?: Pick<Entrance, 'fits'> & {
    /** Whether this door is for owlcms alone; else it is told by its client ID. */
    readonly alone: boolean
  }
}

export interface Known {
  readonly kind: 'known'
  readonly principal: Principal
  /** A device that had to show nothing. */
  readonly anonymous: boolean
}

/** `busy`: not compared, since too many wrong passwords are being tried. */
export type Login = Known | { readonly kind: 'wrong' | 'busy' }

/**
 * Accepts the broker's own user name and password, compared in constant time (docs/platforms.md 3.3). Without
 * a user name anybody is let in, as owlcms's embedded server does (docs/owlcms.md 1.2).
 */
export function deviceAuthenticator(username: string | undefined, password = ''): Entrance {
  if (username === undefined) return { fits: undefined, passwordLikeToken: false }
  const isName = secretComparer(username)
  const isPassword = secretComparer(password)
  const fits = (credentials: Credentials): boolean => {
    // Both are always compared, so that the time tells nothing about which one was wrong.
    const nameFits = isName(credentials.username ?? '')
    const passwordFits = isPassword(credentials.password ?? '')
    return nameFits && passwordFits
  }
  return { fits, passwordLikeToken: looksLikeToken(password) }
}

/** The same, and any user name with a seat token as password. */
export function deviceOrToken(device: Entrance, verify: VerifyToken): Entrance {
  return { ...device, verify }
}

/**
 * Who that is. A token is looked at first: its signature is quickly verified and can't be guessed, so it never waits for
 * those who guess passwords. Whoever shows one wants its seat, and learns when it is good no longer.
 */
export function whoIs(
  entrance: Entrance,
  credentials: Credentials,
  logins: LoginBudget,
  address: string,
): MaybePromise<Login> {
  const { owlcms } = entrance
  if (owlcms !== undefined) {
    const { clientId = '' } = credentials
    // A bridge's check has owlcms's own pair, and is no owlcms.
    if (clientId.startsWith(bridgeClientIds))
      return asDevice({ fits: either(owlcms, entrance) }, credentials, logins, address)
    if (owlcms.alone || kindFromClientId(clientId) === 'owlcms')
      return asDevice(owlcms, credentials, logins, address, { kind: 'owlcms' })
  }
  const token = entrance.verify === undefined ? undefined : tokenIn(credentials.password)
  if (token === undefined || entrance.verify === undefined)
    return asDevice(entrance, credentials, logins, address)
  return entrance.verify(token).then((principal) => {
    if (principal !== undefined) return { kind: 'known', principal, anonymous: false }
    return entrance.passwordLikeToken ? asDevice(entrance, credentials, logins, address) : { kind: 'wrong' }
  })
}

/** Both pairs count; without one of them anybody gets in. */
function either(one: Pick<Entrance, 'fits'>, other: Pick<Entrance, 'fits'>): Entrance['fits'] {
  const [first, second] = [one.fits, other.fits]
  if (first === undefined || second === undefined) return second
  return (credentials) => [first(credentials), second(credentials)].includes(true)
}

function asDevice(
  { fits }: Pick<Entrance, 'fits'>,
  credentials: Credentials,
  logins: LoginBudget,
  address: string,
  device: Principal = { kind: 'device' },
): MaybePromise<Login> {
  if (fits === undefined) return { kind: 'known', principal: device, anonymous: true }
  return whenKnown(
    logins.attempt(address, 1, () => fits(credentials)),
    (outcome) =>
      outcome === 'right' ? { kind: 'known', principal: device, anonymous: false } : { kind: outcome },
  )
}

const decoder = new TextDecoder()

function tokenIn(password: Uint8Array | undefined): string | undefined {
  if (password === undefined || password.byteLength > maxTokenChars) return undefined
  const text = decoder.decode(password)
  return looksLikeToken(text) ? text : undefined
}
