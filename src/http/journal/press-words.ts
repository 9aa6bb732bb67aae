import type { PressMessage } from '../../protocol/field/press-key.ts'
import type { PressedItem } from '../../protocol/journal/items.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import { parseSeatKey } from '../../protocol/contract/seat.ts'
import type { JournalTexts } from '../../texts/journal-texts.ts'

/** How a line of the timeline is meant; shown by a sign as well, never by colour alone. */
export type Tone = 'plain' | 'good' | 'bad'

/** What became of a press. */
export interface Fate {
  readonly text: string
  readonly tone: Tone
}

/** Who pressed, told by the seat, or by the message. */
export function presserName({ message, press }: PressedItem, { role: roles, who }: JournalTexts): string {
  const seat = press === undefined ? undefined : parseSeatKey(press.seat)
  if (seat !== undefined) {
    // A jury president's number is the one of the vote.
    const isNumbered = seat.number !== undefined && seat.role !== 'juryPresident'
    return isNumbered ? `${roles[seat.role]} ${seat.number}` : roles[seat.role]
  }
  switch (message?.kind) {
    case 'refereeDecision':
      return message.referee === 0 ? roles.soloReferee : `${roles.referee} ${message.referee}`
    case 'juryVote':
      return `${roles.juryMember} ${message.member}`
    case 'clock':
      return roles.timekeeper
    case 'juryBreak':
    case 'juryDecision':
    case 'summonRequest':
      return roles.juryPresident
    case 'downEmitted':
    case undefined:
      return who.device
    default:
      return message satisfies never
  }
}

/** What was pressed. */
export function pressText({ message, press }: PressedItem, texts: JournalTexts): string {
  if (message !== undefined) return pressedText(message, texts)
  // A press whose message never came back: the report holds no payload.
  return press === undefined ? texts.did.any : texts.did.kind[press.kind]
}

/** What became of it, as far as anybody here knows. */
export function pressFate({ source, press }: PressedItem, texts: JournalTexts): Fate {
  if (press !== undefined) {
    const { tone, text } = fateOf(press, texts)
    return { tone, text: press.bridge === undefined ? text : `${texts.fate.through(press.bridge)}: ${text}` }
  }
  return { tone: 'plain', text: source === 'direct' ? texts.fate.direct : texts.fate.open }
}

/**
 * Votes of the jury are secret until they are revealed, in the hall; the organiser hears everything anyhow, so this
 * page of the past tells them. It is for the administrator only.
 */
function pressedText(message: PressMessage, { did, lift, light }: JournalTexts): string {
  switch (message.kind) {
    case 'refereeDecision':
      return light[message.value]
    case 'juryVote':
      return lift[message.value]
    case 'juryDecision':
      return did.decides(lift[message.value])
    case 'clock':
      return {
        start: did.kind.clockStart,
        stop: did.kind.clockStop,
        toggle: did.kind.clockToggle,
        '60': did.setTo(60),
        '120': did.setTo(120),
      }[message.command]
    case 'juryBreak': {
      const { command } = message
      return did.kind[command === 'technical' ? 'technicalBreak' : command === 'stop' ? 'breakStop' : command]
    }
    case 'summonRequest':
      if (message.who === 0) return did.callsAll
      return message.who === controller ? did.kind.summonController : did.calls(message.who)
    case 'downEmitted':
      return did.kind.downEmitted
    default:
      return message satisfies never
  }
}

/** owlcms's number for the technical controller among the officials that are called. */
export const controller = 4

/** What became of a press, in words; what did not reach owlcms says so. */
function fateOf({ outcome, why, brokerMs, echoMs }: PressReport, texts: JournalTexts): Fate {
  const { fate, late, refused } = texts
  switch (outcome) {
    case 'taken':
      return { tone: 'good', text: echoMs === undefined ? fate.taken : fate.takenAfter(Math.round(echoMs)) }
    case 'notTaken':
      return { tone: 'bad', text: fate.notTaken }
    case 'delivered': {
      const after = brokerMs === undefined ? fate.delivered : fate.deliveredAfter(Math.round(brokerMs))
      const reason = reasonIn(texts.delivered, why)
      return { tone: 'plain', text: reason === undefined ? after : `${after}; ${reason}` }
    }
    case 'tooLate':
      return { tone: 'bad', text: fate.tooLate(reasonIn(late, why) ?? late.other) }
    case 'refused':
      return { tone: 'bad', text: fate.refused(reasonIn(refused, why) ?? refused.other) }
    case 'offline':
      return { tone: 'bad', text: why === 'noOwlcms' ? fate.noOwlcms : fate.offline }
    case 'lost':
      return { tone: 'bad', text: fate.lost }
    case 'drill':
      return { tone: 'plain', text: fate.drill }
    default:
      return outcome satisfies never
  }
}

function reasonIn(reasons: Readonly<Record<string, string>>, why: string | undefined): string | undefined {
  return why === undefined ? undefined : reasons[why]
}
