import { createHash, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../hub/permissions.ts'

/** What a client says of itself in CONNECT. */
export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
}

/** Who that is, or undefined: refused. */
export type Authenticate = (credentials: Credentials) => Principal | undefined

/**
 * Accepts the broker's own user name and password, compared in constant time (platforms.md 3.3). Without
 * a user name anybody is let in, as owlcms's embedded server does (protocol.md 1.2).
 */
export function deviceAuthenticator(
  username: string | undefined,
  password: string | undefined,
): Authenticate {
  if (username === undefined) return () => ({ kind: 'device' })
  const wantedName = digest(username)
  const wantedPassword = digest(password ?? '')
  return (credentials) => {
    // Both are always compared, so that the time tells nothing about which one was wrong.
    const nameFits = timingSafeEqual(wantedName, digest(credentials.username ?? ''))
    const passwordFits = timingSafeEqual(wantedPassword, digest(credentials.password ?? ''))
    return nameFits && passwordFits ? { kind: 'device' } : undefined
  }
}

function digest(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest()
}
