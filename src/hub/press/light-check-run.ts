import type { LightCheckOverview, LightCheckSeat } from '../../protocol/contract/console-api.ts'
import type { CommandKind, Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import {
  leadingNumber,
  parseSeatKey,
  seatKey,
  seatOfCommand,
  type Seat,
} from '../../protocol/contract/seat.ts'
import type { DrillStep } from '../../protocol/contract/stream-message.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Principal } from '../people/permissions.ts'
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

/** A press that the check took instead of owlcms. */
export interface DrilledPress {
  readonly principal: Principal
  /** The session's key. */
  readonly session: string
  readonly platform: Platform
  readonly kind: CommandKind
  /** Already in owlcms's spelling. */
  readonly publication: Publication
  /** When it was pressed, on our clock, where the sender tells. */
  readonly madeAt?: number
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
  /** The name by which an organiser knows the client of this session. */
  readonly nameOf: (session: string) => string
  /** Keypads may have to be told something. */
  readonly changed: () => void
}

/** One light check of one platform, from its start to its result. */
export class LightCheckRun {
  readonly #clock: Clock
  readonly #nameOf: RunOptions['nameOf']
  readonly #changed: () => void
  readonly #places: readonly Place[]
  readonly #startedAt: number
  #ended: LightCheckOverview['ended']
  #cancelStep: CancelTimer | undefined
  #cancelRun: CancelTimer | undefined

  constructor({ clock, seated, nameOf, changed }: RunOptions) {
    this.#clock = clock
    this.#nameOf = nameOf
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
    for (const place of this.#places) {
      if (place.state === 'passed' || place.state === 'failed') continue
      place.fault = place.state === 'asked' ? 'interrupted' : 'notReached'
      place.state = 'failed'
    }
    this.#changed()
  }

  pressed({ principal, session, kind, publication, madeAt }: DrilledPress): void {
    const number = leadingNumber(publication.payload)
    const from = principal.kind === 'seat' ? principal : seatOfCommand(kind, number)
    const place = from === undefined ? undefined : this.#places.find(({ seat }) => seat === seatKey(from))
    if (place === undefined) return
    place.device = this.#nameOf(session)
    if (madeAt !== undefined) place.delaysMs.push(Math.max(0, this.#clock.now() - madeAt))
    const step = place.steps[place.at]
    if (place.state !== 'asked' || step === undefined) return
    if (step === 'press' || step === colourOf(publication)) this.#advance(place)
    // A wrong colour is told at once; the seat stays asked until its time is over.
    else {
      place.fault = 'wrongColour'
      place.wrongAt ??= step
    }
  }

  done(seat: string, session: string, step: DrillStep): void {
    const place = this.#places.find((one) => one.seat === seat)
    if (place?.state !== 'asked' || place.steps[place.at] !== step) return
    // White, red and buttons are proved by pressing alone.
    if (step !== 'reminder' && step !== 'summon') return
    place.device = this.#nameOf(session)
    this.#advance(place)
  }

  noticeFor(seat: string): DrillNotice {
    if (!this.isOn) return { on: false }
    const place = this.#places.find((one) => one.seat === seat)
    const ask = place?.state === 'asked' ? place.steps[place.at] : undefined
    return {
      on: true,
      endsAt: this.#startedAt + checkMs,
      ...(ask === undefined ? {} : { ask }),
      ...(place?.state === 'passed' || place?.state === 'failed' ? { result: place.state } : {}),
    }
  }

  overview(): LightCheckOverview {
    return {
      state: this.isOn ? 'running' : 'done',
      startedAt: this.#startedAt,
      endsAt: this.#startedAt + checkMs,
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      seats: this.#places.map((place) => this.#seat(place)),
    }
  }

  #seat({ seat, state, steps, at, device, fault, wrongAt, delaysMs }: Place): LightCheckSeat {
    const step = wrongAt ?? steps[at]
    const p95Ms = percentile(delaysMs, 0.95)
    return {
      seat,
      state,
      ...(device === undefined ? {} : { device }),
      ...(step === undefined || state === 'passed' || state === 'waiting' ? {} : { step }),
      ...(p95Ms === undefined ? {} : { p95Ms }),
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
        fault: undefined,
        wrongAt: undefined,
        delaysMs: [],
      },
    ]
  })
}

const decoder = new TextDecoder()

/** White is a good lift, red is none; of a jury member as of a referee. */
function colourOf({ payload }: Publication): 'white' | 'red' | undefined {
  const text = decoder.decode(payload)
  if (text.endsWith('good')) return 'white'
  return text.endsWith('bad') ? 'red' : undefined
}
