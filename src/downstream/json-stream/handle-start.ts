import type { Principal } from '../../hub/people/permissions.ts'
import { hearsPlatform } from '../../hub/field/sight.ts'
import type { CloseReason } from '../../protocol/contract/close-codes.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import {
  schemaVersions,
  type ServerMessage,
  type StartMessage,
  type StreamIdentity,
} from '../../protocol/contract/stream-message.ts'
import type { MaybePromise } from '../../support/maybe-promise.ts'
import type { Guest } from '../guests/guest-book.ts'
import type { StreamContext } from './context.ts'

/** Who it is, or why the connection ends. */
export type Admission =
  | { readonly kind: 'admitted'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: CloseReason }

/** Checks the version, then who it is, then whether there is a place. */
export function admit(context: StreamContext, guest: Guest, start: StartMessage): MaybePromise<Admission> {
  if (start.schema < schemaVersions.min || start.schema > schemaVersions.max) {
    return { kind: 'refused', reason: 'wrongSchema' }
  }
  return admitToken(context, guest, start)
}

export function admitToken(
  { log, authenticateToken }: StreamContext,
  guest: Guest,
  { token, client = '' }: Pick<StartMessage, 'token' | 'client'>,
): MaybePromise<Admission> {
  const judge = (principal: Principal | undefined): Admission => {
    if (principal === undefined) {
      log.warn({ address: guest.address }, 'stream client refused: token')
      return { kind: 'refused', reason: 'unauthorised' }
    }
    const entered = guest.enter({ principal, client })
    return entered === 'in' ? { kind: 'admitted', principal } : { kind: 'refused', reason: entered }
  }
  const answer = authenticateToken(token)
  if (!(answer instanceof Promise)) return judge(answer)
  return guest.spoke() === 'heard' ? answer.then(judge) : { kind: 'refused', reason: 'full' }
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
  return { kind, platform, role, ...(number === undefined ? {} : { number }) }
}
