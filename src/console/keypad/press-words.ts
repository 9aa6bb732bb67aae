import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { Press } from '../stream/presses.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import type { Verdict } from '../../protocol/owlcms/topics.ts'
import type { Pad } from './pad.ts'
import { hasFlags, isIdle, type PageSeat } from './seat-facts.ts'

/** How a sentence about a press is dressed. */
export type Tone = 'quiet' | 'good' | 'bad'

export interface PressWords {
  readonly tone: Tone
  readonly text: string
}

/**
 * What stands under the keys: what became of the latest press, else what owlcms has of this seat, and else that nothing is to
 * be decided now. All of it is about what is on now: a press that is over is gone from the view.
 */
export function seatWords({ view, state, seat, texts }: Pad): PressWords | undefined {
  const { press } = view
  if (press !== undefined) return pressWords(press, state, seat, texts)
  if (view.drill !== undefined) return undefined
  if (seat.role === 'referee') {
    const has = state?.decisions[seat.number as 1 | 2 | 3]
    if (has !== undefined) return { tone: 'good', text: hasText(has, texts) }
  }
  if (!isIdle(seat, state)) return undefined
  const { nothingNow, clockRests } = texts.keypad
  return { tone: 'quiet', text: seat.role === 'timekeeper' ? clockRests : nothingNow }
}

/**
 * What to say about the latest press. When an answer was lost on the way but owlcms's echo stands in the state, the echo
 * counts.
 */
function pressWords(
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
      return { tone: 'good', text: drillText(command, texts) }
    case 'refused':
      return { tone: 'bad', text: refusedText(press.state.reason, seat, texts) }
    default:
      return press.state satisfies never
  }
}

/** The light check's answer names the colour that arrived: swapped wires show at once. */
function drillText(command: StreamCommand, { keypad: { press: words } }: KeypadTexts): string {
  if (!('value' in command) || command.kind === 'juryVote') return words.drill
  return command.value === 'good' ? words.drillWhite : words.drillRed
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
  return hasText(referee !== 0 && state?.decisions[referee] === 'hidden' ? 'hidden' : value, texts)
}

function hasText(value: Verdict | 'hidden', { keypad: { press: words } }: KeypadTexts): string {
  return { good: words.takenWhite, bad: words.takenRed, hidden: words.takenHidden }[value]
}
