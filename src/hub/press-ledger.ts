import { expectedEcho, provesTaken, type Expectation } from '../protocol/echo.ts'
import { pressKind, whyStale, type Staleness } from '../protocol/fence.ts'
import type { FromDevice, OwlcmsMessage } from '../protocol/owlcms-message.ts'
import { commandKinds, type CommandKind, type Platform } from '../protocol/owlcms.ts'
import { parseMessage } from '../protocol/parse-message.ts'
import type { PlatformState } from '../protocol/platform-state.ts'
import type { PressReport, PressVerdict } from '../protocol/press-report.ts'
import type { Publication } from '../protocol/publication.ts'
import { initialPlatformState } from '../protocol/reduce-platform.ts'
import { seatKey, seatOfCommand } from '../protocol/seat.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Counters } from './counters.ts'
import { leadingNumber } from './permissions.ts'
import type { Platforms } from './platforms.ts'
import type { Circumstances, PressOutcome, PressReceipt, Session } from './session.ts'

/**
 * Milliseconds from the broker's acknowledgement to owlcms's echo, at most: owlcms answers within a round trip, so
 * what stays without an echo for so long was not taken (protocol.md 5.4).
 */
export const echoWaitMs = 1_500

/** Presses whose echo is waited for at once; a hall has a handful. Those beyond are not watched (R7). */
const maxWaiting = 1_000

export type CommandTopic = { readonly kind: CommandKind; readonly platform: Platform }

/** Told to the client that pressed. */
export interface PressTold {
  /** Exactly once. */
  settled(outcome: PressOutcome): void
  /** Once after `delivered`, never otherwise. */
  receipt(receipt: PressReceipt): void
}

/**
 * Follows each press from its arrival to owlcms's echo and reports its end, exactly once. What it knows of a
 * platform comes from {@link Platforms}; without that nothing is too late and nothing proves an echo.
 */
export class PressLedger {
  readonly #clock: Clock
  readonly #platforms: Platforms | undefined
  readonly #counters: Counters
  readonly #listeners = new Set<(report: PressReport) => void>()
  readonly #waiting = new Map<Platform, Set<Press>>()
  #waitingCount = 0
  #number = 0

  constructor(clock: Clock, counters: Counters, platforms: Platforms | undefined) {
    this.#clock = clock
    this.#counters = counters
    this.#platforms = platforms
    const nothing = (): void => undefined
    platforms?.listen({
      event: ({ platform, message, before }) => this.#heard(platform, message, before),
      reset: nothing,
      appeared: nothing,
      configured: nothing,
    })
  }

  /** Returns the function that ends it. Listeners are told in the turn in which a press ends. */
  listen(listener: (report: PressReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A press has arrived; its end is told to `told` and to the listeners. */
  begin(
    session: Session,
    topic: CommandTopic,
    publication: Publication,
    circumstances: Circumstances,
    told: PressTold,
  ): Press {
    this.#number += 1
    return new Press(this.#ways, { session, topic, publication, circumstances, told, number: this.#number })
  }

  /** What the platform shows now; undefined for one that owlcms does not have. */
  stateOf(platform: Platform): PlatformState | undefined {
    return this.#platforms?.now(platform)?.state
  }

  /** No echo can come any more: presses that the broker has are reported as `delivered`. */
  linkLost(): void {
    for (const presses of [...this.#waiting.values()]) for (const press of [...presses]) press.linkLost()
  }

  readonly #ways: LedgerWays = {
    now: () => this.#clock.now(),
    setTimer: (delayMs, callback) => this.#clock.setTimer(delayMs, callback),
    stateOf: (platform) => this.stateOf(platform),
    watch: (press) => {
      if (this.#waitingCount >= maxWaiting) return false
      let presses = this.#waiting.get(press.platform)
      if (presses === undefined) {
        presses = new Set()
        this.#waiting.set(press.platform, presses)
      }
      presses.add(press)
      this.#waitingCount += 1
      return true
    },
    ended: (press, report) => {
      const presses = this.#waiting.get(press.platform)
      if (presses?.delete(press) === true) this.#waitingCount -= 1
      if (presses?.size === 0) this.#waiting.delete(press.platform)
      if (report.outcome === 'taken') this.#counters.taken += 1
      else if (report.outcome === 'notTaken') this.#counters.notTaken += 1
      for (const listener of this.#listeners) listener(report)
    },
  }

  #heard(platform: Platform, message: OwlcmsMessage, before: PlatformState): void {
    const presses = this.#waiting.get(platform)
    if (presses === undefined) return
    for (const press of [...presses]) press.heard(message, before)
  }
}

interface LedgerWays {
  now(): number
  setTimer(delayMs: number, callback: () => void): CancelTimer
  stateOf(platform: Platform): PlatformState | undefined
  /** Whether there is room to wait for its echo. */
  watch(press: Press): boolean
  ended(press: Press, report: PressReport): void
}

interface PressFacts {
  readonly session: Session
  readonly topic: CommandTopic
  readonly publication: Publication
  readonly circumstances: Circumstances
  readonly told: PressTold
  readonly number: number
}

/** One press on its way. */
export class Press {
  readonly id: string
  readonly platform: Platform
  readonly #ways: LedgerWays
  readonly #facts: PressFacts
  readonly #at: number
  readonly #fenceNow: number | undefined
  readonly #message: FromDevice | undefined
  #expectation: Expectation | { readonly kind: 'none'; readonly because: 'notWatched' } | undefined
  #sentFence: number | undefined
  #brokerMs: number | undefined
  #echoMs: number | undefined
  #cancelWait: CancelTimer | undefined
  #settled = false
  #ended = false

  constructor(ways: LedgerWays, facts: PressFacts) {
    this.#ways = ways
    this.#facts = facts
    this.id = facts.number.toString(36)
    this.platform = facts.topic.platform
    this.#at = ways.now()
    this.#fenceNow = ways.stateOf(this.platform)?.fence
    const message = parseMessage(facts.publication.topic, facts.publication.payload)
    this.#message = isPress(message) ? message : undefined
  }

  /** Why it must not be passed on now (R4, PROTOCOL.md part 3); undefined: in time, or no rule is about it. */
  get staleness(): Staleness | undefined {
    const kind = this.#message === undefined ? undefined : pressKind(this.#message)
    const state = this.#ways.stateOf(this.platform)
    if (kind === undefined || state === undefined) return undefined
    const { fence, madeAt } = this.#facts.circumstances
    return whyStale(kind, fence, state, Math.max(0, this.#ways.now() - (madeAt ?? this.#at)))
  }

  /** It leaves for the broker now; owlcms's echo may come before the broker's acknowledgement. */
  sent(): void {
    if (this.#message === undefined) return
    const state = this.#ways.stateOf(this.platform) ?? initialPlatformState(this.platform)
    this.#sentFence = state.fence
    this.#expectation = expectedEcho(this.#message, state)
    if (this.#expectation.kind === 'echo' && !this.#ways.watch(this)) {
      this.#expectation = { kind: 'none', because: 'notWatched' }
    }
  }

  /** What became of it on the way to the broker; called exactly once. */
  settle(outcome: PressOutcome): void {
    if (this.#settled) throw new Error('a press is settled once')
    this.#settled = true
    this.#facts.told.settled(outcome)
    if (outcome.kind !== 'delivered') {
      // The echo is proof enough, whatever became of the acknowledgement.
      if (this.#echoMs !== undefined) this.#end('taken')
      else this.#end(verdictOf(outcome), reasonOf(outcome))
      return
    }
    this.#brokerMs = this.#ways.now() - this.#at
    const expectation = this.#expectation
    if (expectation === undefined) this.#receipt({ outcome: 'delivered', because: 'noEcho' })
    else if (expectation.kind === 'none') {
      this.#receipt({ outcome: 'delivered', because: expectation.because })
    } else if (this.#echoMs !== undefined) this.#receipt({ outcome: 'taken' })
    else {
      this.#cancelWait = this.#ways.setTimer(echoWaitMs, () => this.#receipt({ outcome: 'notTaken' }))
    }
  }

  /** `before`: what the platform showed when the message came. */
  heard(message: OwlcmsMessage, before: PlatformState): void {
    if (this.#echoMs !== undefined || this.#expectation?.kind !== 'echo') return
    if (!provesTaken(this.#expectation, message) || this.#isOver(before)) return
    this.#echoMs = this.#ways.now() - this.#at
    if (this.#settled) this.#receipt({ outcome: 'taken' })
  }

  /**
   * Whether another attempt has begun since a decision was sent: then the same verdict of the same referee comes from
   * another press. Clock and breaks begin attempts themselves, so their echo counts.
   */
  #isOver(now: PlatformState): boolean {
    if (this.#message?.kind !== 'refereeDecision') return false
    return whyStale('refereeDecision', this.#sentFence, now)?.kind === 'edge'
  }

  linkLost(): void {
    // What the broker has not acknowledged yet is settled by the link itself.
    if (this.#settled) this.#receipt({ outcome: 'delivered', because: 'linkLost' })
  }

  #receipt(receipt: PressReceipt): void {
    if (this.#ended) return
    this.#facts.told.receipt(receipt)
    this.#end(receipt.outcome, receipt.outcome === 'delivered' ? receipt.because : undefined)
  }

  #end(outcome: PressVerdict, why?: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelWait?.()
    const { session, topic, circumstances } = this.#facts
    const { fence } = circumstances
    this.#ways.ended(this, {
      id: this.id,
      platform: this.platform,
      kind: (this.#message === undefined ? undefined : pressKind(this.#message)) ?? topic.kind,
      seat: seatWord(this.#facts),
      via: session.via,
      client: session.key,
      at: this.#at,
      ...(fence === undefined ? {} : { fence }),
      ...(this.#fenceNow === undefined ? {} : { fenceNow: this.#fenceNow }),
      outcome,
      ...(why === undefined ? {} : { why }),
      ...(this.#brokerMs === undefined ? {} : { brokerMs: this.#brokerMs }),
      ...(this.#echoMs === undefined ? {} : { echoMs: this.#echoMs }),
    })
  }
}

/** Who sits on a seat's token speaks for that seat; of a device the message tells. */
function seatWord({ session, topic, publication }: PressFacts): string {
  if (session.principal.kind === 'seat') return seatKey(session.principal)
  const seat = seatOfCommand(topic.kind, leadingNumber(publication))
  return seat === undefined ? 'unknown' : seatKey(seat)
}

function isPress(message: OwlcmsMessage): message is FromDevice {
  return (commandKinds as readonly string[]).includes(message.kind)
}

type Failed = Exclude<PressOutcome, { readonly kind: 'delivered' }>

function verdictOf({ kind }: Failed): PressVerdict {
  switch (kind) {
    case 'offline':
    case 'lost':
    case 'tooLate':
    case 'drill':
      return kind
    case 'refused':
    case 'denied':
    case 'invalid':
    case 'deaf':
    case 'redelivered':
    case 'held':
    case 'tooFast':
      return 'refused'
    default:
      return kind satisfies never
  }
}

/** A fixed word for logs and the journal. */
function reasonOf(outcome: Failed): string | undefined {
  switch (outcome.kind) {
    case 'denied':
    case 'invalid':
      return outcome.why
    case 'tooLate':
      return outcome.why.kind === 'edge' ? outcome.why.edge : outcome.why.kind
    case 'deaf':
    case 'redelivered':
    case 'held':
    case 'tooFast':
      return outcome.kind
    case 'refused':
      return 'brokerRefused'
    case 'offline':
    case 'lost':
    case 'drill':
      return undefined
    default:
      return outcome satisfies never
  }
}
