import type { LightCheckOverview, LightCheckSeat } from '../../protocol/contract/console-api.ts'
import { endedSeat, type SeatAnswer } from '../../protocol/contract/check-news.ts'
import { parseSeatKey, type Seat } from '../../protocol/contract/seat.ts'
import type { DrillStep } from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import { percentile } from './seat-statistics.ts'

/** Milliseconds a check may last; a break is rarely shorter, and nobody wants it to reach into the lifting. */
export const checkMs = 180_000
/** Milliseconds that a seat has for one step; who reads the question and presses needs two or three seconds. */
export const stepMs = 10_000

/** What a seat has to be told of the check of its platform. */
export interface DrillNotice {
  readonly on: boolean
  readonly ask?: DrillStep
  readonly result?: 'passed' | 'failed'
  readonly endsAt?: number
}

/** What an official did; `bridge`: at that other one. */
export type Answer = SeatAnswer & { readonly bridge?: string }

/** A light check of one platform, asked by this bridge or by another one. */
export interface Check {
  readonly isOn: boolean
  answered(answer: Answer): void
  /** The organiser's word. */
  stop(): void
  /** It can't go on here. */
  end(why: NonNullable<LightCheckOverview['ended']>): void
  overview(): LightCheckOverview
}

/** What a seat is told of a check. */
export function noticeOf(check: Check | undefined, seat: string): DrillNotice {
  if (check?.isOn !== true) return { on: false }
  const { endsAt, seats } = check.overview()
  const { state, step } = seats.find((one) => one.seat === seat) ?? {}
  return {
    on: true,
    endsAt,
    ...(state !== 'asked' || step === undefined ? {} : { ask: step }),
    ...(state === 'passed' || state === 'failed' ? { result: state } : {}),
  }
}

/** What each role is asked, in order. */
function stepsOf(role: Seat['role'], isPhone: boolean): readonly DrillStep[] {
  switch (role) {
    case 'referee':
    case 'soloReferee':
      // Only owlcms can ring a box, and it has no word for a test.
      return isPhone ? ['white', 'red', 'reminder', 'summon'] : ['white', 'red']
    case 'juryMember':
      return ['white', 'red']
    case 'timekeeper':
    case 'juryPresident':
      return ['press']
    case 'technicalController':
      return isPhone ? ['summon'] : []
    default:
      return role satisfies never
  }
}

interface Place {
  readonly seat: string
  readonly steps: readonly DrillStep[]
  at: number
  state: LightCheckSeat['state']
  device: string | undefined
  bridge: string | undefined
  fault: LightCheckSeat['fault'] | undefined
  /** The step at which the other colour came first: wires may be swapped, and the right one after it proves nothing. */
  wrongAt: DrillStep | undefined
  readonly delaysMs: number[]
}

/** What a run needs from outside. */
export interface RunOptions {
  readonly clock: Clock
  /** Seats of the platform on which a client sits that is connected now. */
  readonly seated: ReadonlySet<string>
  /** Keypads may have to be told something. */
  readonly changed: () => void
}

/** One light check of one platform, from its start to its result. */
export class LightCheckRun implements Check {
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #places: readonly Place[]
  readonly #startedAt: number
  #ended: LightCheckOverview['ended']
  #cancelStep: CancelTimer | undefined
  #cancelRun: CancelTimer | undefined

  constructor({ clock, seated, changed }: RunOptions) {
    this.#clock = clock
    this.#changed = changed
    this.#startedAt = clock.now()
    this.#places = placesOf(seated)
  }

  get isOn(): boolean {
    return this.#ended === undefined
  }

  begin(): void {
    this.#cancelRun = this.#clock.setTimer(checkMs, () => this.end('timeOver'))
    this.#next()
  }

  end(why: NonNullable<LightCheckOverview['ended']>): void {
    if (!this.isOn) return
    this.#ended = why
    this.#cancelStep?.()
    this.#cancelRun?.()
    this.#changed()
  }

  stop(): void {
    this.end('stopped')
  }

  answered({ seat, device, bridge, did, delayMs }: Answer): void {
    const place = this.#places.find((one) => one.seat === seat)
    if (place === undefined) return
    const step = place.state === 'asked' ? place.steps[place.at] : undefined
    // White, red and buttons are proved by pressing alone, what was felt or heard only when it was asked about.
    const isPress = did !== 'reminder' && did !== 'summon'
    if (!isPress && step !== did) return
    place.device = device
    place.bridge = bridge
    if (delayMs !== undefined) place.delaysMs.push(delayMs)
    if (step === undefined) return
    if (step === did || (isPress && step === 'press')) this.#advance(place)
    // A wrong colour is told at once; the seat stays asked until its time is over.
    else {
      place.fault = 'wrongColour'
      place.wrongAt ??= step
    }
  }

  overview(): LightCheckOverview {
    return {
      state: this.isOn ? 'running' : 'done',
      startedAt: this.#startedAt,
      endsAt: this.#startedAt + checkMs,
      ...defined({ ended: this.#ended }),
      seats: this.#places.map((place) => (this.isOn ? this.#seat(place) : endedSeat(this.#seat(place)))),
    }
  }

  #seat({ seat, state, steps, at, device, bridge, fault, wrongAt, delaysMs }: Place): LightCheckSeat {
    const step = state === 'asked' ? steps[at] : (wrongAt ?? steps[at])
    const p95Ms = percentile(delaysMs, 0.95)
    return {
      seat,
      state,
      ...defined({ device, bridge }),
      ...(step === undefined || state === 'passed' || state === 'waiting' ? {} : { step }),
      ...defined({ p95Ms }),
      ...(state !== 'failed' || fault === undefined ? {} : { fault }),
    }
  }

  /** Asks the next seat, or ends when there is none. */
  #next(): void {
    const place = this.#places.find(({ state }) => state === 'waiting')
    if (place === undefined) {
      this.end('allDone')
      return
    }
    place.state = 'asked'
    this.#ask(place)
  }

  #ask(place: Place): void {
    this.#cancelStep?.()
    place.fault = 'noPress'
    this.#cancelStep = this.#clock.setTimer(stepMs, () => {
      if (place.device === undefined) place.fault = 'nothing'
      if (place.wrongAt !== undefined) place.fault = 'wrongColour'
      place.state = 'failed'
      this.#next()
    })
    this.#changed()
  }

  #advance(place: Place): void {
    place.at += 1
    if (place.at < place.steps.length) {
      this.#ask(place)
      return
    }
    place.state = place.wrongAt === undefined ? 'passed' : 'failed'
    if (place.wrongAt !== undefined) place.fault = 'wrongColour'
    this.#next()
  }
}

const referees = ['referee-1', 'referee-2', 'referee-3']

/** The three referees in any case, unless one decides alone; all others as far as somebody sits there. */
function placesOf(seated: ReadonlySet<string>): readonly Place[] {
  const isSolo = seated.has('soloReferee') && !referees.some((seat) => seated.has(seat))
  const seats = new Set([...(isSolo ? [] : referees), ...[...seated].sort()])
  return [...seats].flatMap((seat): readonly Place[] => {
    const parsed = parseSeatKey(seat)
    const steps = parsed === undefined ? [] : stepsOf(parsed.role, seated.has(seat))
    if (steps.length === 0) return []
    return [
      {
        seat,
        steps,
        at: 0,
        state: 'waiting',
        device: undefined,
        bridge: undefined,
        fault: undefined,
        wrongAt: undefined,
        delaysMs: [],
      },
    ]
  })
}
