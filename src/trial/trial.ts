import { Competition } from '../simulator/competition.ts'
import { makeAthletes } from '../simulator/athletes.ts'
import type { FieldOfPlayState } from '../simulator/field-of-play.ts'
import { referees } from '../simulator/referee-decisions.ts'
import type { SimulatedOwlcms } from '../simulator/simulated-owlcms.ts'
import type { TopicFilter } from '../protocol/topic.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { DeviceExaminer } from './examiner.ts'
import type { TrialReport } from './finding.ts'
import { stepsFor, type Act, type Step, type TriedSeat } from './steps.ts'
import type { SentByDevice } from './trace.ts'

/** What is told of the device that is tried. */
export interface DeviceEvents {
  connected(clientId: string): void
  published(message: SentByDevice): void
  subscribed(filter: TopicFilter): void
}

/** The broker's side of the device's connection. */
export interface DeviceLine {
  /** Everything that happens from now on; one listener. */
  listen(events: DeviceEvents): void
  /** Ends the device's connections without a word, and lets nobody in until {@link open}. */
  cut(): void
  open(): void
}

export interface TrialOptions {
  readonly seat: TriedSeat
  /** With the seat's platform, connected to the same broker as the device. */
  readonly owlcms: SimulatedOwlcms
  readonly line: DeviceLine
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Tells the person beside the device what to do. */
  readonly say: (words: string) => void
}

export interface Trial {
  /** Never rejects. What was seen until then, if it is stopped early. */
  readonly done: Promise<TrialReport>
  stop(): void
}

/** A second message, or a bounce, still belongs to the step. */
const settleMs = 1_500
/** From calling the athlete to the end of the lift. */
const liftMs = 500
const awayMs = 500

/**
 * Leads one device through a lift and what can go wrong around it, and judges what it sent. Begins when owlcms has started and
 * the first device has connected.
 */
export function startTrial(options: TrialOptions): Trial {
  const running = new RunningTrial(options)
  return { done: running.done, stop: () => running.end() }
}

class RunningTrial {
  readonly done: Promise<TrialReport>
  readonly #options: TrialOptions
  readonly #examiner: DeviceExaminer
  #resolve: (report: TrialReport) => void = () => undefined
  #left: readonly Step[]
  #now: Step | undefined
  #owlcmsStarted = false
  #deviceThere = false
  #isCut = false
  #begun = false
  #ended = false
  #cancel: CancelTimer = () => undefined

  constructor(options: TrialOptions) {
    this.#options = options
    this.#examiner = new DeviceExaminer(options.seat)
    this.#left = stepsFor(options.seat)
    this.done = new Promise((resolve) => (this.#resolve = resolve))
    const { line, owlcms, clock } = options
    line.listen({
      connected: (clientId) => {
        this.#examiner.connected(clientId, clock.now())
        this.#deviceThere = true
        this.#beginIfReady()
      },
      subscribed: (filter) => this.#examiner.subscribed(filter),
      published: (message) => {
        if (this.#examiner.published(message, clock.now())) this.#nextIn(settleMs)
      },
    })
    void owlcms.ready.then((outcome) => {
      if (outcome === 'stopped') return
      this.#owlcmsStarted = true
      this.#beginIfReady()
    })
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancel()
    this.#resolve(this.#examiner.report())
  }

  #beginIfReady(): void {
    if (this.#begun || !this.#owlcmsStarted || !this.#deviceThere) return
    this.#begun = true
    const { platform } = this.#options.seat
    this.#field.loadSession(new Competition(platform, makeAthletes(12, this.#options.random)))
    this.#field.startLifting()
    // Programs subscribe and ask for the config first.
    this.#nextIn(settleMs)
  }

  get #field() {
    return this.#options.owlcms.fieldOfPlay(this.#options.seat.platform)
  }

  #nextIn(ms: number): void {
    this.#cancel()
    this.#cancel = this.#options.clock.setTimer(ms, () => this.#next())
  }

  #next(): void {
    const [step, ...left] = this.#left
    this.#left = left
    if (step === undefined) {
      this.end()
      return
    }
    const { clock, line, say } = this.#options
    if (this.#isCut) {
      this.#isCut = false
      this.#examiner.opened(clock.now())
      line.open()
    }
    this.#now = step
    this.#act(step.act, () => {
      if (this.#ended || this.#now !== step) return
      this.#examiner.begins(step, clock.now())
      say(step.words)
      this.#nextIn(step.lastsMs)
    })
  }

  #act(act: Act, done: () => void): void {
    const { clock, line, seat, owlcms } = this.#options
    switch (act) {
      case 'nothing':
        done()
        return
      case 'callAthlete':
        this.#callAthlete(done)
        return
      case 'lift':
        this.#lift(done)
        return
      case 'liftToRemind':
        this.#lift(() => {
          // One of each, so that owlcms waits for the third instead of giving the down signal.
          const [one, other] = referees.filter((referee) => referee !== seat.number)
          if (one !== undefined)
            this.#field.handle({ kind: 'refereeDecision', referee: one, verdict: 'good' })
          if (other !== undefined)
            this.#field.handle({ kind: 'refereeDecision', referee: other, verdict: 'bad' })
          done()
        })
        return
      case 'liftJudged':
        this.#lift(() => this.#callAthlete(done))
        return
      case 'deliberation':
        this.#callAthlete(() => {
          this.#field.handle({ kind: 'juryBreak', word: 'deliberation' })
          done()
        })
        return
      case 'breakOver':
        this.#callAthlete(done)
        return
      case 'summon':
        this.#callAthlete(() => {
          this.#field.handle({ kind: 'summon', official: seat.number })
          done()
        })
        return
      case 'restartOwlcms': {
        const platform = owlcms.platform(seat.platform)
        platform.disconnect()
        clock.setTimer(awayMs, () => platform.reconnect())
        done()
        return
      }
      case 'cutLine':
        this.#isCut = true
        this.#examiner.cut(clock.now())
        line.cut()
        done()
        return
      default:
        act satisfies never
    }
  }

  /** An athlete is called and his clock stands: what is on comes to its end first. */
  #callAthlete(done: () => void): void {
    const field = this.#field
    const { state } = field.view()
    switch (state) {
      case 'CURRENT_ATHLETE_DISPLAYED':
        done()
        return
      case 'INACTIVE':
      case 'BREAK':
        field.startLifting()
        break
      case 'TIME_RUNNING':
      case 'TIME_STOPPED':
      case 'DOWN_SIGNAL_VISIBLE':
        for (const referee of referees) {
          if (field.view().decisionOf(referee) === undefined)
            field.handle({ kind: 'refereeDecision', referee, verdict: 'good' })
        }
        break
      case 'DECISION_VISIBLE':
        break
      default:
        state satisfies never
    }
    this.#whenState('CURRENT_ATHLETE_DISPLAYED', done)
  }

  #lift(done: () => void): void {
    this.#callAthlete(() => {
      this.#field.handle({ kind: 'clockStart' })
      this.#options.clock.setTimer(liftMs, () => {
        this.#field.handle({ kind: 'clockStop' })
        done()
      })
    })
  }

  #whenState(wanted: FieldOfPlayState, done: () => void): void {
    const field = this.#field
    if (field.view().state === wanted) {
      done()
      return
    }
    const stop = field.watch(() => {
      if (field.view().state !== wanted) return
      stop()
      // Not from inside the change.
      this.#options.clock.setTimer(0, done)
    })
  }
}
