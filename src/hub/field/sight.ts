import type { OwlcmsTopic, Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import { topicOf } from '../../protocol/topic.ts'
import type { Sight } from '../../protocol/field/visible-state.ts'
import { mayHear, type Principal } from '../people/permissions.ts'

/**
 * What a principal may see of a platform's state, read off the permission table by asking it about one message
 * of each official: whoever hears the message sees what it told, and nobody else (R5).
 */
export function sightOf(principal: Principal, platform: Platform): Sight {
  const heard = (message: string): ReadonlySet<number> =>
    new Set(
      [...sayings].flatMap(([number, saying]) =>
        mayHear(principal, about(message, platform), saying) ? [number] : [],
      ),
    )
  return {
    decisions: heard('decision'),
    reminders: heard('decisionRequest'),
    summonses: heard('summon'),
    votes: heard('juryMemberDecision'),
  }
}

/** Whether a principal hears anything of a platform at all: everybody who does hears the down signal. */
export function hearsPlatform(principal: Principal, platform: Platform): boolean {
  return mayHear(principal, about('down', platform), empty)
}

/**
 * Principals with equal names hear the same of each platform they hear at all, so what is encoded for one may
 * be sent to the others, and may be resumed by them.
 */
export function audienceOf(principal: Principal): string {
  switch (principal.kind) {
    case 'device':
    case 'owlcms':
    case 'admin':
      return 'everything'
    case 'viewer':
      return 'viewer'
    case 'seat':
      return `${principal.role} ${principal.number ?? '-'} of ${principal.platform}`
    default:
      return principal satisfies never
  }
}

const anyTopic = topicOf('owlcms/fop/down/A')

/** Referees and jury members have at most 5, summonses at most 4. */
const officials = [1, 2, 3, 4, 5]
/** About each of them; the topic is told beside it. */
const sayings: ReadonlyMap<number, Publication> = new Map(
  officials.map((number) => {
    const payload = new TextEncoder().encode(`${number} good`)
    return [number, { topic: anyTopic, payload, qos: 0, retain: false }]
  }),
)
/** For a message that is about no official. */
const empty: Publication = { topic: anyTopic, payload: new Uint8Array(0), qos: 0, retain: false }

function about(message: string, platform: Platform): OwlcmsTopic {
  return { kind: 'fop', message, platform }
}
