import type { LightCheckOverview, LightCheckSeat } from '../protocol/console-api.ts'
import type { CommandKind, Platform } from '../protocol/owlcms.ts'
import type { PlatformState } from '../protocol/platform-state.ts'
import type { Publication } from '../protocol/publication.ts'
import { parseSeatKey, seatKey, seatOfCommand, type Seat } from '../protocol/seat.ts'
import type { DrillStep } from '../protocol/stream-message.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { leadingNumber, type Principal } from './permissions.ts'
import { percentile } from './seat-statistics.ts'

/** Milliseconds a check may last; a break is rarely shorter, and nobody wants it to reach into the lifting. */
export const checkMs = 180_000
/** Milliseconds that a seat has for one step; who reads the question and presses needs two or three seconds. */
export const stepMs = 10_000

export interface LightCheckOptions {
  readonly clock: Clock
  readonly stateOf: (platform: Platform) => PlatformState | undefined
  /** Seats of this platform on which a client sits that is connected now. */
  readonly seated: (platform: Platform) => ReadonlySet<string>
  /** The name by which an organiser knows the client of this session. */
  readonly nameOf: (session: string) => string
}

/** Why a check can't start now. */
export type LightCheckRefusal = 'unknownPlatform' | 'notInBreak' | 'running'

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

/**
 * The light check: in a break, asks each seat in turn to press white, then red, to feel the reminder and to hear the
 * summons. While it runs, no press of the platform reaches owlcms. It ends by itself: when all are through, when lifting
 * starts, or after three minutes. One at a time per platform; the last result stays to be read.
 */
export class LightCheck {
  readonly #options: LightCheckOptions
  readonly #runs = new Map<Platform, Run>()
  readonly #listeners = new Set<(platform: Platform) => void>()

  constructor(options: LightCheckOptions) {
    this.#options = options
  }

  /** Told when keypads of a platform may have to be told something; returns the function that ends it. */
  listen(listener: (platform: Platform) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(platform: Platform): LightCheckRefusal | undefined {
    const state = this.#options.stateOf(platform)
    if (state === undefined) return 'unknownPlatform'
    if (!isPause(state)) return 'notInBreak'
    if (this.#runs.get(platform)?.isOn === true) return 'running'
    const run = new Run(platform, this.#options, () => {
      for (const listener of this.#listeners) listener(platform)
    })
    this.#runs.set(platform, run)
    run.begin()
    return undefined
  }

  /** The organiser ends it. */
  stop(platform: Platform): void {
    this.#runs.get(platform)?.end('stopped')
  }

  /** The platform's state changed: lifting ends the check at once, so that no real press is kept back. */
  stateChanged(platform: Platform, state: PlatformState): void {
    if (!isPause(state)) this.#runs.get(platform)?.end('liftingStarted')
  }

  /** Whether the check takes this press; then owlcms must not get it. */
  takes(press: DrilledPress): boolean {
    const run = this.#runs.get(press.platform)
    if (run?.isOn !== true) return false
    run.pressed(press)
    return true
  }

  /** A seat felt or heard what it was asked about. */
  done(principal: Principal, clientId: string, step: DrillStep): void {
    if (principal.kind === 'seat')
      this.#runs.get(principal.platform)?.done(seatKey(principal), clientId, step)
  }

  noticeFor(seat: Seat): DrillNotice {
    return this.#runs.get(seat.platform)?.noticeFor(seatKey(seat)) ?? { on: false }
  }

  overview(platform: Platform): LightCheckOverview | undefined {
    return this.#runs.get(platform)?.overview()
  }
}

/** A ceremony is in a break too. What is idle may be a bridge that has only just started: then nobody knows. */
function isPause({ phase }: PlatformState): boolean {
  return phase.kind === 'break' || phase.kind === 'ceremony'
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
  readonly delaysMs: number[]
}

class Run {
  readonly #clock: Clock
  readonly #nameOf: LightCheckOptions['nameOf']
  readonly #changed: () => void
  readonly #places: readonly Place[]
  readonly #startedAt: number
  #ended: LightCheckOverview['ended']
  #cancelStep: CancelTimer | undefined
  #cancelRun: CancelTimer | undefined

  constructor(platform: Platform, { clock, seated, nameOf }: LightCheckOptions, changed: () => void) {
    this.#clock = clock
    this.#nameOf = nameOf
    this.#changed = changed
    this.#startedAt = clock.now()
    this.#places = placesOf(seated(platform))
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
    const number = leadingNumber(publication)
    const from = principal.kind === 'seat' ? principal : seatOfCommand(kind, number)
    const place = from === undefined ? undefined : this.#places.find(({ seat }) => seat === seatKey(from))
    if (place === undefined) return
    place.device = this.#nameOf(session)
    if (madeAt !== undefined) place.delaysMs.push(Math.max(0, this.#clock.now() - madeAt))
    const step = place.steps[place.at]
    if (place.state !== 'asked' || step === undefined) return
    if (step === 'press' || step === colourOf(publication)) this.#advance(place)
    // A wrong colour is told at once; the seat stays asked until its time is over.
    else place.fault = 'wrongColour'
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

  #seat({ seat, state, steps, at, device, fault, delaysMs }: Place): LightCheckSeat {
    const step = steps[at]
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
    place.state = 'passed'
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
    return [{ seat, steps, at: 0, state: 'waiting', device: undefined, fault: undefined, delaysMs: [] }]
  })
}

const decoder = new TextDecoder()

/** White is a good lift, red is none; of a jury member as of a referee. */
function colourOf({ payload }: Publication): 'white' | 'red' | undefined {
  const text = decoder.decode(payload)
  if (text.endsWith('good')) return 'white'
  return text.endsWith('bad') ? 'red' : undefined
}
