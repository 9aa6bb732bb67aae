import { expectedEcho, provesTaken, type Expectation } from '../../protocol/field/echo.ts'
import { isPress, type PressMessage } from '../../protocol/field/press-key.ts'
import { pressKind, whyStale, type Staleness } from '../../protocol/field/fence.ts'
import type { OwlcmsMessage } from '../../protocol/owlcms/message.ts'
import type { CommandKind, Platform } from '../../protocol/owlcms/topics.ts'
import { parseMessage } from '../../protocol/owlcms/parse.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import type { PressReport, PressVerdict } from '../../protocol/contract/press-report.ts'
import type { Publication } from '../../protocol/publication.ts'
import { initialPlatformState } from '../../protocol/field/reduce.ts'
import { leadingNumber, seatKey, seatOfCommand } from '../../protocol/contract/seat.ts'
import { defined } from '../../protocol/defined.ts'
import { bridgeOf } from '../people/permissions.ts'
import type { CancelTimer } from '../../support/clock.ts'
import { reasonOf, verdictOf } from './verdict.ts'
import type { Circumstances, Presser, PressOutcome, PressReceipt } from '../people/session.ts'

/**
 * Milliseconds from the broker's acknowledgement to owlcms's echo, at most: owlcms answers within a round trip, so
 * what stays without an echo for so long was not taken (docs/owlcms.md 5.4).
 */
export const echoWaitMs = 1_500

/** Where a press goes. */
export type CommandTopic = { readonly kind: CommandKind; readonly platform: Platform }

/** Told to the client that pressed. */
export interface PressTold {
  /** Exactly once. */
  settled(outcome: PressOutcome): void
  /** Once after `delivered`, never otherwise. */
  receipt(receipt: PressReceipt): void
}

/** What a press needs of the ledger that follows it. */
export interface LedgerWays {
  now(): number
  setTimer(delayMs: number, callback: () => void): CancelTimer
  stateOf(platform: Platform): PlatformState | undefined
  /** Whether there is room to wait for its echo. */
  watch(press: Press): boolean
  ended(press: Press, report: PressReport): void
}

/** What is known of a press when it arrives. */
export interface PressFacts {
  readonly presser: Presser
  readonly topic: CommandTopic
  readonly publication: Publication
  readonly circumstances: Circumstances
  readonly told: PressTold
  /** How long it may have waited before it was read, at most, in milliseconds. */
  readonly waitedMs: number
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
  readonly #message: PressMessage | undefined
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
    const { circumstances, waitedMs } = this.#facts
    const { fence, madeAt = this.#at - waitedMs } = circumstances
    return whyStale(kind, fence, state, Math.max(0, this.#ways.now() - madeAt))
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
    const { presser, topic, circumstances } = this.#facts
    const { fence } = circumstances
    const bridge = bridgeOf(presser.principal)
    this.#ways.ended(this, {
      id: this.id,
      platform: this.platform,
      kind: (this.#message === undefined ? undefined : pressKind(this.#message)) ?? topic.kind,
      seat: seatWord(this.#facts),
      via: presser.via,
      client: presser.key,
      ...defined({ bridge }),
      at: this.#at,
      ...defined({ fence, fenceNow: this.#fenceNow }),
      outcome,
      ...defined({ why, brokerMs: this.#brokerMs, echoMs: this.#echoMs }),
    })
  }
}

/** Who sits on a seat's token speaks for that seat; of a device the message tells. */
function seatWord({ presser, topic, publication }: PressFacts): string {
  if (presser.principal.kind === 'seat') return seatKey(presser.principal)
  const seat = seatOfCommand(topic.kind, leadingNumber(publication.payload))
  return seat === undefined ? 'unknown' : seatKey(seat)
}
