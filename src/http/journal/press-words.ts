import type { PressedItem, PressMessage } from '../../protocol/journal/items.ts'
import type { FenceEdge } from '../../protocol/field/state.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import { parseSeatKey } from '../../protocol/contract/seat.ts'
import { liftWord, light, ms, officialName, type Tone } from '../journal-vocabulary.ts'

/** What became of a press. */
export interface Fate {
  readonly text: string
  readonly tone: Tone
}

/** Who pressed, told by the seat, or by the message. */
export function presserName({ message, press }: PressedItem): string {
  const seat = press === undefined ? undefined : parseSeatKey(press.seat)
  if (seat !== undefined) {
    const names = {
      referee: 'referee',
      soloReferee: 'announcer',
      juryMember: 'jury member',
      juryPresident: 'jury',
      timekeeper: 'timekeeper',
      technicalController: 'technical controller',
    } as const
    // A jury president's number is the one of the vote.
    const isNumbered = seat.number !== undefined && seat.role !== 'juryPresident'
    return isNumbered ? `${names[seat.role]} ${seat.number}` : names[seat.role]
  }
  switch (message?.kind) {
    case 'refereeDecision':
      return message.referee === 0 ? 'announcer' : `referee ${message.referee}`
    case 'juryVote':
      return `jury member ${message.member}`
    case 'clock':
      return 'timekeeper'
    case 'juryBreak':
    case 'juryDecision':
    case 'summonRequest':
      return 'jury'
    case 'downEmitted':
    case undefined:
      return 'a device'
    default:
      return message satisfies never
  }
}

/** What was pressed. */
export function pressText({ message, press }: PressedItem): string {
  if (message !== undefined) return pressedText(message)
  return press === undefined ? 'a press' : reportedTexts[press.kind]
}

/** What became of it, as far as anybody here knows. */
export function pressFate({ source, press }: PressedItem): Fate {
  if (press !== undefined) return fateOf(press)
  return source === 'direct'
    ? { tone: 'plain', text: 'by a device at the broker itself' }
    : { tone: 'plain', text: 'passed on; the answer is not known yet' }
}

/**
 * Votes of the jury are secret until they are revealed, in the hall; the organiser hears everything anyhow, so this
 * page of the past tells them. It is for the administrator only.
 */
function pressedText(message: PressMessage): string {
  switch (message.kind) {
    case 'refereeDecision':
      return light[message.value]
    case 'juryVote':
    case 'juryDecision':
      return message.kind === 'juryVote' ? liftWord[message.value] : `decides: ${liftWord[message.value]}`
    case 'clock':
      return clockTexts[message.command]
    case 'juryBreak':
      return breakTexts[message.command]
    case 'summonRequest':
      return message.who === 0 ? 'calls all referees' : `calls ${officialName(message.who)}`
    case 'downEmitted':
      return 'gave the down signal itself'
    default:
      return message satisfies never
  }
}

const clockTexts = {
  start: 'starts the clock',
  stop: 'stops the clock',
  toggle: 'starts or stops the clock',
  '60': 'sets the clock to 60 s',
  '120': 'sets the clock to 120 s',
} as const

const breakTexts = {
  technical: 'asks for a technical break',
  deliberation: 'asks to deliberate',
  challenge: 'asks for a challenge',
  stop: 'ends the break',
} as const

/** What was pressed, of a press whose message never came back: the report holds no payload. */
const reportedTexts: Readonly<Record<PressReport['kind'], string>> = {
  clock: 'the clock',
  clockStart: clockTexts.start,
  clockStop: clockTexts.stop,
  clockToggle: clockTexts.toggle,
  clockSet: 'sets the clock',
  juryBreak: 'a break',
  technicalBreak: breakTexts.technical,
  deliberation: breakTexts.deliberation,
  challenge: breakTexts.challenge,
  breakStop: breakTexts.stop,
  summonReferee: 'calls referees',
  summonController: 'calls the technical controller',
  summonRequest: 'calls an official',
  refereeDecision: 'a decision',
  announcerDecision: 'a decision for all',
  juryVote: 'a vote',
  juryDecision: 'the jury’s decision',
  downEmitted: 'gave the down signal itself',
}

/** What became of a press, in words; what did not reach owlcms says so. */
function fateOf(press: PressReport): Fate {
  const { outcome, why, brokerMs, echoMs } = press
  switch (outcome) {
    case 'taken':
      return { tone: 'good', text: `taken by owlcms${echoMs === undefined ? '' : ` after ${ms(echoMs)}`}` }
    case 'notTaken':
      return { tone: 'bad', text: 'not taken: the broker has it, but owlcms did not answer within 1.5 s' }
    case 'delivered': {
      const after = brokerMs === undefined ? '' : ` after ${ms(brokerMs)}`
      return { tone: 'plain', text: `at the broker${after}${deliveredReasons[why ?? ''] ?? ''}` }
    }
    case 'tooLate':
      return {
        tone: 'bad',
        text: `too late: ${lateReasons[why ?? ''] ?? 'something happened before it came'} – not passed on`,
      }
    case 'refused':
      return {
        tone: 'bad',
        text: `refused: ${refusedReasons[why ?? ''] ?? 'the bridge may not pass it on'} – not passed on`,
      }
    case 'offline':
      return {
        tone: 'bad',
        text: `${why === 'noOwlcms' ? 'owlcms was not connected' : 'no link to the broker'} – not passed on`,
      }
    case 'lost':
      return {
        tone: 'bad',
        text: 'the link broke before the broker answered: it may have arrived – never sent again',
      }
    case 'drill':
      return { tone: 'plain', text: 'kept by the light check, not meant for owlcms' }
    default:
      return outcome satisfies never
  }
}

const deliveredReasons: Readonly<Record<string, string>> = {
  noEcho: '; owlcms never answers such a press',
  alreadySo: '; it changed nothing',
  deferred: '; owlcms keeps it until the lights are off',
  linkLost: '; then the link broke, so nobody knows whether owlcms took it',
  notWatched: '; too many presses at once to follow it',
}

const edgeReasons: Readonly<Record<FenceEdge, string>> = {
  athleteDisplayed: 'another athlete had been called',
  orderUpdated: 'the lifting order had changed',
  decisionShown: 'the decision was already shown',
  attemptRestarted: 'the attempt had been restarted',
  decisionsWiped: 'the decisions had been wiped',
  downGiven: 'the down signal had been given',
  breakBegan: 'a break had begun',
  breakChanged: 'the break had changed',
  liftingResumed: 'lifting had resumed',
  votesCleared: 'the votes had been cleared',
  clockRan: 'the clock was already running',
  clockStood: 'the clock was already standing',
  owlcmsRestarted: 'owlcms had been restarted',
}

const lateReasons: Readonly<Record<string, string>> = {
  ...edgeReasons,
  unknownPast: 'it was made before an outage or a restart',
  phase: 'the decision was already shown',
  age: 'it was under way for too long',
}

const refusedReasons: Readonly<Record<string, string>> = {
  notYourSeat: 'this seat may not press it',
  reserved: 'only owlcms may say it',
  outsideOwlcms: 'it is no message of owlcms',
  badNumber: 'it names an official who does not exist',
  badVerdict: 'it is neither good nor bad',
  badSummon: 'it calls an official who does not exist',
  deaf: 'owlcms was just starting and did not listen',
  redelivered: 'the device sent it a second time',
  held: 'it came right after the device connected, so it may be old',
  tooFast: 'too many presses at once',
  brokerRefused: 'the broker said no',
}
