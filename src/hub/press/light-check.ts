import type { LightCheckOverview } from '../../protocol/contract/console-api.ts'
import {
  checkNewsOf,
  mostRanMs,
  readCheckNews,
  type CheckAnswered,
  type CheckNews,
  type CheckTold,
  type SeatAnswer,
} from '../../protocol/contract/check-news.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import type { Publication } from '../../protocol/publication.ts'
import { seatKey, type Seat } from '../../protocol/contract/seat.ts'
import type { DrillStep } from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import type { Clock } from '../../support/clock.ts'
import { FollowedCheck, retellMs } from './light-check-followed.ts'
import type { Principal } from '../people/permissions.ts'
import { LightCheckRun, noticeOf, type Check, type DrillNotice } from './light-check-run.ts'

export interface LightCheckOptions {
  readonly clock: Clock
  readonly stateOf: (platform: Platform) => PlatformState | undefined
  /** Seats of this platform on which a client sits that is connected now, at whichever bridge. */
  readonly seated: (platform: Platform) => ReadonlySet<string>
  /** The name by which an organiser knows the client of this session. */
  readonly nameOf: (session: string) => string
  /** This bridge among others on the broker. */
  readonly identity: { readonly name: string; readonly id: string }
  /** Says something to the others, while there are any. */
  readonly tell: (publication: Publication) => void
}

/** Why a check can't start now. */
export type LightCheckRefusal = 'unknownPlatform' | 'notInBreak' | 'juryAtWork' | 'running'

/**
 * The light check: in a break, asks each seat in turn to press white, then red, to feel the reminder and to hear the
 * summons, on every bridge of the hall (PROTOCOL.md 6). While it runs, no press of the platform reaches owlcms. It ends by
 * itself: when all are through, when lifting starts or the jury deliberates, or after three minutes. One at a time per
 * platform; the last result stays to be read.
 */
export class LightCheck {
  readonly #options: LightCheckOptions
  readonly #checks = new Map<Platform, Check>()
  /** The names of our own. */
  readonly #runs = new Map<Check, string>()
  readonly #listeners = new Set<(platform: Platform) => void>()
  #count = 0

  constructor(options: LightCheckOptions) {
    this.#options = options
  }

  /** Told when keypads of a platform may have to be told something; returns the function that ends it. */
  listen(listener: (platform: Platform) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(platform: Platform): LightCheckRefusal | undefined {
    const { clock, seated, stateOf, identity } = this.#options
    const state = stateOf(platform)
    if (state === undefined) return 'unknownPlatform'
    if (!isPause(state)) return 'notInBreak'
    if (isJuryAtWork(state)) return 'juryAtWork'
    if (this.#checks.get(platform)?.isOn === true) return 'running'
    const run = new LightCheckRun({
      clock,
      seated: seated(platform),
      changed: () => this.#changed(platform, run),
    })
    this.#count += 1
    this.#put(platform, run, `${identity.id}-${this.#count}`)
    run.begin()
    this.#retell(platform, run)
    return undefined
  }

  /** The organiser ends it. */
  stop(platform: Platform): void {
    const check = this.#checks.get(platform)
    if (check?.isOn === true) check.stop()
  }

  /** The platform's state changed: lifting and the jury end the check at once, so that no real press is kept back. */
  stateChanged(platform: Platform, state: PlatformState): void {
    if (!isPause(state)) this.#checks.get(platform)?.end('liftingStarted')
    else if (isJuryAtWork(state)) this.#checks.get(platform)?.end('juryBegan')
  }

  /** Whether the check takes what an official pressed; then owlcms must not get it. Without a seat it is nobody's answer. */
  takes(platform: Platform, answer: SeatAnswer | undefined): boolean {
    const check = this.#checks.get(platform)
    if (check?.isOn !== true) return false
    if (answer !== undefined) check.answered(answer)
    return true
  }

  /** A seat felt or heard what it was asked about. */
  done(principal: Principal, session: string, did: DrillStep): void {
    if (principal.kind !== 'seat') return
    const check = this.#checks.get(principal.platform)
    const seat = seatKey(principal)
    if (noticeOf(check, seat).ask === did) {
      check?.answered({ seat, device: this.#options.nameOf(session), did })
    }
  }

  noticeFor(seat: Seat): DrillNotice {
    return noticeOf(this.#checks.get(seat.platform), seatKey(seat))
  }

  overview(platform: Platform): LightCheckOverview | undefined {
    return this.#checks.get(platform)?.overview()
  }

  /** Another bridge has come: it learns how the checks stand, or ended, once it knows of the platforms. */
  companyCame(): void {
    this.#options.clock.setTimer(retellMs, () => {
      for (const [platform, check] of this.#checks) {
        // While it runs, the bridge that asks tells it; its result all do, since that one may have restarted.
        if (this.#runs.has(check) || !check.isOn) this.#tell(platform, check)
      }
    })
  }

  /** A publication on a bridge's topic came down from the broker; others than these are ignored. */
  receive(publication: Publication): void {
    const heard = readCheckNews(publication)
    if (heard === undefined || heard.news.bridge === this.#options.identity.id) return
    const { name, news } = heard
    if (news.told !== undefined) this.#follow(name, news.bridge, news.told)
    if (news.answer !== undefined) this.#answered(name, news.answer)
  }

  #follow(name: string, leader: string, told: CheckTold): void {
    const { clock, identity, stateOf } = this.#options
    const { platform } = told
    const state = stateOf(platform)
    if (state === undefined) return
    const before = this.#checks.get(platform)
    if (before !== undefined && this.#runOf(before) === told.run) {
      // Who was there hears no more of it from those who followed.
      if (!(before instanceof FollowedCheck) || before.leader !== leader) return
      if (before.isOn) {
        before.hear(told)
        return
      }
    } else if (told.ended !== undefined && before !== undefined) {
      // An old result, told to somebody else who has come.
      if (clock.now() - told.ranMs <= before.overview().startedAt) return
    }
    // Of two that run the one of the lower bridge goes on, for everybody.
    const asks = before instanceof FollowedCheck ? before.leader : identity.id
    if (before?.isOn === true && (told.ended !== undefined || asks < leader)) return
    if (told.ended === undefined && (!isPause(state) || isJuryAtWork(state))) return
    before?.end('stopped')
    const check = new FollowedCheck({
      clock,
      leader,
      name,
      ownName: identity.name,
      told,
      send: (answer) => this.#say({ answer }),
      changed: () => this.#changed(platform, check),
    })
    this.#put(platform, check)
    check.hear(told)
  }

  #answered(bridge: string, { platform, run, seat, stop }: CheckAnswered): void {
    const check = this.#checks.get(platform)
    if (check === undefined || this.#runs.get(check) !== run || !check.isOn) return
    if (stop === true) check.stop()
    if (seat !== undefined) check.answered({ ...seat, bridge })
  }

  #runOf(check: Check): string | undefined {
    return check instanceof FollowedCheck ? check.run : this.#runs.get(check)
  }

  #put(platform: Platform, check: Check, run?: string): void {
    const before = this.#checks.get(platform)
    if (before !== undefined) this.#runs.delete(before)
    this.#checks.set(platform, check)
    if (run !== undefined) this.#runs.set(check, run)
  }

  #changed(platform: Platform, check: Check): void {
    if (this.#checks.get(platform) !== check) return
    if (this.#runs.has(check)) this.#tell(platform, check)
    for (const listener of this.#listeners) listener(platform)
  }

  /** Who missed a word, or came in the middle, hears the next one. */
  #retell(platform: Platform, check: Check): void {
    this.#options.clock.setTimer(retellMs, () => {
      if (!check.isOn) return
      this.#tell(platform, check)
      this.#retell(platform, check)
    })
  }

  #tell(platform: Platform, check: Check): void {
    const run = this.#runOf(check)
    if (run === undefined) return
    const { startedAt, endsAt, seats, ended } = check.overview()
    const now = this.#options.clock.now()
    const ranMs = Math.min(now - startedAt, mostRanMs)
    const leftMs = Math.max(0, endsAt - now)
    const told = { platform, run, ranMs, leftMs, ...defined({ ended }), seats }
    this.#say({ told })
  }

  #say(news: Omit<CheckNews, 'bridge'>): void {
    const { identity, tell } = this.#options
    tell(checkNewsOf(identity.name, { bridge: identity.id, ...news }))
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
