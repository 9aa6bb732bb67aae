import type { IncomingMessage } from 'node:http'
import { Administrator } from '../access/administrator.ts'
import { Doorkeeper, type Verdict } from '../access/doorkeeper.ts'
import { RevocationKeeper, type RevocationKeeperOptions } from '../access/revocation-keeper.ts'
import { maxTokenDays, type Revocation } from '../access/revocations.ts'
import { SigningKeys } from '../access/signing-keys.ts'
import type { BridgeDependencies } from './dependencies.ts'
import { codesOf } from './views/codes.ts'
import type { MqttGateway } from '../downstream/mqtt-gateway/gateway.ts'
import type { JsonStream } from '../downstream/json-stream/stream.ts'
import type { Hub } from '../hub/hub.ts'
import type { Config } from '../config/config.ts'
import type { AccessView } from '../http/api/access-view.ts'
import type { Principal } from '../hub/people/permissions.ts'
import type { RevokeRequest } from '../protocol/contract/console-api.ts'
import { seatKey } from '../protocol/contract/seat.ts'
import { defaultClientLimits } from '../support/limits.ts'
import { LoginBudget } from '../support/login-budget.ts'

/** Who may come in: links, revocations and the organiser's login, put together. */
export interface Access {
  readonly doorkeeper: Doorkeeper
  readonly administrator: Administrator
  readonly revocations: RevocationKeeper
  /** Makes the links' key now, which takes a moment, so that no token has to wait for it. */
  prepare(): void
  /** For MQTT passwords that look like a token. Never rejects. */
  verifyPassword(token: string): Promise<Principal | undefined>
  /** For `start` and `/events`. Never rejects. */
  authenticateToken(token: string | undefined): Principal | undefined | Promise<Principal | undefined>
}

/** Milliseconds between two looks at whose token has run out. */
const sweepMs = 1_000

/** Builds them; nothing is verified or derived before the first token or {@link Access.prepare}. */
export function buildAccess(
  config: Config,
  { clock, random, log, deriveKey }: Pick<BridgeDependencies, 'clock' | 'random' | 'log' | 'deriveKey'>,
  {
    logins = new LoginBudget(clock, defaultClientLimits),
    ...bridges
  }: Omit<RevocationKeeperOptions, 'clock' | 'log'> & { readonly logins?: LoginBudget },
): Access {
  const accessLog = log.child({ part: 'access' })
  const { secret, secretSalt, previousSecret } = config
  const adminPassword = config.admin.password
  const keys = new SigningKeys({ secret, secretSalt, previousSecret, adminPassword }, deriveKey)
  const revocations = new RevocationKeeper({ clock, log: accessLog, ...bridges })
  const administrator = new Administrator({
    clock,
    random,
    keys,
    revocations,
    logins,
    password: adminPassword,
  })
  const openViewers = config.viewers === 'open'
  const doorkeeper = new Doorkeeper({ clock, random, keys, revocations, openViewers })
  const admitted = (verdict: Verdict): Principal | undefined => {
    if (verdict.kind === 'admitted') return verdict.principal
    if (verdict.why !== 'noToken') accessLog.info({ why: verdict.why }, 'token refused')
    return undefined
  }
  return {
    doorkeeper,
    administrator,
    revocations,
    prepare: () => void keys.links(),
    verifyPassword: async (token) => admitted(await doorkeeper.verifyPassword(token)),
    authenticateToken: (token) => {
      const verdict = doorkeeper.verifyStream(token)
      return verdict instanceof Promise ? verdict.then(admitted) : admitted(verdict)
    },
  }
}

/** Where whoever holds a token may be. */
interface GuardedDoors {
  readonly access: Access
  readonly hub: Hub
  readonly gateway: Pick<MqttGateway, 'endWhere'>
  readonly stream: Pick<JsonStream, 'endWhere'>
}

/**
 * Cuts off at once whoever holds a token that was revoked, and within a second whose token has run out. Returns the way
 * to end it, which resolves when nothing that was revoked can get lost any more.
 */
export function guardDoors(
  { access, gateway, hub, stream }: GuardedDoors,
  clock: BridgeDependencies['clock'],
): () => Promise<void> {
  const look = (): void => {
    const mustGo = (principal: Principal): boolean => access.doorkeeper.mustGo(principal) !== undefined
    // First, so that who has a new code sits down at once, and doesn't wait for whom it replaces.
    hub.seats.expel(mustGo)
    gateway.endWhere(mustGo, 'passEnded')
    stream.endWhere(mustGo, 'passEnded')
  }
  access.revocations.onRevoked = look
  const cancel = clock.repeat(sweepMs, look)
  return () => {
    cancel()
    return access.revocations.stop()
  }
}

/** What the organiser's API does, done. */
export function accessView(
  config: Config,
  { clock }: Pick<BridgeDependencies, 'clock'>,
  { access, hub }: { readonly access: Access; readonly hub: Hub },
  addressOf: (request: IncomingMessage) => string,
): AccessView {
  const { administrator, doorkeeper, revocations } = access
  return {
    now: () => clock.wallTime(),
    loginPossible: administrator.loginPossible,
    maxDays: maxTokenDays,
    publicOrigin: config.publicOrigin,
    session: (cookie) => administrator.session(cookie),
    login: (password, address) => administrator.login(password, address),
    logout: (session) => administrator.logout(session),
    streamToken: (session) => administrator.streamToken(session),
    issue: (place, days) => doorkeeper.issue(place, days),
    codes: () =>
      codesOf({
        codes: doorkeeper.codes,
        clients: hub.presence.clients(clock.now()),
        isRevoked: (holder) => revocations.voids(holder),
        clock,
      }),
    revoke: async (request) => {
      const record = revocationOf(request, clock.wallTime())
      return revocations.revoke(record) === 'full' ? { kind: 'full' } : revocations.reach(record)
    },
    decide: ({ platform, seat, keep }) => hub.others.decideSeat(platform, seat, keep),
    addressOf,
  }
}

function revocationOf(request: RevokeRequest, at: number): Revocation {
  switch (request.what) {
    case 'token':
      return { what: 'token', id: request.tokenId, at }
    case 'seat':
      return { what: 'seat', platform: request.seat.platform, seat: seatKey(request.seat), at }
    case 'platform':
      return { what: 'platform', platform: request.platform, at }
    case 'all':
      return { what: 'all', at }
    default:
      return request satisfies never
  }
}
