import type { Principal } from '../../hub/people/permissions.ts'
import { hearsPlatform } from '../../hub/field/sight.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { ServerMessage, StartMessage, StreamIdentity } from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import { whenKnown, type MaybePromise } from '../../support/maybe-promise.ts'
import type { Login } from '../guests/authenticate.ts'
import type { Admission, Guest } from '../guests/guest-book.ts'
import type { StreamContext } from './context.ts'

/** Whose token this is, or who needs none; then whether there is a place. */
export function admit(
  { log, authenticateToken, counters }: StreamContext,
  guest: Guest,
  { token, client = '' }: Pick<StartMessage, 'token' | 'client'>,
): MaybePromise<Admission> {
  const login = whenKnown(authenticateToken(token), (principal): Login =>
    principal === undefined ? { kind: 'wrong' } : { kind: 'known', principal, anonymous: false },
  )
  return whenKnown(
    guest.admit(login, (known) => ({ ...known, client })),
    (admission) => {
      if (admission.kind === 'in') return admission
      counters.streamRefused += 1
      if (admission.reason === 'unauthorised')
        log.warn({ address: guest.address }, 'stream client refused: token')
      return admission
    },
  )
}

/** One error for each platform that was asked for and is not there, or not for this client. */
export function platformErrors(
  context: StreamContext,
  principal: Principal,
  wanted: 'all' | readonly string[],
): readonly ServerMessage[] {
  if (wanted === 'all') return []
  return wanted.flatMap((platform): readonly ServerMessage[] => {
    if (!hearsPlatform(principal, platform as Platform)) {
      return [{ type: 'error', reason: 'notAllowed', text: 'this platform is not yours', platform }]
    }
    if (context.platforms.find(platform) !== undefined) return []
    const text = 'no platform has this name now; its snapshot follows if owlcms gets one'
    return [{ type: 'error', reason: 'unknownPlatform', text, platform }]
  })
}

/** What a client is told of itself. */
export function identity(principal: Principal): StreamIdentity {
  // No token makes anybody owlcms.
  if (principal.kind === 'owlcms') return { kind: 'device' }
  if (principal.kind !== 'seat') return { kind: principal.kind }
  const { kind, platform, role, number } = principal
  return { kind, platform, role, ...defined({ number }) }
}
