import type { Hub } from '../hub/hub.ts'
import { LightCheck } from '../hub/press/light-check.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import type { Principal } from '../hub/people/permissions.ts'
import { deviceName, shortName } from '../protocol/contract/device-name.ts'
import { leadingNumber, seatKey, seatOfCommand } from '../protocol/contract/seat.ts'
import type { CommandKind } from '../protocol/owlcms/topics.ts'
import type { Clock } from '../support/clock.ts'

/** The light check between the parts: it takes presses from the hub, and follows what platforms show and bridges say. */
export function lightCheckOf(clock: Clock, hub: Hub, platforms: Platforms): LightCheck {
  const nameOf = (session: string): string => shortName(deviceName(hub.presence.clientIdOf(session)))
  const check = new LightCheck({
    clock,
    nameOf,
    identity: hub.identity,
    tell: (publication) => hub.others.tell(publication),
    stateOf: (platform) => platforms.now(platform)?.state,
    seated: (platform) => {
      const here = hub.presence.clients(clock.now()).flatMap(({ connected, principal }) => {
        const sits = connected && principal.kind === 'seat' && principal.platform === platform
        return sits ? [seatKey(principal)] : []
      })
      const elsewhere = hub.others.seats.foreign().filter((claim) => claim.platform === platform)
      return new Set([...here, ...elsewhere.map(({ seat }) => seat)])
    },
  })
  hub.keepBack(({ principal, key }, { payload }, { kind, platform }, { madeAt }) => {
    const seat = seatOf(principal, kind, payload)
    if (seat === undefined) return check.takes(platform, undefined)
    return check.takes(platform, {
      seat,
      device: nameOf(key),
      did: colourOf(payload),
      ...(madeAt === undefined ? {} : { delayMs: Math.max(0, clock.now() - madeAt) }),
    })
  })
  hub.others.listen({
    came: () => check.companyCame(),
    said: (publication) => check.receive(publication),
  })
  platforms.listen({
    event: ({ platform, before, state }) => {
      if (before.phase !== state.phase) check.stateChanged(platform, state)
    },
    // What the platform shows is not known after a gap: rather end the check than keep a real press back.
    reset: (platform) => {
      const now = platforms.now(platform)
      if (now !== undefined) check.stateChanged(platform, now.state)
    },
  })
  return check
}

function seatOf(principal: Principal, kind: CommandKind, payload: Uint8Array): string | undefined {
  const seat = principal.kind === 'seat' ? principal : seatOfCommand(kind, leadingNumber(payload))
  return seat === undefined ? undefined : seatKey(seat)
}

const decoder = new TextDecoder()

/** White is a good lift, red is none; of a jury member as of a referee. */
function colourOf(payload: Uint8Array): 'white' | 'red' | 'press' {
  const text = decoder.decode(payload)
  if (text.endsWith('good')) return 'white'
  return text.endsWith('bad') ? 'red' : 'press'
}
