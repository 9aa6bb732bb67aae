import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { Press } from '../stream/presses.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { hasFlags, type PageSeat } from './seat-facts.ts'

/** How a sentence about a press is dressed. */
export type Tone = 'quiet' | 'good' | 'bad'

export interface PressWords {
  readonly tone: Tone
  readonly text: string
}

/**
 * What to say about the latest press. When an answer was lost on the way but owlcms's echo stands in the state, the echo
 * counts.
 */
export function pressWords(
  press: Press,
  state: VisibleState | undefined,
  seat: PageSeat,
  texts: KeypadTexts,
): PressWords {
  const { press: words, voteCast } = texts.keypad
  const { command } = press
  if (isEchoed(command, state)) return { tone: 'good', text: takenText(command, state, texts) }
  switch (press.state.kind) {
    case 'sending':
      return { tone: 'quiet', text: words.sending }
    case 'acked':
      return { tone: 'quiet', text: command.kind === 'juryDecision' ? words.juryDecision : words.acked }
    case 'taken':
      return { tone: 'good', text: takenText(command, state, texts) }
    case 'notTaken':
      return { tone: 'bad', text: hasFlags(seat) ? words.notTaken : words.notTakenOther }
    case 'delivered':
      if (command.kind === 'juryDecision') return { tone: 'good', text: words.juryDecision }
      if (command.kind === 'juryVote') return { tone: 'good', text: voteCast }
      return deliveredWords(press.state.because, seat, texts)
    case 'drill':
      return { tone: 'good', text: words.drill }
    case 'refused':
      return { tone: 'bad', text: refusedText(press.state.reason, seat, texts) }
    default:
      return press.state satisfies never
  }
}

type Because = Extract<Press['state'], { kind: 'delivered' }>['because']

function deliveredWords(because: Because, seat: PageSeat, texts: KeypadTexts): PressWords {
  const { press, refused } = texts.keypad
  switch (because) {
    case 'noEcho':
    case 'alreadySo':
    case 'deferred':
      return { tone: 'good', text: press[because] }
    case 'linkLost':
      return { tone: 'bad', text: hasFlags(seat) ? refused.lost : refused.lostOther }
    case 'notWatched':
      return { tone: 'quiet', text: press.noEcho }
    default:
      because satisfies never
      return { tone: 'quiet', text: press.noEcho } // A newer bridge may know more.
  }
}

type Refusal = Extract<Press['state'], { kind: 'refused' }>['reason']

function refusedText(reason: Refusal, seat: PageSeat, texts: KeypadTexts): string {
  const words = texts.keypad.refused
  const flags = hasFlags(seat)
  switch (reason) {
    case 'tooLate':
      return flags ? words.tooLate : words.tooLateOther
    case 'offline':
      return flags ? words.offline : words.offlineOther
    case 'lost':
      return flags ? words.lost : words.lostOther
    case 'deaf':
    case 'held':
    case 'tooFast':
    case 'seatWaiting':
    case 'notAllowed':
    case 'unknownPlatform':
    case 'refused':
      return words[reason]
    case 'invalidMessage':
    case 'alreadyStarted':
    case 'idReused':
    case 'invalid':
      return words.mistake
    default:
      reason satisfies never
      return words.mistake // A newer bridge may know more reasons.
  }
}

/** Whether owlcms's echo of this very decision stands. Only a referee's says which verdict it was. */
function isEchoed(command: StreamCommand, state: VisibleState | undefined): boolean {
  if (command.kind !== 'refereeDecision' || command.referee === 0) return false
  return state?.decisions[command.referee] === command.value
}

function takenText(command: StreamCommand, state: VisibleState | undefined, texts: KeypadTexts): string {
  const { press: words, voteCast } = texts.keypad
  if (command.kind === 'juryVote') return voteCast
  if (command.kind !== 'refereeDecision') return words.taken
  const { referee, value } = command
  if (referee !== 0 && state?.decisions[referee] === 'hidden') return words.takenHidden
  return value === 'good' ? words.takenWhite : words.takenRed
}
