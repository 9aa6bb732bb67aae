import type { Hub } from '../hub/hub.ts'
import { LightCheck } from '../hub/press/light-check.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import { deviceName } from '../protocol/contract/device-name.ts'
import { seatKey } from '../protocol/contract/seat.ts'
import type { Clock } from '../support/clock.ts'

/** The light check between the parts: it takes presses from the hub, and follows what the platforms show. */
export function lightCheckOf(clock: Clock, hub: Hub, platforms: Platforms): LightCheck {
  const check = new LightCheck({
    clock,
    stateOf: (platform) => platforms.now(platform)?.state,
    seated: (platform) =>
      new Set(
        hub.presence.clients(clock.now()).flatMap(({ connected, principal }) => {
          const isHere = connected && principal.kind === 'seat' && principal.platform === platform
          return isHere ? [seatKey(principal)] : []
        }),
      ),
    nameOf: (session) => deviceName(hub.presence.clientIdOf(session)),
  })
  hub.keepBack((session, publication, { kind, platform }, { madeAt }) =>
    check.takes({
      principal: session.principal,
      session: session.key,
      platform,
      kind,
      publication,
      ...(madeAt === undefined ? {} : { madeAt }),
    }),
  )
  const nothing = (): void => undefined
  platforms.listen({
    event: ({ platform, before, state }) => {
      if (before.phase !== state.phase) check.stateChanged(platform, state)
    },
    // What the platform shows is not known after a gap: rather end the check than keep a real press back.
    reset: (platform) => {
      const now = platforms.now(platform)
      if (now !== undefined) check.stateChanged(platform, now.state)
    },
    appeared: nothing,
    configured: nothing,
  })
  return check
}
