import type { DeviceOverview } from '../../protocol/contract/console-api.ts'
import { deviceFacts } from './device-facts.ts'
import { Name } from './marks.tsx'
import { RevokeButton } from './revoke-button.tsx'
import type { Shell } from './shell.ts'
import { seatKeyName } from './words.ts'

interface DeviceLineFacts {
  readonly shell: Shell
  readonly device: DeviceOverview
  /** The seat's word, where it has one; then its code can be revoked. */
  readonly seat?: string
}

/** One device in a line: what it is, how it comes in, whether it is there. */
export function DeviceLine({ shell, device, seat }: DeviceLineFacts) {
  const { words, overview } = shell
  const { revoke, shared } = words.texts
  const { tokenId, name } = device
  const as = seat === undefined ? shared.role.viewer : seatKeyName(words, seat)
  const question = { title: revoke.device, text: revoke.deviceAsk(name, as), action: revoke.device }
  return (
    <p class="device">
      <b>
        <Name text={name} />
      </b>{' '}
      <span class="quiet">{deviceFacts(words, device, overview.at)}</span>{' '}
      {tokenId !== undefined && (
        <RevokeButton shell={shell} request={{ what: 'token', tokenId }} question={question} />
      )}
    </p>
  )
}
