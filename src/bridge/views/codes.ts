import type { CodeBook, CodeNote } from '../../access/code-book.ts'
import { passOf, type Principal } from '../../hub/people/permissions.ts'
import type { ClientPresence } from '../../hub/people/presence.ts'
import type { CodeOverview } from '../../protocol/contract/console-api.ts'
import { deviceName } from '../../protocol/contract/device-name.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import { seatKey, seatsOf } from '../../protocol/contract/seat.ts'
import { defined } from '../../protocol/defined.ts'
import type { Clock } from '../../support/clock.ts'

/** What the organiser's list of codes is made from. */
export interface CodeSources {
  readonly codes: CodeBook
  readonly clients: readonly ClientPresence[]
  readonly isRevoked: (principal: Principal) => boolean
  readonly clock: Pick<Clock, 'now' | 'wallTime'>
}

/** Each code that is out, with the device that showed it last; by platform and seat, the newest first. */
export function codesOf({ codes, clients, isRevoked, clock }: CodeSources): readonly CodeOverview[] {
  const byToken = new Map<string, ClientPresence>()
  for (const client of clients) {
    const tokenId = passOf(client.principal)?.tokenId
    if (tokenId === undefined) continue
    const known = byToken.get(tokenId)
    if (known === undefined || rank(client) > rank(known)) byToken.set(tokenId, client)
  }
  const sinceEpoch = clock.wallTime() - clock.now()
  return codes
    .list(clock.wallTime())
    .map(({ holder, shown }): CodeOverview => {
      const { tokenId, issuedAt } = holder.pass
      const device = byToken.get(tokenId)
      const last = lastOf(shown, device)
      return {
        ...placeOf(holder),
        tokenId,
        madeAt: issuedAt - sinceEpoch,
        isRevoked: isRevoked(holder),
        ...defined({ last }),
        ...(device === undefined
          ? {}
          : { device: { name: deviceName(device.clientId), connected: device.connected } }),
      }
    })
    .toSorted(
      (one, other) =>
        (one.platform ?? '').localeCompare(other.platform ?? '') ||
        placeInList(one) - placeInList(other) ||
        other.madeAt - one.madeAt,
    )
}

/** As the console lists seats everywhere; a president who votes has a number, too. */
const order = [...seatsOf('A' as Platform, 5).map(seatKey), 'viewer']

function placeInList({ seat }: CodeOverview): number {
  return order.findIndex((word) => seat.startsWith(word))
}

function placeOf(holder: CodeNote['holder']): Pick<CodeOverview, 'platform' | 'seat'> {
  if (holder.kind === 'seat') return { platform: holder.platform, seat: seatKey(holder) }
  const [platform] = holder.platforms ?? []
  return { seat: 'viewer', ...defined({ platform }) }
}

function lastOf(shown: CodeNote['shown'], device: ClientPresence | undefined): CodeOverview['last'] {
  const at = device?.lastPressAt
  return at === undefined || (shown !== undefined && shown.at > at) ? shown : { what: 'pressed', at }
}

/** Of two devices with one code, the one that is here, or was here later. */
function rank({ connected, since }: ClientPresence): number {
  return connected ? Infinity : since
}
