import type { Principal } from '../../hub/people/permissions.ts'
import { kindFromClientId } from '../../hub/people/presence.ts'
import { looksLikeToken, maxTokenChars } from '../../protocol/contract/seat.ts'
import { secretComparer } from '../../support/compare-secret.ts'
import type { MaybePromise } from '../../support/maybe-promise.ts'

/** What every client ID of a bridge and of its check begins with. */
const bridgeClientIds = 'owlcms-bridge-'

/** What a client says of itself in CONNECT. */
export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  readonly clientId?: string
}

/**
 * Who that is, or undefined: refused. A promise only where a seat token has to be verified; it never rejects.
 */
export type Authenticate = (credentials: Credentials) => MaybePromise<Principal | undefined>

/** Whose token this is, or undefined: refused. Never rejects. */
export type VerifyToken = (token: string) => Promise<Principal | undefined>

/** Device credentials alone: answered at once. */
export type AuthenticateDevice = (credentials: Credentials) => Principal | undefined

/**
 * Accepts the broker's own user name and password, compared in constant time (docs/platforms.md 3.3). Without
 * a user name anybody is let in, as owlcms's embedded server does (docs/owlcms.md 1.2).
 */
export function deviceAuthenticator(
  username: string | undefined,
  password: string | undefined,
): AuthenticateDevice {
  if (username === undefined) return () => ({ kind: 'device' })
  const isName = secretComparer(username)
  const isPassword = secretComparer(password ?? '')
  return (credentials) => {
    // Both are always compared, so that the time tells nothing about which one was wrong.
    const nameFits = isName(credentials.username ?? '')
    const passwordFits = isPassword(credentials.password ?? '')
    return nameFits && passwordFits ? { kind: 'device' } : undefined
  }
}

/**
 * Device credentials, or any user name with a seat token as password. Device credentials are answered at once, and
 * a password that can't be a token costs no verification. Where devices need no user name (`open`), a token is
 * looked at first: whoever shows one wants its seat, and learns when it is good no longer.
 */
export function deviceOrToken(
  device: AuthenticateDevice,
  verify: VerifyToken,
  { open }: { readonly open: boolean },
): Authenticate {
  return (credentials) => {
    if (!open) {
      const principal = device(credentials)
      if (principal !== undefined) return principal
    }
    const token = tokenIn(credentials.password)
    if (token !== undefined) return verify(token)
    return open ? device(credentials) : undefined
  }
}

/**
 * Where owlcms comes in by the same port as devices: it is told by its client ID, and then needs its own user name and
 * password, if it has any. Nobody else speaks on its topics.
 */
export function owlcmsOrDevice(owlcms: AuthenticateDevice, others: Authenticate): Authenticate {
  return (credentials) => {
    const { clientId = '' } = credentials
    // A bridge's check has owlcms's own pair.
    if (clientId.startsWith(bridgeClientIds)) return owlcms(credentials) ?? others(credentials)
    if (kindFromClientId(clientId) !== 'owlcms') return others(credentials)
    return owlcms(credentials) === undefined ? undefined : { kind: 'owlcms' }
  }
}

/** On a port for owlcms alone: whoever has its user name and password is owlcms, but for bridges and their checks. */
export function owlcmsAlone(owlcms: AuthenticateDevice): Authenticate {
  return (credentials) => {
    const known = owlcms(credentials)
    return known === undefined || credentials.clientId?.startsWith(bridgeClientIds) === true
      ? known
      : { kind: 'owlcms' }
  }
}

const decoder = new TextDecoder()

function tokenIn(password: Uint8Array | undefined): string | undefined {
  if (password === undefined || password.byteLength > maxTokenChars) return undefined
  const text = decoder.decode(password)
  return looksLikeToken(text) ? text : undefined
}
