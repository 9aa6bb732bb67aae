import type { Verdict } from '../protocol/owlcms/topics.ts'
import type { OwlcmsAbilities } from './owlcms-version.ts'

/** What a device's message means to one field of play. */
export type FieldOfPlayInput =
  | { readonly kind: 'clockStart' }
  | { readonly kind: 'clockStop' }
  | { readonly kind: 'clockToggle' }
  | { readonly kind: 'clockSet'; readonly ms: number }
  /** Referee 0 is the announcer deciding for all three. */
  | { readonly kind: 'refereeDecision'; readonly referee: 0 | 1 | 2 | 3; readonly verdict: Verdict }
  | { readonly kind: 'downEmitted' }
  | { readonly kind: 'juryVote'; readonly member: number; readonly verdict: Verdict }
  | { readonly kind: 'juryDecision'; readonly verdict: Verdict }
  | { readonly kind: 'juryBreak'; readonly word: JuryBreakWord }
  /** 0 stands for all referees, 4 for the technical controller; owlcms takes any other number too. */
  | { readonly kind: 'summon'; readonly official: number }

export type JuryBreakWord = 'technical' | 'deliberation' | 'challenge' | 'stop'

/** The topic levels before the platform's name, and what is read from each; docs/owlcms.md 2.2. */
const readers = {
  'refbox/decision': readRefereeDecision,
  decision: readRefereeDecision,
  'refbox/downEmitted': () => ({ kind: 'downEmitted' }),
  clock: readClock,
  'jurybox/break': readJuryBreak,
  'jurybox/juryMember/decision': readJuryVote,
  'jurybox/decision': (text) => ({ kind: 'juryDecision', verdict: readVerdict(text) }),
  'jurybox/summon': readSummon,
  // The probe is only logged by owlcms.
  test: () => undefined,
} as const satisfies Record<
  string,
  (text: string, abilities: OwlcmsAbilities) => FieldOfPlayInput | undefined
>

type DeviceTopic = keyof typeof readers

/** The topic on which devices ask who is there; docs/owlcms.md 1.8. */
export const configRequestTopic = 'owlcms/config'

/** The ten exact topics that one platform's connection subscribes; docs/owlcms.md 1.5, 2.2. */
export function subscribedTopics(platform: string): string[] {
  return [...Object.keys(readers).map((name) => `owlcms/${name}/${platform}`), configRequestTopic]
}

/**
 * Reads a device's message the way owlcms does, weak spots included (docs/owlcms.md 1.4): anything but
 * exactly `good` is bad, words in the middle are ignored, `1` alone is a red light. Undefined for what
 * owlcms logs and ignores. On purpose not the bridge's own reading, which is stricter.
 */
export function readDeviceMessage(
  topic: string,
  payload: Uint8Array,
  platform: string,
  abilities: OwlcmsAbilities,
): FieldOfPlayInput | undefined {
  const end = `/${platform}`
  if (!topic.startsWith('owlcms/') || !topic.endsWith(end)) return undefined
  const name = topic.slice('owlcms/'.length, -end.length)
  if (!isDeviceTopic(name)) return undefined
  return readers[name](javaTrim(new TextDecoder().decode(payload)), abilities)
}

function isDeviceTopic(name: string): name is DeviceTopic {
  return Object.hasOwn(readers, name)
}

/** Java's `trim`: cuts everything up to and including the space, and no Unicode blanks. */
function javaTrim(text: string): string {
  return text.replace(/^[\0- ]+/, '').replace(/[\0- ]+$/, '')
}

function readVerdict(word: string): Verdict {
  return word === 'good' ? 'good' : 'bad'
}

/** Java's `Integer.parseInt`, of which a sign is part. */
function readNumber(word: string): number | undefined {
  return /^[-+]?[0-9]{1,9}$/.test(word) ? Number(word) : undefined
}

function readNumberAndVerdict(text: string): { number: number; verdict: Verdict } | undefined {
  const words = text.split(' ')
  const number = readNumber(words[0] ?? '')
  return number === undefined ? undefined : { number, verdict: readVerdict(words.at(-1) ?? '') }
}

function readRefereeDecision(text: string): FieldOfPlayInput | undefined {
  const read = readNumberAndVerdict(text)
  if (read === undefined || read.number > 3) return undefined
  const referee = Math.max(0, read.number) as 0 | 1 | 2 | 3
  return { kind: 'refereeDecision', referee, verdict: read.verdict }
}

function readJuryVote(text: string): FieldOfPlayInput | undefined {
  const read = readNumberAndVerdict(text)
  if (read === undefined || read.number < 1 || read.number > 5) return undefined
  return { kind: 'juryVote', member: read.number, verdict: read.verdict }
}

function readClock(text: string, abilities: OwlcmsAbilities): FieldOfPlayInput | undefined {
  const word = (abilities.understandsToggle ? (text.split(' ', 1)[0] ?? '') : text).toLowerCase()
  switch (word) {
    case 'start':
      return { kind: 'clockStart' }
    case 'stop':
      return { kind: 'clockStop' }
    case 'toggle':
      return abilities.understandsToggle ? { kind: 'clockToggle' } : undefined
    case '60':
    case '120':
      return { kind: 'clockSet', ms: Number(word) * 1000 }
    default:
      return undefined
  }
}

function readJuryBreak(text: string): FieldOfPlayInput | undefined {
  const word = text.toLowerCase()
  switch (word) {
    case 'technical':
    case 'deliberation':
    case 'challenge':
    case 'stop':
      return { kind: 'juryBreak', word }
    default:
      return undefined
  }
}

function readSummon(text: string): FieldOfPlayInput | undefined {
  const official = text === 'all' ? 0 : text === 'controller' ? 4 : readNumber(text)
  return official === undefined ? undefined : { kind: 'summon', official }
}
