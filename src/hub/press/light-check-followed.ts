import type { CheckAnswered, CheckTold } from '../../protocol/contract/check-news.ts'
import { endedSeat } from '../../protocol/contract/check-news.ts'
import type { LightCheckOverview } from '../../protocol/contract/console-api.ts'
import { defined } from '../../protocol/defined.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Answer, Check } from './light-check-run.ts'

/** Milliseconds between two words of the bridge that asks, while nothing changes. */
export const retellMs = 3_000
/** Silent for so long, that bridge is gone, and presses are owlcms's again. */
const goneMs = 10_000

export interface FollowedOptions {
  readonly clock: Clock
  /** The process that asks, and its name. */
  readonly leader: string
  readonly name: string
  readonly ownName: string
  readonly told: CheckTold
  readonly send: (answer: CheckAnswered) => void
  readonly changed: () => void
}

/**
 * A light check that another bridge asks: its seats here are asked too, and what they answer goes there. It ends here by
 * itself, whatever that bridge says: when lifting starts, when it falls silent, or after its three minutes.
 */
export class FollowedCheck implements Check {
  readonly leader: string
  readonly #options: FollowedOptions
  readonly #startedAt: number
  readonly #endsAt: number
  readonly #cancelEnd: CancelTimer
  #seats: LightCheckOverview['seats']
  #ended: LightCheckOverview['ended']
  #cancelGone: CancelTimer | undefined

  constructor(options: FollowedOptions) {
    const { clock, leader, told } = options
    this.#options = options
    this.leader = leader
    this.#startedAt = clock.now() - told.ranMs
    this.#endsAt = clock.now() + told.leftMs
    this.#seats = told.seats
    this.#cancelEnd = clock.setTimer(told.leftMs, () => this.end('timeOver'))
  }

  get run(): string {
    return this.#options.told.run
  }

  get isOn(): boolean {
    return this.#ended === undefined
  }

  /** How it stands now. */
  hear({ seats, ended }: CheckTold): void {
    if (!this.isOn) return
    this.#seats = seats
    this.#cancelGone?.()
    this.#cancelGone = this.#options.clock.setTimer(goneMs, () => this.end('bridgeGone'))
    if (ended === undefined) this.#options.changed()
    else this.end(ended)
  }

  answered({ seat, device, did, delayMs }: Answer): void {
    const answer = { seat, device, did, ...defined({ delayMs }) }
    this.#say({ seat: answer })
  }

  stop(): void {
    this.#say({ stop: true })
  }

  end(why: NonNullable<LightCheckOverview['ended']>): void {
    if (!this.isOn) return
    this.#ended = why
    this.#cancelEnd()
    this.#cancelGone?.()
    this.#options.changed()
  }

  overview(): LightCheckOverview {
    const { name, ownName } = this.#options
    const seats = this.#seats.map((seat) => {
      const { bridge = name, ...rest } = seat
      return seat.device === undefined || bridge === ownName ? rest : { ...rest, bridge }
    })
    return {
      state: this.isOn ? 'running' : 'done',
      startedAt: this.#startedAt,
      endsAt: this.#endsAt,
      ...defined({ ended: this.#ended }),
      seats: this.isOn ? seats : seats.map(endedSeat),
    }
  }

  #say(what: Pick<CheckAnswered, 'seat' | 'stop'>): void {
    const { platform, run } = this.#options.told
    this.#options.send({ platform, run, ...what })
  }
}
