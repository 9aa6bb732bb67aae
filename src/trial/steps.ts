import type { SeatRole } from '../protocol/contract/seat.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'

/** What a trial asks of the person beside the device, one thing after the other. */

/** The roles whose devices can be tried. */
export const triedRoles = [
  'referee',
  'timekeeper',
  'juryMember',
  'juryPresident',
] as const satisfies readonly SeatRole[]
export type TriedRole = (typeof triedRoles)[number]

export interface TriedSeat {
  readonly platform: Platform
  readonly role: TriedRole
  /** 1–3 for referees, 1–5 for jury members; 1 for a president's own vote. */
  readonly number: number
}

/** What the simulated owlcms, or the line, does as a step begins. */
export type Act =
  | 'nothing'
  /** The clock runs, then stops; the other referees wait. */
  | 'lift'
  /** As `lift`, and the two other referees decide, so that owlcms reminds the tried one (docs/owlcms.md 4.1). */
  | 'liftToRemind'
  /** A lift ends with the lights, so that the jury can decide about it. */
  | 'liftJudged'
  | 'callAthlete'
  | 'deliberation'
  | 'breakOver'
  | 'summon'
  /** owlcms loses its connection and comes back, deaf for a second (docs/owlcms.md 1.5). */
  | 'restartOwlcms'
  /** The device's connection is cut and nothing is let in until the next step. */
  | 'cutLine'

/** One thing that the device is asked for. */
export interface Step {
  readonly name: string
  /** Said to the person. */
  readonly words: string
  readonly act: Act
  /**
   * The one message that the person's button means, as docs/owlcms.md 2.2 has it: topic without the platform, and payload.
   * Absent: nothing may come.
   */
  readonly expected?: { readonly topic: string; readonly payload: string }
  /** Milliseconds until the trial goes on, whatever came. A step that expects something ends soon after it came. */
  readonly lastsMs: number
}

const patienceMs = 45_000
const quietMs = 6_000
const cutMs = 8_000
/** A queue that a library kept is flushed within the first seconds after CONNACK (docs/owlcms.md 3.5). */
const afterCutMs = 12_000

/** The steps for one seat, in order. */
export function stepsFor({ role, number }: TriedSeat): readonly Step[] {
  switch (role) {
    case 'referee':
      return refereeSteps(number)
    case 'timekeeper':
      return timekeeperSteps()
    case 'juryMember':
      return juryMemberSteps(number)
    case 'juryPresident':
      return presidentSteps()
    default:
      return role satisfies never
  }
}

function refereeSteps(number: number): readonly Step[] {
  const decide = (name: string, words: string, act: Act, verdict: 'good' | 'bad'): Step =>
    ask(name, words, act, 'refbox/decision', `${number} ${verdict}`)
  return [
    decide('white', 'The lift is over. Push WHITE (good lift) once.', 'lift', 'good'),
    decide('red', 'The next lift is over. Push RED (no lift) once.', 'lift', 'bad'),
    decide(
      'reminder',
      'The other two have decided. Wait until the device reminds you (light or beep, after 2 s), then push WHITE.',
      'liftToRemind',
      'good',
    ),
    quiet('summons', 'The jury calls you: the device should light up or beep. Push nothing.', 'summon'),
    ...lineSteps((name, words) => decide(name, words, 'lift', 'good'), 'Push RED twice'),
  ]
}

function timekeeperSteps(): readonly Step[] {
  const press = (name: string, words: string, act: Act, payload: string): Step =>
    ask(name, words, act, 'clock', payload)
  return [
    press('start', 'An athlete is called. Start the clock.', 'callAthlete', 'start'),
    press('stop', 'Stop the clock.', 'nothing', 'stop'),
    press('two minutes', 'Set the clock to 2 minutes.', 'nothing', '120'),
    press('one minute', 'Set the clock to 1 minute.', 'nothing', '60'),
    ...lineSteps(
      (name, words) => press(name, words.replace('WHITE', 'START'), 'callAthlete', 'start'),
      'Push START twice',
    ),
  ]
}

function juryMemberSteps(number: number): readonly Step[] {
  const vote = (name: string, words: string, verdict: 'good' | 'bad'): Step =>
    ask(name, words, 'deliberation', 'jurybox/juryMember/decision', `${number} ${verdict}`)
  return [
    vote('good vote', 'The jury deliberates. Vote WHITE (good lift) once.', 'good'),
    vote('bad vote', 'Another deliberation. Vote RED (no lift) once.', 'bad'),
    ...lineSteps((name, words) => vote(name, words, 'good'), 'Push RED twice'),
  ]
}

function presidentSteps(): readonly Step[] {
  return [
    ask(
      'deliberation',
      'A lift has been judged. Push DELIBERATION.',
      'liftJudged',
      'jurybox/break',
      'deliberation',
    ),
    ask('decision', 'Decide: GOOD LIFT.', 'nothing', 'jurybox/decision', 'good'),
    ask(
      'challenge',
      'A team challenges the decision. Push CHALLENGE.',
      'callAthlete',
      'jurybox/break',
      'challenge',
    ),
    ask('resume', 'End the break: push RESUME.', 'nothing', 'jurybox/break', 'stop'),
    ask('summon', 'Call referee 2.', 'nothing', 'jurybox/summon', '2'),
    ask('technical break', 'Push TECHNICAL BREAK.', 'breakOver', 'jurybox/break', 'technical'),
    ...lineSteps(
      (name, words) => ask(name, words.replace('WHITE', 'RESUME'), 'nothing', 'jurybox/break', 'stop'),
      'Push TECHNICAL BREAK twice',
    ),
  ]
}

/** What every device goes through at the end: owlcms gone and back, then its own line. */
function lineSteps(again: (name: string, words: string) => Step, whileCut: string): readonly Step[] {
  return [
    quiet('owlcms restarts', 'owlcms restarts. The device may flash. Push nothing.', 'restartOwlcms'),
    again('after a restart', 'owlcms is back. Push WHITE once.'),
    {
      name: 'line cut',
      words: `The device’s connection is cut. ${whileCut} now, while it is.`,
      act: 'cutLine',
      lastsMs: cutMs,
    },
    {
      name: 'line back',
      words: 'The connection is back. Push nothing.',
      act: 'nothing',
      lastsMs: afterCutMs,
    },
    again('after the cut', 'Push WHITE once more. Then you are done.'),
  ]
}

function ask(name: string, words: string, act: Act, topic: string, payload: string): Step {
  return { name, words, act, expected: { topic, payload }, lastsMs: patienceMs }
}

function quiet(name: string, words: string, act: Act): Step {
  return { name, words, act, lastsMs: quietMs }
}
