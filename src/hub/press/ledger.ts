import type { OwlcmsMessage } from '../../protocol/owlcms/message.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Clock } from '../../support/clock.ts'
import type { Platforms } from '../field/platforms.ts'
import { Press, type CommandTopic, type LedgerWays, type PressTold } from './press.ts'
import type { Circumstances, Presser } from '../people/session.ts'

/** Presses whose echo is waited for at once; a hall has a handful. Those beyond are not watched (R7). */
const maxWaiting = 1_000

/**
 * Follows each press from its arrival to owlcms's echo and reports its end, exactly once. What it knows of a
 * platform comes from {@link Platforms}; without that nothing is too late and nothing proves an echo.
 */
export class PressLedger {
  readonly #clock: Clock
  readonly #platforms: Platforms | undefined
  readonly #waitedMs: () => number
  readonly #listeners: ((report: PressReport) => void)[] = []
  readonly #waiting = new Map<Platform, Set<Press>>()
  #waitingCount = 0
  #number = 0

  /** `waitedMs`: how long what is read now may have waited, at most. */
  constructor(clock: Clock, platforms: Platforms | undefined, waitedMs = () => 0) {
    this.#clock = clock
    this.#waitedMs = waitedMs
    this.#platforms = platforms
    platforms?.listen({
      event: ({ platform, message, before }) => this.#heard(platform, message, before),
    })
  }

  /** Listeners are told in the turn in which a press ends, in their order. */
  listen(listener: (report: PressReport) => void): void {
    this.#listeners.push(listener)
  }

  /** A press has arrived; its end is told to `told` and to the listeners. */
  begin(
    presser: Presser,
    topic: CommandTopic,
    publication: Publication,
    circumstances: Circumstances,
    told: PressTold,
  ): Press {
    this.#number += 1
    const [waitedMs, number] = [this.#waitedMs(), this.#number]
    return new Press(this.#ways, { presser, topic, publication, circumstances, told, waitedMs, number })
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
      for (const listener of this.#listeners) listener(report)
    },
  }

  #heard(platform: Platform, message: OwlcmsMessage, before: PlatformState): void {
    const presses = this.#waiting.get(platform)
    if (presses === undefined) return
    for (const press of [...presses]) press.heard(message, before)
  }
}
