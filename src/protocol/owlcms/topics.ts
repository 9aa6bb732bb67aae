import { payloadText } from '../payload-text.ts'
import { err, ok, type Result } from '../result.ts'
import { remembering, type Topic } from '../topic.ts'

/**
 * owlcms's messages: which topic means what, and which device payloads may go up.
 * Source of everything here: docs/owlcms.md sections 1.4, 2.1 to 2.3 and 5.3 of the project's notes,
 * summed up for clients in PROTOCOL.md.
 */

/** A field of play's name, exactly as owlcms writes it: never trimmed, never normalised. */
export type Platform = string & { readonly __brand: 'Platform' }

/** As many platforms as any competition has (a big one has 4), and a bound for names that come from outside (R7). */
export const maxPlatforms = 64

export type Verdict = 'good' | 'bad'

/** What devices tell owlcms; every one of them can change a competition, so none may be late. */
export const commandKinds = [
  'refereeDecision',
  'downEmitted',
  'clock',
  'juryBreak',
  'juryVote',
  'juryDecision',
  'summonRequest',
] as const
/** What devices say that owlcms acts on. */
export type CommandKind = (typeof commandKinds)[number]

/** What a topic under `owlcms/` is, told from the topic alone. */
export type OwlcmsTopic =
  | { readonly kind: CommandKind; readonly platform: Platform }
  | { readonly kind: 'configRequest' }
  /** Latency probe of a device, not a command. */
  | { readonly kind: 'test'; readonly platform: Platform }
  /** owlcms speaking about one field of play; `message` is the word after `fop/`. */
  | { readonly kind: 'fop'; readonly message: string; readonly platform: Platform }
  | { readonly kind: 'config' }
  /** Twins that owlcms still sends for boxes of before version 35. */
  | { readonly kind: 'legacyLed'; readonly platform: Platform }
  | {
      readonly kind: 'legacyDecisionRequest' | 'legacySummon'
      readonly platform: Platform
      readonly official: number
    }
  /** Bridges talking about themselves. */
  | { readonly kind: 'bridge' }
  | { readonly kind: 'unknown' }

const unknownTopic: OwlcmsTopic = { kind: 'unknown' }

/** Longest first, so that `jurybox/juryMember/decision/` is not read as another. */
const commandPrefixes: readonly (readonly [prefix: string, kind: CommandKind | 'test' | 'legacyLed'])[] = [
  ['owlcms/jurybox/juryMember/decision/', 'juryVote'],
  ['owlcms/refbox/downEmitted/', 'downEmitted'],
  ['owlcms/refbox/decision/', 'refereeDecision'],
  ['owlcms/jurybox/decision/', 'juryDecision'],
  ['owlcms/jurybox/summon/', 'summonRequest'],
  ['owlcms/jurybox/break/', 'juryBreak'],
  ['owlcms/decision/', 'refereeDecision'],
  ['owlcms/clock/', 'clock'],
  ['owlcms/test/', 'test'],
  ['owlcms/led/', 'legacyLed'],
]

const numberedPattern = /^owlcms\/(decisionRequest|summon)\/(.+)\/([0-9]{1,9})$/s
const fopPattern = /^owlcms\/fop\/([A-Za-z]+)\/(.+)$/s

/** Reads a topic. The rest of the topic is the platform, since names may contain `/`. Never throws. */
export const readTopic = remembering((topic: Topic): OwlcmsTopic => {
  if (topic === 'owlcms/config') return { kind: 'configRequest' }
  if (topic === 'owlcms/fop/config') return { kind: 'config' }
  if (topic.startsWith('owlcms/bridge/')) return { kind: 'bridge' }
  for (const [prefix, kind] of commandPrefixes) {
    if (topic.length > prefix.length && topic.startsWith(prefix)) {
      return { kind, platform: topic.slice(prefix.length) as Platform }
    }
  }
  const fop = fopPattern.exec(topic)
  if (fop?.[1] !== undefined && fop[2] !== undefined) {
    return { kind: 'fop', message: fop[1], platform: fop[2] as Platform }
  }
  const numbered = numberedPattern.exec(topic)
  if (numbered?.[2] !== undefined) {
    return {
      kind: numbered[1] === 'summon' ? 'legacySummon' : 'legacyDecisionRequest',
      platform: numbered[2] as Platform,
      official: Number(numbered[3]),
    }
  }
  return unknownTopic
})

/** Whether a message of this kind acts on a lift: late or doubled, it could hit the wrong athlete. */
export function isCommand(
  topic: OwlcmsTopic,
): topic is { readonly kind: CommandKind; readonly platform: Platform } {
  return (commandKinds as readonly string[]).includes(topic.kind)
}

/** Topics that only owlcms or a bridge may speak on; a client's publication there is refused (R5). */
export function isReservedForOwlcms(topic: Topic): boolean {
  return reservedPattern.test(topic)
}

/** No device publishes on the legacy three (docs/owlcms.md 3); whoever could would invent platforms, or ring boxes. */
const reservedPattern = /^owlcms\/(fop|bridge|led|summon|decisionRequest)(\/|$)/

/** The one subscription upstream; nothing outside it is ever published, since HiveMQ Cloud cuts the link for it. */
export const owlcmsPrefix = 'owlcms/'

/**
 * Why a device's payload is refused: owlcms would read it as a red light, or as a jury break that
 * nobody asked for (docs/owlcms.md 1.4, 2.2).
 */
export type CommandFault = 'badNumber' | 'badVerdict' | 'badSummon'

const encoder = new TextEncoder()

/**
 * The payload to send up for a command: trimmed, verdict in lower case, one space between number and
 * verdict. Where owlcms would merely ignore a word it doesn't know (clock, break), the bytes pass
 * untouched, since the protocol grows (R6); where it would take it for a red light or for a jury
 * break, the outcome is a fault. The bytes returned are the ones given when nothing had to change.
 */
export function normaliseCommand(kind: CommandKind, payload: Uint8Array): Result<Uint8Array, CommandFault> {
  const text = payloadText(payload)
  switch (kind) {
    case 'refereeDecision':
      return numberedVerdict(text, payload, /^[0-3]$/)
    case 'juryVote':
      return numberedVerdict(text, payload, /^[1-5]$/)
    case 'juryDecision': {
      const verdict = readVerdict(text.trim())
      return verdict === undefined ? err('badVerdict') : ok(encodeUnlessSame(verdict, text, payload))
    }
    case 'summonRequest':
      return summonRequest(text, payload)
    case 'clock': {
      // owlcms's simulator says `start {json}`; versions before 61 understand only the bare word.
      const word = text.trim().split(' ', 1)[0]?.toLowerCase() ?? ''
      return ok(/^(start|stop|toggle|60|120)$/.test(word) ? encodeUnlessSame(word, text, payload) : payload)
    }
    case 'juryBreak': {
      const word = text.trim().toLowerCase()
      const known = /^(technical|deliberation|challenge|stop)$/.test(word)
      return ok(known ? encodeUnlessSame(word, text, payload) : payload)
    }
    case 'downEmitted':
      return ok(payload)
    default:
      return kind satisfies never
  }
}

function numberedVerdict(
  text: string,
  payload: Uint8Array,
  allowed: RegExp,
): Result<Uint8Array, CommandFault> {
  const words = text.trim().split(/\s+/)
  const [number, last] = words
  if (words.length !== 2 || number === undefined || last === undefined) return err('badVerdict')
  if (!allowed.test(number)) return err('badNumber')
  const verdict = readVerdict(last)
  return verdict === undefined
    ? err('badVerdict')
    : ok(encodeUnlessSame(`${number} ${verdict}`, text, payload))
}

function summonRequest(text: string, payload: Uint8Array): Result<Uint8Array, CommandFault> {
  const word = text.trim()
  const lower = word.toLowerCase()
  if (lower === 'all' || lower === 'controller') return ok(encodeUnlessSame(lower, text, payload))
  if (/^[0-4]$/.test(word)) return ok(encodeUnlessSame(word, text, payload))
  // Any other number publishes nothing, yet starts a jury break (docs/owlcms.md 2.2).
  return /^[-+]?[0-9]+$/.test(word) ? err('badSummon') : ok(payload)
}

function readVerdict(word: string): Verdict | undefined {
  const lower = word.toLowerCase()
  return lower === 'good' || lower === 'bad' ? lower : undefined
}

function encodeUnlessSame(wanted: string, text: string, payload: Uint8Array): Uint8Array {
  return wanted === text ? payload : encoder.encode(wanted)
}

/** What owlcms says of itself on `owlcms/fop/config` (docs/owlcms.md 2.3). Unknown keys are accepted. */
export interface OwlcmsConfig {
  readonly version: string
  readonly platforms: readonly Platform[]
  /** Absent before owlcms 43. */
  readonly jurySize?: number
}

/** Reads a config reply; undefined when it is not one. Never throws. */
export function parseOwlcmsConfig(payload: Uint8Array): OwlcmsConfig | undefined {
  let value: unknown
  try {
    value = JSON.parse(payloadText(payload))
  } catch {
    return undefined // Not JSON: whoever sent it, it is no config reply.
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { version, platforms, jurySize } = value as Record<string, unknown>
  if (!Array.isArray(platforms) || !platforms.every((name) => typeof name === 'string')) return undefined
  return {
    version: typeof version === 'string' ? version : 'unknown',
    platforms: platforms as Platform[],
    ...(typeof jurySize === 'number' && Number.isInteger(jurySize) && jurySize > 0 ? { jurySize } : {}),
  }
}

/**
 * Whether a live publication replaces a retained one: bridges publish their states and revocations retained, and a broker
 * clears the flag on what it passes on at once [MQTT-3.3.1-9]. owlcms retains nothing (docs/owlcms.md 1.2).
 */
export function isKeptByBroker(meaning: OwlcmsTopic, topic: Topic): boolean {
  return meaning.kind === 'bridge' && (topic.endsWith('/state') || topic.endsWith('/revoked'))
}

/** owlcms messages that mean something only now: told later, they are false (docs/owlcms.md 5.1). */
const momentaryMessages: ReadonlySet<string> = new Set([
  'startup',
  'start',
  'stop',
  'timeRemaining',
  'athleteClock',
  'breakClock',
  'down',
  'decisionRequest',
  'refereesDecision',
  'summon',
])

/** Whether a message must never be told later than it came: a command, a signal, a reminder. */
export function isMomentary(topic: OwlcmsTopic): boolean {
  if (isCommand(topic)) return true
  switch (topic.kind) {
    case 'fop':
      return momentaryMessages.has(topic.message)
    case 'config':
    case 'bridge':
    case 'unknown':
      return false
    case 'legacyLed':
    case 'legacyDecisionRequest':
    case 'legacySummon':
    case 'configRequest':
    case 'test':
      return true
    default:
      return topic satisfies never
  }
}
