import { readFileSync } from 'node:fs'
import { FieldOfPlay, type FieldOfPlayOptions, type InputOutcome } from '../../src/simulator/field-of-play.ts'
import type { Lift, LiftingOrder } from '../../src/simulator/lifting-order.ts'
import { readDeviceMessage } from '../../src/simulator/owlcms-input.ts'
import type { Verdict } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** Lifts in a fixed order, which remembers the results. */
export class FixedOrder implements LiftingOrder {
  readonly results: Verdict[] = []
  readonly #lifts: readonly Lift[]

  constructor(lifts: readonly Lift[]) {
    this.#lifts = lifts
  }

  current(): Lift | undefined {
    return this.#lifts[this.results.length]
  }

  record(verdict: Verdict): void {
    this.results.push(verdict)
  }

  changeLast(verdict: Verdict): void {
    this.results[this.results.length - 1] = verdict
  }
}

export const jane: Lift = {
  athleteId: 1,
  athleteName: 'DOE, Jane',
  attemptNumber: 1,
  liftType: 'SNATCH',
  session: 'W1',
}
export const zoe: Lift = { ...jane, athleteId: 2, athleteName: 'MÜLLER, Zoë' }

/** The JSON of `fop/start` in expected lines. */
export const janeStarts = `{"athleteName":"DOE, Jane","attemptNumber":1,"liftType":"SNATCH","session":"W1"}`

const docs = readFileSync(new URL('../../docs/owlcms.md', import.meta.url), 'utf8')

function documentedLines(name: string): string {
  const [, lines = ''] = docs.split(`\n**${name} `)[1]?.split('```') ?? []
  return lines
    .replaceAll(/\(announcer (\w+)s.*/g, '! $1')
    .replaceAll('{…}', janeStarts)
    .replaceAll(/\[(.*)\]/g, '$1')
    .split('\n')
    .map((line) => /^(t\+\d+) +([<>!] .+?)(?: \(empty\))?(?: {2}.*)?$/.exec(line))
    .flatMap((found) => (found === null ? [] : [`${found[1]} ${found[2]}`]))
    .join('\n')
}

/**
 * Timelines of docs/owlcms.md 4.9, without the notes beside their lines: `t+12000 < owlcms/clock/A stop`, and
 * `t+50000 ! confirm` for the announcer.
 */
export const documented = {
  t1: documentedLines('T1'),
  t2: documentedLines('T2'),
  t3: documentedLines('T3'),
  t4: documentedLines('T4'),
}

/** The lines of a timeline that begin so, from `fromMs` on, as `12000 clock/A stop`. */
export function linesOf(timeline: string, begin: '> owlcms/' | '< owlcms/|! ', fromMs = 0): string {
  return [...timeline.matchAll(new RegExp(`^t\\+(\\d+) (?:${begin})(.*)$`, 'gm'))]
    .map(([, at, said]) => `${fromMs + Number(at)} ${said}`)
    .join('\n')
}

/** A fake clock, and what was said on it as lines `t+<ms> …`. */
export class Transcript {
  readonly clock = new FakeClock()
  #lines: string[] = []
  #start = this.clock.now()

  protected note(line: string): void {
    this.#lines.push(`t+${this.clock.now() - this.#start} ${line}`.trimEnd())
  }

  /** Forgets what was said; time starts here. */
  restart(): void {
    this.#start = this.clock.now()
    this.#lines = []
  }

  /** What was said since the last time somebody asked. */
  said(): string[] {
    const said = this.#lines
    this.#lines = []
    return said
  }

  advanceTo(ms: number): void {
    this.clock.advance(this.#start + ms - this.clock.now())
  }
}

/** A field of play A that keeps all it says, as `t+<ms> > topic payload`. */
export class Stage extends Transcript {
  readonly order: FixedOrder
  readonly fieldOfPlay: FieldOfPlay

  constructor(lifts: readonly Lift[] = [jane, zoe], options: Partial<FieldOfPlayOptions> = {}) {
    super()
    this.order = new FixedOrder(lifts)
    this.fieldOfPlay = new FieldOfPlay({
      platform: 'A',
      clock: this.clock,
      publish: (topic, payload) => this.note(`> ${topic} ${payload}`),
      ...options,
    })
  }

  /** Loads the session and displays the first athlete; forgets what was said, and time starts here. */
  displayFirst(): this {
    this.fieldOfPlay.loadSession(this.order)
    this.fieldOfPlay.startLifting()
    this.restart()
    return this
  }

  press(topic: string, payload: string): InputOutcome {
    const { fieldOfPlay } = this
    const input = readDeviceMessage(topic, new TextEncoder().encode(payload), 'A', fieldOfPlay.abilities)
    return input === undefined ? 'ignored' : fieldOfPlay.handle(input)
  }

  /** Presses at `t+<ms>`. */
  pressAt(ms: number, topic: string, payload: string): InputOutcome {
    this.advanceTo(ms)
    return this.press(topic, payload)
  }
}
