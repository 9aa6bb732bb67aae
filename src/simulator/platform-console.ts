import type { Clock } from '../support/clock.ts'
import type { BreakType, CeremonyType } from './breaks.ts'
import type { Faults } from './faults.ts'
import type { FieldOfPlay, InputOutcome } from './field-of-play.ts'
import type { LiftingOrder } from './lifting-order.ts'
import { OwnSimulation } from './own-simulation.ts'
import type { Rules } from './rules.ts'
import type { SimulatedPlatform } from './simulated-platform.ts'
import { Voice } from './voice.ts'

const lampStepMs = 1000

/**
 * What browsers do at one platform of owlcms, and what goes wrong there; docs/owlcms.md 4.10. No call
 * waits: the effects are publications, and the state of the field of play.
 */
export class PlatformConsole {
  readonly #platform: SimulatedPlatform
  readonly #clock: Clock

  constructor(platform: SimulatedPlatform, clock: Clock) {
    this.#platform = platform
    this.#clock = clock
  }

  /** For looking at it; devices' messages come through the broker. */
  get fieldOfPlay(): FieldOfPlay {
    return this.#platform.fieldOfPlay
  }

  /** Knobs, to be set at any time. */
  get faults(): Faults {
    return this.#platform.faults
  }

  /** Loads, reloads or switches the session. */
  loadSession(order: LiftingOrder): void {
    this.fieldOfPlay.loadSession(order)
  }

  startLifting(): void {
    this.fieldOfPlay.startLifting()
  }

  /** The marshal changed a weight in the lifting order, which already has it. */
  changeWeight(): void {
    this.fieldOfPlay.weightChanged()
  }

  /** The announcer's answer to the jury's decision. */
  answerJury(answer: 'confirm' | 'cancel'): void {
    this.fieldOfPlay.answerJury(answer)
  }

  /** Starts or changes a break; it ends by itself after `countdownMs`, if told. */
  beginBreak(type: BreakType, countdownMs?: number): void {
    this.fieldOfPlay.beginBreak(type, countdownMs)
  }

  beginCeremony(type: CeremonyType): InputOutcome {
    return this.fieldOfPlay.beginCeremony(type)
  }

  endCeremony(): InputOutcome {
    return this.fieldOfPlay.endCeremony()
  }

  /** The jury's size belongs to the whole competition: `SimulatedOwlcms.setJurySize`. */
  changeRules(changes: Partial<Readonly<Omit<Rules, 'jurySize'>>>): void {
    this.fieldOfPlay.changeRules(changes)
  }

  /** Cuts the connection; what is published is lost until {@link reconnect}. */
  disconnect(): void {
    this.#platform.disconnect()
  }

  /** Connects again: lamp test, deaf for a second, the athlete under review is forgotten. */
  reconnect(): void {
    this.#platform.reconnect()
  }

  /** From now on a second client processes each device message once more. */
  addTwin(): void {
    this.#platform.addTwin()
  }

  /** Starts owlcms's own competition simulator, which presses for itself (docs/owlcms.md 4.9, T8). */
  simulate(sessions: readonly LiftingOrder[], random: () => number): OwnSimulation {
    const publish = (topic: string, payload: string) => this.#platform.publish(topic, payload)
    return new OwnSimulation({ fieldOfPlay: this.fieldOfPlay, clock: this.#clock, publish, random, sessions })
  }

  /** The test of down lamps, outside any lift (docs/owlcms.md 1.10, `mqttDownSignal`). */
  testDownLamps(): void {
    const voice = new Voice(this.fieldOfPlay.platform, (topic, payload) =>
      this.#platform.publish(topic, payload),
    )
    const steps = [
      ...[90, 30, 0].map((seconds) => () => voice.fop('timeRemaining', String(seconds))),
      () => voice.fop('down'),
    ]
    steps.forEach((step, index) => this.#clock.setTimer(index * lampStepMs, step))
  }
}
