import type { IncomingMessage } from 'node:http'
import type {
  CodeOverview,
  DecideRequest,
  RevokeRequest,
  StreamTokenAnswer,
} from '../../protocol/contract/console-api.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Seat } from '../../protocol/contract/seat.ts'

/** A signed-in organiser. */
export interface AdminSessionView {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export type LoginView =
  | { readonly kind: 'in'; readonly session: string; readonly expiresAt: number }
  | { readonly kind: 'wrong' | 'tooMany' | 'impossible' }

/** Where a link leads. */
export type LinkPlaceView = Seat | { readonly platform: Platform; readonly role: 'viewer' }

/** A revocation holds everywhere; or here, while some bridges haven't said so (none: no broker); or until the next restart. */
export type ReachView =
  | { readonly kind: 'everywhere' | 'untilRestart' | 'full' }
  | { readonly kind: 'here'; readonly unconfirmed: readonly string[] }

/** What the organiser's API does to the bridge; bridge/ supplies it. Promises never reject. */
export interface AccessView {
  now(): number
  readonly loginPossible: boolean
  /** Days that a link may be good at most. */
  readonly maxDays: number
  /** `https://host` where a setting says so; else the links begin as the console's address does. */
  readonly publicOrigin: string | undefined
  /** Whose cookie it is; undefined: nobody's, or no longer. */
  session(cookie: string | undefined): Promise<AdminSessionView | undefined>
  login(password: string, address: string): Promise<LoginView>
  logout(session: AdminSessionView): void
  streamToken(session: AdminSessionView): Promise<StreamTokenAnswer>
  /** A fresh link; nothing is stored. */
  issue(
    place: LinkPlaceView,
    days: number,
  ): Promise<{ readonly token: string; readonly tokenId: string; readonly expiresAt: number }>
  /** The links that were made or shown here. */
  codes(): readonly CodeOverview[]
  /** How far it has come, after 2 s at most; `full`: too many single revocations are kept, and nothing was done. */
  revoke(request: RevokeRequest): Promise<ReachView>
  /** False: that device or seat is not there any more. */
  decide(request: DecideRequest): boolean
  /** The client's address as far as the hosting platform can be trusted with it. */
  addressOf(request: IncomingMessage): string
}
