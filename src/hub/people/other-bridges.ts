import { deviceName, shortName } from '../../protocol/contract/device-name.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Clock } from '../../support/clock.ts'
import type { UpstreamLink } from '../upstream-link.ts'
import { Company } from './company.ts'
import { Elsewhere } from './elsewhere.ts'
import type { Presence } from './presence.ts'
import { SeatDesk } from './seat-desk.ts'
import { SharedSeats } from './shared-seats.ts'

/** Who follows what other bridges say. */
export interface BridgeListener {
  /** Another bridge is there. */
  came?(): void
  /** One speaks that didn't before: it may not have heard what was said till then. */
  spoke?(): void
  /** On a bridge's topic, our own included. */
  said?(publication: Publication): void
}

export interface OtherBridgesOptions {
  readonly clock: Clock
  readonly identity: { readonly name: string; readonly id: string }
  readonly upstream: UpstreamLink
  /** Our own devices. */
  readonly presence: Presence
  /** Whether the bridge of this name reaches the broker through us. */
  readonly isBelow: (name: string) => boolean
}

/** One hall, however many bridges (R13): what the others say comes in here, and what we tell them goes out. */
export class OtherBridges {
  /** Who is there. */
  readonly company: Company
  /** The seats of all bridges. */
  readonly seats: SharedSeats
  /** Who sits on our own. */
  readonly desk: SeatDesk
  /** Their devices and presses. */
  readonly elsewhere: Elsewhere
  readonly #upstream: UpstreamLink
  readonly #listeners: BridgeListener[] = []

  constructor(options: OtherBridgesOptions) {
    const { clock, identity, upstream, presence, isBelow } = options
    this.#upstream = upstream
    const nameOf = (key: string): string => deviceName(presence.clientIdOf(key))
    this.company = new Company({
      clock,
      identity,
      gone: (bridge) => {
        this.seats.bridgeGone(bridge)
        this.elsewhere.bridgeGone(bridge)
      },
    })
    this.seats = new SharedSeats({
      clock,
      identity,
      company: this.company,
      labelOf: nameOf,
      publish: (publication, settled) => upstream.publish(publication, settled),
      changed: (platform, seat) => this.desk.reconsider(platform, seat),
      decided: ({ platform, seat, keep }) => this.#keepOnly(platform, seat, keep),
    })
    this.desk = new SeatDesk(clock, this.seats)
    this.elsewhere = new Elsewhere({
      clock,
      identity,
      company: this.company,
      tell: (publication) => this.tell(publication),
      isBelow,
      nameOf: (key) => shortName(nameOf(key)),
    })
    this.elsewhere.listen((report) => presence.explained(report))
  }

  /** Follows what they say. */
  listen(listener: BridgeListener): void {
    this.#listeners.push(listener)
  }

  /** Says something to them, while there are any. */
  tell(publication: Publication): void {
    if (this.#upstream.ready && this.company.hasOthers) this.#upstream.publish(publication, () => undefined)
  }

  /** The organiser's word: this device, here or at another bridge, holds the seat, the others must go. False: it is gone. */
  decideSeat(platform: string, seat: string, keep: string): boolean {
    const there = [
      ...this.seats.foreign(),
      ...this.elsewhere.devices().map(({ device, ...place }) => ({ ...place, id: device.id })),
    ]
    const isElsewhere = there.some((at) => at.platform === platform && at.seat === seat && at.id === keep)
    if (!isElsewhere && !this.desk.has(platform, seat, keep)) return false
    this.#keepOnly(platform, seat, keep)
    this.seats.decide({ platform: platform as Platform, seat, keep })
    return true
  }

  #keepOnly(platform: string, seat: string, keep: string): void {
    if (!this.desk.decide(platform, seat, keep)) this.desk.yield(platform, seat)
  }

  linkChanged(up: boolean): void {
    this.seats.linkChanged(up)
    this.company.linkChanged()
    this.elsewhere.linkChanged(up)
  }

  /** A publication on a bridge's topic came down from the broker. */
  receive(publication: Publication): void {
    const { came, spoke } = this.company.hear(publication)
    if (came) this.seats.companyCame()
    if (came) this.elsewhere.companyCame()
    this.seats.receive(publication)
    this.elsewhere.receive(publication)
    for (const listener of this.#listeners) {
      if (came) listener.came?.()
      if (spoke) listener.spoke?.()
      listener.said?.(publication)
    }
  }
}
