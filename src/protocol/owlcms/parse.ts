import {
  bareKinds,
  type Attempt,
  type BareKind,
  noEnd,
  type ClockChange,
  type ClockCommand,
  type ClockKind,
  type FromDevice,
  type FromOwlcms,
  type JuryBreakCommand,
  type JuryMemberNumber,
  type OfficialNumber,
  type OwlcmsMessage,
  type RefereeNumber,
} from './message.ts'
import { parseOwlcmsConfig, readTopic, type OwlcmsTopic, type Platform, type Verdict } from './topics.ts'
import { payloadText } from '../payload-text.ts'
import type { Topic } from '../topic.ts'

/**
 * Reads any message. Never throws; the platform's name is kept letter for letter. `place`: what `readTopic` says
 * of the topic, for those who have asked it already.
 */
export function parseMessage(topic: Topic, payload: Uint8Array, place = readTopic(topic)): OwlcmsMessage {
  return parseKnown(topic, payload, place) ?? { kind: 'unknown', topic, payload }
}

function parseKnown(topic: Topic, payload: Uint8Array, place: OwlcmsTopic): OwlcmsMessage | undefined {
  const text = payloadText(payload)
  switch (place.kind) {
    case 'config': {
      const config = parseOwlcmsConfig(payload)
      return config === undefined ? undefined : { kind: 'config', config }
    }
    case 'configRequest':
      return { kind: 'configRequest' }
    case 'fop':
      return parseFop(place.message, place.platform, text)
    case 'legacyLed':
      return onOff(text, (on) => ({ kind: 'startup', platform: place.platform, on, legacy: true }))
    case 'legacyDecisionRequest':
      return onOff(text, (on) => ({
        kind: 'decisionRequest',
        platform: place.platform,
        referee: place.official,
        on,
        legacy: true,
      }))
    case 'legacySummon':
      return onOff(text, (on) => ({
        kind: 'summon',
        platform: place.platform,
        official: place.official,
        on,
        legacy: true,
      }))
    case 'bridge':
    case 'unknown':
      return undefined
    case 'refereeDecision':
    case 'downEmitted':
    case 'clock':
    case 'juryBreak':
    case 'juryVote':
    case 'juryDecision':
    case 'summonRequest':
    case 'test':
      return parseDevice(place.kind, place.platform, text, topic.startsWith('owlcms/decision/'))
    default:
      return place satisfies never
  }
}

function parseFop(message: string, platform: Platform, text: string): FromOwlcms | undefined {
  const word = text.trim()
  if ((bareKinds as readonly string[]).includes(message)) return { kind: message as BareKind, platform }
  switch (message) {
    case 'startup':
      return onOff(text, (on) => ({ kind: 'startup', platform, on, legacy: false }))
    case 'start':
      return parseStart(platform, text.trimEnd())
    case 'stop':
      return integer(word, (remainingMs) => ({ kind: 'clockStopped', platform, remainingMs }))
    case 'timeRemaining':
      return integer(word, (seconds) => ({ kind: 'timeRemaining', platform, seconds }))
    case 'athleteClock':
    case 'breakClock':
      return parseClock(message, platform, word)
    case 'decision': {
      const found = /^([1-3]) (good|bad|hidden)$/.exec(word)
      if (found === null) return undefined
      return {
        kind: 'decision',
        platform,
        referee: Number(found[1]) as RefereeNumber,
        value: found[2] as Verdict | 'hidden',
      }
    }
    case 'decisionRequest':
      return /^[1-3]$/.test(word)
        ? { kind: 'decisionRequest', platform, referee: Number(word), on: true, legacy: false }
        : undefined
    case 'refereesDecision':
      return word === 'good' || word === 'bad'
        ? { kind: 'refereesDecision', platform, value: word }
        : undefined
    case 'summon':
      return /^[1-4]$/.test(word)
        ? { kind: 'summon', platform, official: Number(word), on: true, legacy: false }
        : undefined
    case 'juryMemberDecision': {
      const found = /^([1-5]) (good|bad|hidden)$/.exec(word)
      if (found === null) return undefined
      const member = Number(found[1]) as JuryMemberNumber
      return { kind: 'juryMemberDecision', platform, member, value: found[2] as Verdict | 'hidden' }
    }
    case 'break':
      return /^[A-Z_]+$/.test(word) ? { kind: 'break', platform, breakType: word } : undefined
    case 'ceremony': {
      const found = /^([A-Z_]+) (start|stop)$/.exec(word)
      if (found?.[1] === undefined) return undefined
      return { kind: 'ceremony', platform, ceremony: found[1], on: found[2] === 'start' }
    }
    default:
      return undefined
  }
}

/** `set -1` is a clock without an end (docs/owlcms.md 2.1). */
function parseClock(kind: ClockKind, platform: Platform, word: string): FromOwlcms | undefined {
  const found = /^(set|start|stop) (-?[0-9]{1,15})$/.exec(word)
  if (found === null) return undefined
  const change = found[1] as ClockChange
  return integer(found[2] ?? '', (remainingMs) => ({
    kind,
    platform,
    change,
    ...(change === 'set' && remainingMs === noEnd ? {} : { remainingMs }),
  }))
}

/** `{json} millis`, split at the last space, since names may hold spaces and braces (docs/owlcms.md 2.3). */
function parseStart(platform: Platform, text: string): FromOwlcms | undefined {
  const at = text.lastIndexOf(' ')
  const json = at === -1 ? '' : text.slice(0, at)
  return integer(text.slice(at + 1), (remainingMs) => ({
    kind: 'clockStarted',
    platform,
    remainingMs,
    attempt: parseAttempt(json),
  }))
}

function parseAttempt(json: string): Attempt {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return {} // owlcms sends nothing before the space when it could not write the JSON.
  }
  if (typeof value !== 'object' || value === null) return {}
  const { athleteName, attemptNumber, liftType, session } = value as Record<string, unknown>
  return {
    ...(typeof athleteName === 'string' ? { athleteName } : {}),
    ...(typeof attemptNumber === 'number' ? { attemptNumber } : {}),
    ...(typeof liftType === 'string' ? { liftType } : {}),
    ...(typeof session === 'string' ? { session } : {}),
  }
}

function parseDevice(
  kind: Exclude<FromDevice['kind'], 'configRequest'>,
  platform: Platform,
  text: string,
  legacy: boolean,
): FromDevice | undefined {
  const word = text.trim()
  switch (kind) {
    case 'refereeDecision': {
      const found = /^([0-3]) (good|bad)$/.exec(word)
      if (found === null) return undefined
      return {
        kind,
        platform,
        referee: Number(found[1]) as 0 | RefereeNumber,
        value: found[2] as Verdict,
        legacy,
      }
    }
    case 'juryVote': {
      const found = /^([1-5]) (good|bad)$/.exec(word)
      if (found === null) return undefined
      return { kind, platform, member: Number(found[1]) as JuryMemberNumber, value: found[2] as Verdict }
    }
    case 'juryDecision':
      return word === 'good' || word === 'bad' ? { kind, platform, value: word } : undefined
    case 'clock': {
      const command = word.split(' ', 1)[0]?.toLowerCase() ?? ''
      return /^(start|stop|toggle|60|120)$/.test(command)
        ? { kind, platform, command: command as ClockCommand }
        : undefined
    }
    case 'juryBreak': {
      const command = word.toLowerCase()
      return /^(technical|deliberation|challenge|stop)$/.test(command)
        ? { kind, platform, command: command as JuryBreakCommand }
        : undefined
    }
    case 'summonRequest': {
      const who =
        word === 'all' ? 0 : word === 'controller' ? 4 : /^[0-4]$/.test(word) ? Number(word) : undefined
      return who === undefined ? undefined : { kind, platform, who: who as 0 | OfficialNumber }
    }
    case 'downEmitted':
      return { kind, platform }
    case 'test':
      return integer(text, (sentAt) => ({ kind, platform, sentAt }))
    default:
      return kind satisfies never
  }
}

function onOff<T>(text: string, make: (on: boolean) => T): T | undefined {
  const word = text.trim()
  return word === 'on' ? make(true) : word === 'off' ? make(false) : undefined
}

function integer<T>(text: string, make: (value: number) => T): T | undefined {
  // Never minus zero, which is not written as it was read.
  return /^-?[0-9]{1,15}$/.test(text) ? make(Number(text) + 0) : undefined
}
