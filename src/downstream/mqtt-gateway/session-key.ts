import type { Principal } from '../../hub/people/permissions.ts'
import { audienceOf } from '../../hub/field/sight.ts'

/**
 * Client IDs count within their owner: a seat's client can neither take over nor inherit what a device with the
 * broker's password, or another seat, has under the same client ID.
 */
export function sessionKey(principal: Principal, clientId: string): string {
  return principal.kind === 'device' ? clientId : `${clientId} (${ownerOf(principal)})`
}

/** Equal for principals that may share a session. */
export function ownerOf(principal: Principal): string {
  if (principal.kind === 'viewer') return `viewer of ${JSON.stringify(principal.platforms ?? 'all')}`
  return principal.kind === 'seat' ? audienceOf(principal) : principal.kind
}
