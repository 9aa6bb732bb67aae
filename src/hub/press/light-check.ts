import type { LightCheckOverview } from '../../protocol/contract/console-api.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import { seatKey, type Seat } from '../../protocol/contract/seat.ts'
import type { DrillStep } from '../../protocol/contract/stream-message.ts'
import type { Clock } from '../../support/clock.ts'
import { LightCheckRun, type DrilledPress, type DrillNotice } from './light-check-run.ts'
import type { Principal } from '../people/permissions.ts'

export interface LightCheckOptions {
  readonly clock: Clock
  readonly stateOf: (platform: Platform) => PlatformState | undefined
  /** Seats of this platform on which a client sits that is connected now. */
  readonly seated: (platform: Platform) => ReadonlySet<string>
  /** The name by which an organiser knows the client of this session. */
  readonly nameOf: (session: string) => string
}

/** Why a check can't start now. */
export type LightCheckRefusal = 'unknownPlatform' | 'notInBreak' | 'juryAtWork' | 'running'

/**
 * The light check: in a break, asks each seat in turn to press white, then red, to feel the reminder and to hear the
 * summons. While it runs, no press of the platform reaches owlcms. It ends by itself: when all are through, when lifting
 * starts or the jury deliberates, or after three minutes. One at a time per platform; the last result stays to be read.
 */
export class LightCheck {
  readonly #options: LightCheckOptions
  readonly #runs = new Map<Platform, LightCheckRun>()
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
    if (isJuryAtWork(state)) return 'juryAtWork'
    if (this.#runs.get(platform)?.isOn === true) return 'running'
    const { clock, seated, nameOf } = this.#options
    const changed = (): void => {
      for (const listener of this.#listeners) listener(platform)
    }
    const run = new LightCheckRun({ clock, seated: seated(platform), nameOf, changed })
    this.#runs.set(platform, run)
    run.begin()
    return undefined
  }

  /** The organiser ends it. */
  stop(platform: Platform): void {
    this.#runs.get(platform)?.end('stopped')
  }

  /** The platform's state changed: lifting and the jury end the check at once, so that no real press is kept back. */
  stateChanged(platform: Platform, state: PlatformState): void {
    if (!isPause(state)) this.#runs.get(platform)?.end('liftingStarted')
    else if (isJuryAtWork(state)) this.#runs.get(platform)?.end('juryBegan')
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

/** owlcms counts these as breaks too, and yet votes, decision and summonses in them are real. */
function isJuryAtWork({ phase }: PlatformState): boolean {
  return phase.kind === 'break' && (phase.breakType === 'JURY' || phase.breakType === 'CHALLENGE')
}
