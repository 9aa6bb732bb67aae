import type { DeviceOverview } from '../../protocol/contract/console-api.ts'
import { deviceFacts } from './device-facts.ts'
import { Name } from './marks.tsx'
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
  const { words, overview, ask, model } = shell
  const { revoke } = words.texts
  const { tokenId } = device
  return (
    <p class="device">
      <b>
        <Name text={device.name} />
      </b>{' '}
      <span class="quiet">{deviceFacts(words, device, overview.at)}</span>{' '}
      {tokenId !== undefined && (
        <button
          type="button"
          class="small"
          onClick={() =>
            ask({
              title: revoke.device,
              text: revoke.deviceAsk(
                device.name,
                seat === undefined ? words.texts.shared.role.viewer : seatKeyName(words, seat),
              ),
              action: revoke.device,
              run: () => model.api.revoke({ what: 'token', tokenId }),
              done: revoke.done,
            })
          }
        >
          {revoke.device}
        </button>
      )}
    </p>
  )
}
