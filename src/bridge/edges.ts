import type { Access } from './access.ts'
import type { BridgeDependencies } from './dependencies.ts'
import type { Config } from '../config/config.ts'
import { deviceAuthenticator, deviceOrToken, type Entrance } from '../downstream/guests/authenticate.ts'
import type { GuestBook } from '../downstream/guests/guest-book.ts'
import { JsonStream } from '../downstream/json-stream/stream.ts'
import { MqttGateway } from '../downstream/mqtt-gateway/gateway.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import type { Hub } from '../hub/hub.ts'
import type { LightCheck } from '../hub/press/light-check.ts'
import type { ClientLimits } from '../support/limits.ts'

/** What both edges share. */
interface Shared {
  readonly hub: Hub
  readonly platforms: Platforms
  readonly access: Access
  readonly guests: GuestBook
  readonly limits: ClientLimits
  readonly drills: LightCheck
}

/** The two edges below: boxes at `/mqtt` and in the hall, pages at `/ws`. Nothing is listened to yet. */
export function buildEdges(
  config: Config,
  { clock, log, random, version }: BridgeDependencies,
  { hub, platforms, access, guests, limits, drills }: Shared,
): { readonly gateway: MqttGateway; readonly stream: JsonStream } {
  const gateway = new MqttGateway({
    hub,
    clock,
    log: log.child({ part: 'gateway' }),
    limits,
    random,
    authenticate: authenticator(config.broker, access),
    guests,
  })
  const stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: log.child({ part: 'stream' }),
    version,
    clientLimits: limits,
    guests,
    drills,
    authenticateToken: (token) => access.authenticateToken(token),
  })
  return { gateway, stream }
}

/** Device credentials or a seat's token; without a user name any device gets in, as owlcms has it. */
function authenticator(
  { username, password }: { readonly username?: string; readonly password?: string },
  access: Access,
): Entrance {
  return deviceOrToken(deviceAuthenticator(username, password), (token) => access.verifyPassword(token))
}

/**
 * Who gets in by the port for plain MQTT in the hall. Where this bridge is the broker and has no port for owlcms alone,
 * owlcms comes by the same port.
 */
export function hallEntrance({ broker, venue }: Config, access: Access): Entrance {
  const devices = authenticator(venue ?? {}, access)
  if (broker.own === undefined || broker.own.listen !== undefined) return devices
  return { ...devices, owlcms: { ...deviceAuthenticator(broker.username, broker.password), alone: false } }
}

/** Who gets in by the port for owlcms alone. */
export function owlcmsEntrance({ username, password }: Config['broker']): Entrance {
  const pair = deviceAuthenticator(username, password)
  return { ...pair, owlcms: { ...pair, alone: true } }
}
