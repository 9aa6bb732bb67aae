import { parseSeatKey } from './seat.ts'
import type { Platform } from '../owlcms/topics.ts'
import type { Publication } from '../publication.ts'
import { bridgeTopic, readBridgeWord } from './bridge-topic.ts'
import { defined } from '../defined.ts'

/** What bridges tell each other about seats, on `owlcms/bridge/<name>/seats`, never retained (PROTOCOL.md 6). */

/** A bridge's word that a device of its own sits, or wants to sit, on a seat. */
export interface SeatClaim {
  readonly platform: Platform
  /** The seat's word, `referee-2`. */
  readonly seat: string
  /** The same for one device on every bridge; tells nothing about it. */
  readonly device: string
  /** Names it in a decision; `label` is what people see of it. */
  readonly id: string
  readonly label: string
  /** Whether it wants to press; who only listens keeps nobody from a seat. */
  readonly asks: boolean
  /** Whether it has the seat, as far as its bridge knows; else it would have it. */
  readonly held: boolean
  /** Its turn in the hall: greater than every number that its bridge had heard when the device came. */
  readonly turn: number
}

/** The organiser's word, given at one bridge and meant for all. */
export interface SeatDecision {
  readonly platform: Platform
  readonly seat: string
  /** The id of the device that stays. */
  readonly keep: string
}

/** What one bridge says of its seats. */
export interface SeatNews {
  /** Of the process that says it. */
  readonly bridge: string
  /** All that this bridge claims: what isn't in here it claims no more. */
  readonly claims: readonly SeatClaim[]
  /** It has just come, and asks the others to say theirs. */
  readonly asks: boolean
  /** The highest turn that it has heard: whoever claims after this word has a higher one. */
  readonly heard: number
  readonly decision?: SeatDecision
}

/** Seats that one bridge claims at most; eight platforms' worth, and one packet of owlcms's size. */
export const maxClaims = 80
const maxChars = 64
const encoder = new TextEncoder()

/** Throws when the name makes no topic. */
export function seatNewsOf(name: string, news: SeatNews): Publication {
  const { bridge, claims, asks, heard, decision } = news
  const payload = encoder.encode(
    JSON.stringify({
      bridge,
      ...(asks ? { asks } : {}),
      heard,
      claims: claims
        .slice(0, maxClaims)
        .map((claim) => [
          claim.seat,
          claim.platform,
          claim.device,
          claim.id,
          claim.label,
          claim.asks ? 1 : 0,
          claim.held ? 1 : 0,
          claim.turn,
        ]),
      ...defined({ decision }),
    }),
  )
  return { topic: bridgeTopic(name, 'seats'), payload, qos: 1, retain: false }
}

/** Reads such a publication; undefined when it is none. What can't be a claim is left out. Never throws. */
export function readSeatNews(
  publication: Publication,
): { readonly name: string; readonly news: SeatNews } | undefined {
  const heard = readBridgeWord('seats', publication)
  if (heard === undefined) return undefined
  const { bridge, claims, asks, heard: turn, decision } = heard.said
  if (typeof bridge !== 'string' || bridge === '' || bridge.length > maxChars || !Array.isArray(claims)) {
    return undefined
  }
  const read = claims.slice(0, maxClaims).flatMap((claim) => readClaim(claim) ?? [])
  const decided = readDecision(decision)
  return {
    name: heard.name,
    news: {
      bridge,
      claims: read,
      asks: asks === true,
      heard: isTurn(turn) ? turn : 0,
      ...defined({ decision: decided }),
    },
  }
}

function readClaim(value: unknown): SeatClaim | undefined {
  if (!Array.isArray(value)) return undefined
  const [seat, platform, device, id, label, asks, held, turn] = value as unknown[]
  if (!isSeatWord(seat) || !isText(platform, 256) || !isText(device, maxChars) || !isText(id, maxChars)) {
    return undefined
  }
  if (typeof label !== 'string' || label.length > maxChars) return undefined
  if (!isTurn(turn)) return undefined
  return { seat, platform: platform as Platform, device, id, label, asks: asks === 1, held: held === 1, turn }
}

function readDecision(value: unknown): SeatDecision | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { platform, seat, keep } = value as Record<string, unknown>
  if (!isSeatWord(seat) || !isText(platform, 256) || !isText(keep, maxChars)) return undefined
  return { platform: platform as Platform, seat, keep }
}

const isTurn = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= most
}

function isSeatWord(value: unknown): value is string {
  return isText(value, maxChars) && parseSeatKey(value) !== undefined
}
