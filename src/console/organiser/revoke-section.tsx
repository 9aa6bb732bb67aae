import type { DeviceOverview, RevokeRequest } from '../../protocol/contract/console-api.ts'
import { DeviceLine } from './device-line.tsx'
import { Name } from './marks.tsx'
import type { Shell } from './shell.ts'
import { seatKeyName } from './words.ts'

interface Holder {
  readonly platform: string
  readonly seat: string
  readonly device: DeviceOverview
}

/** Takes codes back: of one device, a platform, or all; each with one confirmation that says what happens. */
export function RevokeSection({ shell }: { readonly shell: Shell }) {
  const { words, overview, ask, model } = shell
  const { revoke } = words.texts
  const holders = overview.platforms.flatMap(({ name, seats }) =>
    seats.flatMap(({ seat, devices }): readonly Holder[] =>
      devices
        .filter(({ tokenId }) => tokenId !== undefined)
        .map((device) => ({ platform: name, seat, device })),
    ),
  )
  const button = (action: string, text: string, request: RevokeRequest) => (
    <button
      type="button"
      onClick={() =>
        ask({ title: action, text, action, run: () => model.api.revoke(request), done: revoke.done })
      }
    >
      {action}
    </button>
  )
  return (
    <section class="card">
      <h2>{revoke.title}</h2>
      <p>{revoke.intro}</p>
      <p class="buttons">
        {overview.platforms.map(({ name }) => (
          <span key={name}>
            {button(revoke.platform(name), revoke.platformAsk(name), {
              what: 'platform',
              platform: name,
            })}{' '}
          </span>
        ))}
        {button(revoke.all, revoke.allAsk, { what: 'all' })}
      </p>
      <ul class="plain">
        {holders.map(({ platform, seat, device }) => (
          <li key={`${platform} ${seat} ${device.id}`}>
            <Name text={platform} /> · {seatKeyName(words, seat)}
            <DeviceLine shell={shell} device={device} seat={seat} />
          </li>
        ))}
      </ul>
    </section>
  )
}
