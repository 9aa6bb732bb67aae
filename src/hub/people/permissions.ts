import {
  isCommand,
  isReservedForOwlcms,
  owlcmsPrefix,
  type CommandKind,
  type OwlcmsTopic,
  type Platform,
} from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import { bridgeSaying, bridgeWords } from '../../protocol/contract/bridge-topic.ts'
import { leadingNumber, type Seat, type SeatRole } from '../../protocol/contract/seat.ts'
import type { Topic } from '../../protocol/topic.ts'

/**
 * Who may say and hear what, as data in one place (R5). Owlcms's own broker enforces none of it: there any
 * client reads the jury's secret votes.
 */

/** The token that a client showed, as far as it matters for when it must go. Times in milliseconds since the epoch. */
export interface Pass {
  /** Names the token, tells nothing of it. */
  readonly tokenId: string
  readonly issuedAt: number
  /** From then on the client may stay no longer. */
  readonly expiresAt: number
}

/** Who a session speaks for; `pass` where a token said so. */
export type Principal =
  /** Knows the broker's own user name and password: an official's device or a technician. */
  | {
      readonly kind: 'device'
      /** The name under which it speaks for a bridge of the hall, to which this one is the broker (PROTOCOL.md 6). */
      readonly bridge?: string
    }
  /** owlcms itself, where this bridge is its broker: the only one who speaks on its topics. */
  | { readonly kind: 'owlcms' }
  /** One official's place at one platform; `number` for referees (1–3) and jury members (1–5). */
  | ({ readonly kind: 'seat'; readonly pass?: Pass } & Seat)
  /** The public: what the hall sees, and nothing before the hall sees it. `platforms` undefined: all. */
  | { readonly kind: 'viewer'; readonly platforms?: readonly Platform[]; readonly pass?: Pass }
  /** The organiser: sees everything, presses nothing. */
  | { readonly kind: 'admin'; readonly pass?: Pass }

/** The token behind a principal; undefined for owlcms, device credentials and open viewers. */
export function passOf(principal: Principal): Pass | undefined {
  return principal.kind === 'device' || principal.kind === 'owlcms' ? undefined : principal.pass
}

/** Why a principal may not publish something. */
export const publishDenials = [
  /** Only owlcms and bridges speak there. */
  'reserved',
  /** Outside `owlcms/`, where the broker may cut the link for it. */
  'outsideOwlcms',
  /** A topic that MQTT allows, but brokers cut the link for (topic.ts). */
  'unsafeTopic',
  /** Another official's message, or a message of another platform. */
  'notYourSeat',
  /** Another device holds this seat (seat-desk.ts). */
  'seatWaiting',
] as const
/** Why a client may not publish something; a fixed word for logs and the journal. */
export type PublishDenial = (typeof publishDenials)[number]

type Say = Partial<Record<CommandKind, (payload: string, number: number | undefined) => boolean>>

const anything = (): boolean => true
const ownNumber = (payload: string, number: number | undefined): boolean =>
  number !== undefined && payload.startsWith(`${number} `)

/** What each role may publish, about its own platform; payloads are already normalised. */
const mayPress: Readonly<Record<SeatRole, Say>> = {
  referee: { refereeDecision: ownNumber },
  // `0` is the announcer's path, and solo boxes send 1, 2 and 3 in one burst (docs/owlcms.md 4.5).
  soloReferee: { refereeDecision: anything },
  juryMember: { juryVote: ownNumber },
  juryPresident: {
    juryVote: ownNumber,
    juryDecision: anything,
    juryBreak: anything,
    summonRequest: anything,
  },
  timekeeper: { clock: anything },
  technicalController: {},
}

type Audience = Readonly<Record<SeatRole | 'viewer', Hearing>>

const everybody: Audience = {
  referee: 'all',
  soloReferee: 'all',
  juryMember: 'all',
  juryPresident: 'all',
  timekeeper: 'all',
  technicalController: 'all',
  viewer: 'all',
}
const nobody: Audience = {
  referee: 'nothing',
  soloReferee: 'nothing',
  juryMember: 'nothing',
  juryPresident: 'nothing',
  timekeeper: 'nothing',
  technicalController: 'nothing',
  viewer: 'nothing',
}

/**
 * Who hears each word of owlcms. Referees don't see each other's decisions before they are shown, jurors see
 * the referees' at once and each other's votes as owlcms reveals them (docs/owlcms.md 7).
 */
const audiences: ReadonlyMap<string, Audience> = new Map<string, Audience>([
  ['startup', everybody],
  ['start', everybody],
  ['stop', everybody],
  ['timeRemaining', everybody],
  ['athleteClock', everybody],
  ['breakClock', everybody],
  ['down', everybody],
  ['refereesDecision', everybody],
  ['resetDecisions', everybody],
  ['juryDeliberation', everybody],
  ['challenge', everybody],
  ['break', everybody],
  ['ceremony', everybody],
  ['startLifting', everybody],
  ['liftingOrderUpdated', everybody],
  ['decision', { ...nobody, referee: 'own', soloReferee: 'all', juryMember: 'all', juryPresident: 'all' }],
  ['decisionRequest', { ...nobody, referee: 'own', soloReferee: 'all', juryPresident: 'all' }],
  [
    'summon',
    {
      ...nobody,
      referee: 'own',
      soloReferee: 'all',
      technicalController: 'own',
      juryMember: 'all',
      juryPresident: 'all',
    },
  ],
  ['juryMemberDecision', { ...nobody, juryMember: 'all', juryPresident: 'all' }],
])

/** The technical controller is official 4 in summons (docs/owlcms.md 2.1). */
const technicalController = 4

const decoder = new TextDecoder()

/** Whether this principal may publish; the payload is looked at only where the seat's number decides. */
export function publishDenial(
  principal: Principal,
  topic: Topic,
  meaning: OwlcmsTopic,
  payload: Uint8Array,
): PublishDenial | undefined {
  if (!topic.startsWith(owlcmsPrefix)) return 'outsideOwlcms'
  if (principal.kind === 'owlcms') return meaning.kind === 'bridge' ? 'reserved' : undefined
  if (isReservedForOwlcms(topic)) return speaksForBridge(principal, topic) ? undefined : 'reserved'
  if (principal.kind === 'device' || meaning.kind === 'configRequest') return undefined
  if (principal.kind !== 'seat' || !('platform' in meaning) || meaning.platform !== principal.platform) {
    return 'notYourSeat'
  }
  if (meaning.kind === 'test') return undefined
  const rule =
    meaning.kind in mayPress[principal.role]
      ? mayPress[principal.role][meaning.kind as CommandKind]
      : undefined
  return rule?.(decoder.decode(payload), principal.number) === true ? undefined : 'notYourSeat'
}

/** A bridge below says what bridges say, in its own name only. */
function speaksForBridge(principal: Principal, topic: Topic): boolean {
  const name = bridgeOf(principal)
  return name !== undefined && bridgeWords.some((word) => bridgeSaying(word, topic) === name)
}

/** The bridge below that speaks by this client. */
export function bridgeOf(principal: Principal): string | undefined {
  return principal.kind === 'device' ? principal.bridge : undefined
}

/** Whether this principal may only look on: what it presses is nobody's press, whatever it says. */
export function onlyWatches({ kind }: Principal): boolean {
  return kind === 'viewer' || kind === 'admin'
}

/** Whether a principal hears a topic; `own`: only what is about its own number (see {@link isOwn}). */
export type Hearing = 'all' | 'own' | 'nothing'

/**
 * What a principal hears of a topic, without looking at any payload. A legacy summons of official 4 (the
 * technical controller) is kept from everybody: ESP32 boxes listen to it for all platforms and corrupt their
 * memory (R11, docs/owlcms.md 3.2); who understands official 4 gets it on `owlcms/fop/summon`.
 */
export function hearing(principal: Principal, meaning: OwlcmsTopic): Hearing {
  if (meaning.kind === 'legacySummon' && meaning.official > 3) return 'nothing'
  if (principal.kind === 'device' || principal.kind === 'admin' || principal.kind === 'owlcms') return 'all'
  if (meaning.kind === 'config') return 'all'
  if (!('platform' in meaning) || !hasPlatform(principal, meaning.platform)) return 'nothing'
  // What other devices say is theirs alone, the jury's votes above all.
  if (isCommand(meaning) || meaning.kind === 'test') return 'nothing'
  const role = principal.kind === 'viewer' ? 'viewer' : principal.role
  switch (meaning.kind) {
    case 'fop':
      return audiences.get(meaning.message)?.[role] ?? 'nothing'
    case 'legacyLed':
      return 'all'
    case 'legacyDecisionRequest':
      return ofOfficial(audiences.get('decisionRequest')?.[role], principal, meaning.official)
    case 'legacySummon':
      return ofOfficial(audiences.get('summon')?.[role], principal, meaning.official)
    default:
      return meaning satisfies never
  }
}

/** Whether a publication is about this principal's own number: `2 good`, `4`. */
export function isOwn(principal: Principal, publication: Publication): boolean {
  return isOfficial(principal, leadingNumber(publication.payload))
}

/** Whether this principal hears this publication. */
export function mayHear(principal: Principal, meaning: OwlcmsTopic, publication: Publication): boolean {
  const hear = hearing(principal, meaning)
  return hear === 'own' ? isOwn(principal, publication) : hear === 'all'
}

function hasPlatform(
  principal: Extract<Principal, { readonly kind: 'seat' | 'viewer' }>,
  platform: Platform,
): boolean {
  if (principal.kind === 'seat') return principal.platform === platform
  return principal.platforms?.includes(platform) ?? true
}

/** Topics that carry the number themselves leave nothing to ask later. */
function ofOfficial(hear: Hearing | undefined, principal: Principal, official: number): Hearing {
  if (hear !== 'own') return hear ?? 'nothing'
  return isOfficial(principal, official) ? 'all' : 'nothing'
}

function isOfficial(principal: Principal, official: number | undefined): boolean {
  if (principal.kind !== 'seat') return false
  const own = principal.role === 'technicalController' ? technicalController : principal.number
  return own !== undefined && own === official
}
