import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import { isBreak } from '../view/athlete.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import { recall, remember } from '../stream/browser-parts.ts'
import type { PageSeat } from './seat-facts.ts'

/** What a keyboard, presenter or Bluetooth button can be taught on a page. */
export type MainKey = 'white' | 'red' | 'start' | 'stop' | PresidentKey

type PresidentKey =
  | 'deliberation'
  | 'challenge'
  | 'technical'
  | 'resume'
  | 'good'
  | 'bad'
  | 'call1'
  | 'call2'
  | 'call3'
  | 'callAll'
  | 'callController'

interface PresidentAct {
  readonly command: StreamCommand
  /** Of owlcms's own jury keypad, which has none for a challenge. */
  readonly letter?: string
  /** Counts in a break only, as its key on the screen does. */
  readonly inBreak?: true
}

const presidentActs: Readonly<Record<PresidentKey, PresidentAct>> = {
  deliberation: { letter: 'd', command: { kind: 'juryBreak', command: 'deliberation' } },
  challenge: { command: { kind: 'juryBreak', command: 'challenge' } },
  technical: { letter: 't', command: { kind: 'juryBreak', command: 'technical' } },
  resume: { letter: 'escape', inBreak: true, command: { kind: 'juryBreak', command: 'stop' } },
  good: { letter: 'g', inBreak: true, command: { kind: 'juryDecision', value: 'good' } },
  bad: { letter: 'b', inBreak: true, command: { kind: 'juryDecision', value: 'bad' } },
  call1: { letter: 'h', command: { kind: 'summonRequest', who: 1 } },
  call2: { letter: 'i', command: { kind: 'summonRequest', who: 2 } },
  call3: { letter: 'j', command: { kind: 'summonRequest', who: 3 } },
  callAll: { letter: 'k', command: { kind: 'summonRequest', who: 0 } },
  callController: { letter: 'c', command: { kind: 'summonRequest', who: 4 } },
}

/** One key as the browser tells it. */
export interface Key {
  /** What it prints. */
  readonly key: string
  /** Where it is. */
  readonly code: string
}

/** Keys that this device has learned: the name of the key for each main key. */
export type LearnedKeys = Readonly<Partial<Record<MainKey, string>>>

/** The keys of a seat that a button can be taught, in the order in which it is asked for them. */
export function mainKeys({ role, number }: PageSeat): readonly MainKey[] {
  switch (role) {
    case 'referee':
    case 'soloReferee':
    case 'juryMember':
      return ['white', 'red']
    case 'juryPresident':
      return [
        ...(Object.keys(presidentActs) as PresidentKey[]),
        ...(number === undefined ? [] : (['white', 'red'] as const)),
      ]
    case 'timekeeper':
      return ['start', 'stop']
    case 'technicalController':
      return []
    default:
      return role satisfies never
  }
}

/** The name by which a key is remembered and shown; buttons without a place tell only what they print. */
export function keyName({ key, code }: Key): string {
  return code === '' ? key : code
}

/** What this key asks for on this seat's page: what was learned first, then as on owlcms's own keypads (docs/owlcms.md 3.9). */
export function commandOfKey(
  pressed: Key,
  seat: PageSeat,
  state: VisibleState | undefined,
  learned: LearnedKeys,
): StreamCommand | undefined {
  const name = keyName(pressed)
  const main = mainKeys(seat).find((one) => learned[one] === name)
  if (main !== undefined) return mainCommand(main, seat, state)
  switch (seat.role) {
    case 'referee':
    case 'soloReferee':
    case 'juryMember': {
      const value = verdictOf(pressed.key, seat.number)
      return value === undefined ? undefined : mainCommand(value, seat, state)
    }
    case 'juryPresident':
      return presidentCommand(pressed.key, seat, state)
    case 'timekeeper':
      return clockCommand(pressed, state)
    case 'technicalController':
      return undefined
    default:
      return seat.role satisfies never
  }
}

function mainCommand(
  main: MainKey,
  { role, number }: PageSeat,
  state: VisibleState | undefined,
): StreamCommand | undefined {
  if (main === 'start' || main === 'stop') return { kind: 'clock', command: main }
  if (main !== 'white' && main !== 'red') {
    const { inBreak, command } = presidentActs[main]
    return inBreak === undefined || isBreak(state) ? command : undefined
  }
  const value = main === 'white' ? 'good' : 'bad'
  if (role === 'soloReferee') return { kind: 'refereeDecision', referee: 0, value }
  if (role === 'referee') return { kind: 'refereeDecision', referee: number as 1 | 2 | 3, value }
  return { kind: 'juryVote', member: number as 1 | 2 | 3 | 4 | 5, value }
}

/** Odd digits are white, even ones red: 1 and 2 are the first official's, 9 and 0 the fifth's. Who is alone has all. */
function verdictOf(key: string, number: number | undefined): 'white' | 'red' | undefined {
  if (!/^[0-9]$/.test(key)) return undefined
  const digit = key === '0' ? 10 : Number(key)
  if (number !== undefined && Math.ceil(digit / 2) !== number) return undefined
  return digit % 2 === 1 ? 'white' : 'red'
}

function presidentCommand(
  key: string,
  seat: PageSeat,
  state: VisibleState | undefined,
): StreamCommand | undefined {
  const vote = seat.number === undefined ? undefined : verdictOf(key, seat.number)
  const main =
    vote ??
    (Object.keys(presidentActs) as PresidentKey[]).find(
      (one) => presidentActs[one].letter === key.toLowerCase(),
    )
  return main === undefined ? undefined : mainCommand(main, seat, state)
}

function clockCommand({ key, code }: Key, state: VisibleState | undefined): StreamCommand | undefined {
  const clock = (command: Extract<StreamCommand, { kind: 'clock' }>['command']): StreamCommand => ({
    kind: 'clock',
    command,
  })
  // Prints a comma in many countries, which would start.
  if (code === 'NumpadDecimal' || key === '.') return clock('stop')
  if (key === ',' || key === '/') return clock('start')
  if (key === '+') return clock('60')
  if (key === '=' || key === ';') return clock('120')
  return key === '*' ? clock(state?.clock.kind === 'running' ? 'stop' : 'start') : undefined
}

const storageKey = 'bridge-keys'

/** What this device has learned. */
export function learnedKeys(): LearnedKeys {
  try {
    const kept: unknown = JSON.parse(recall(storageKey) ?? '{}')
    return typeof kept === 'object' && kept !== null ? kept : {}
  } catch {
    return {} // Not ours.
  }
}

/** Keeps them in this browser; where it keeps nothing, until the page is left. */
export function keepKeys(learned: LearnedKeys): void {
  remember(storageKey, JSON.stringify(learned))
}

/** Calls back for each key that goes down once, but for those that move in the page; the answer ends that. */
export function onKeyDown(act: (key: Key) => boolean): () => void {
  const hear = (event: KeyboardEvent): void => {
    const { target } = event
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.key === 'Tab') return
    if (target instanceof HTMLSelectElement) return
    // The key under the finger's focus works by itself.
    if (target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return
    if (act(event)) event.preventDefault()
  }
  document.addEventListener('keydown', hear)
  return () => document.removeEventListener('keydown', hear)
}
