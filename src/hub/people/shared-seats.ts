import {
  maxClaims,
  readSeatNews,
  seatNewsOf,
  type SeatClaim,
  type SeatDecision,
} from '../../protocol/contract/seat-claims.ts'
import { shortName } from '../../protocol/contract/device-name.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { PublishOutcome } from '../upstream-link.ts'
import type { Company } from './company.ts'

/** Milliseconds between two words of a bridge that isn't alone. */
const repeatMs = 3_000
/** From our own word's return until a seat is ours: what others said at the same moment has come by then on most networks. */
const settleMs = 100
/** The same where not every bridge has said by then that it heard our claim: it may be gone, and an official is not kept out for it. */
const agreeMs = 1_000
/** Our own word hasn't come back: nobody hears us, and an official is not kept waiting for that. */
export const unheardMs = 300

/** The device that a bridge's own desk would seat. */
export interface LocalHolder extends Pick<SeatClaim, 'device' | 'id' | 'asks'> {
  /** Of its session. */
  readonly key: string
}

/** A claim of another bridge, and that bridge's name. */
export interface ForeignClaim extends SeatClaim {
  readonly bridge: string
}

export interface SharedSeatsOptions {
  readonly clock: Clock
  readonly identity: { readonly name: string; readonly id: string }
  /** The other bridges; it hears of each publication first. */
  readonly company: Pick<Company, 'hasOthers' | 'isHeard' | 'hasLeft' | 'present'>
  readonly publish: (publication: Publication, settled: (outcome: PublishOutcome) => void) => void
  /** What people see of a device, by its session's key. */
  readonly labelOf: (key: string) => string
  /** Whether the seat may be ours has changed. */
  readonly changed: (platform: string, seat: string) => void
  /** The organiser decided at another bridge. */
  readonly decided: (decision: SeatDecision) => void
}

interface OwnClaim {
  holder: LocalHolder
  readonly platform: Platform
  readonly seat: string
  turn: number
  /** Its device has come, or come back, and has not been seated since: another bridge may still keep its old place. */
  fresh: boolean
  granted: boolean
  /** Our word about it came back a while ago; only others' words are missing. */
  settled: boolean
  cancel: CancelTimer | undefined
}

interface OtherClaims {
  readonly name: string
  readonly claims: readonly SeatClaim[]
  /** The highest turn that it has heard. */
  heard: number
}

/**
 * One seat, one device, on however many bridges (PROTOCOL.md 6). Each bridge says which seats its devices have or want; the
 * broker brings these words to all, our own included. A device's claim counts 0.1 s after our own word has come back, once every other
 * bridge has said that it heard the claim's turn (so that whatever it claims after that has a higher one, after Lamport), and nothing better came
 * with it: who asks goes before who only listens, then who sits already, then the lower turn, then the lower id. Of two
 * claims for one device the newer counts, since it moved. Alone, a bridge decides at once; unheard by anybody, too: agreement
 * never keeps an official out.
 */
export class SharedSeats {
  readonly #options: SharedSeatsOptions
  readonly #own = new Map<string, OwnClaim>()
  /** What other bridges claim, by their ids. */
  readonly #others = new Map<string, OtherClaims>()
  #turn = 0
  #up = false
  #upAt = 0
  /** When the link changed last, others were there. */
  #hadCompany = false
  /** Sent and not heard again yet. */
  #unheardSince: number | undefined
  #cancelRepeat: CancelTimer | undefined
  #planned = false

  constructor(options: SharedSeatsOptions) {
    this.#options = options
  }

  /** Other bridges are there, but our words to them don't come back: seats are decided by each for itself. */
  get isUnheard(): boolean {
    const since = this.#unheardSince
    const { clock, company } = this.#options
    return since !== undefined && company.hasOthers && clock.now() - since >= unheardMs
  }

  /** Whether our own holder of this seat may press. */
  mayHold(platform: string, seat: string): boolean {
    return this.#own.get(keyOf(platform, seat))?.granted === true
  }

  /** Whether another bridge, perhaps dead by now, claims the seat for this device, and with better right than we do for ours. */
  isAheadElsewhere(platform: string, seat: string, device: string): boolean {
    const key = keyOf(platform, seat)
    const own = this.#own.get(key)
    return this.#rivals(key).some(
      ([bridge, claim]) =>
        claim.device === device &&
        (own === undefined || !isBetter(this.#claimOf(own), this.#options.identity.id, claim, bridge)),
    )
  }

  /** What other bridges claim, by their names. */
  foreign(): readonly ForeignClaim[] {
    return [...this.#others.values()].flatMap(({ name, claims }) =>
      claims.map((claim) => ({ ...claim, bridge: name })),
    )
  }

  /** Our desk would seat this device, or nobody. `fresh`: it has just connected. */
  hold(platform: Platform, seat: string, holder: LocalHolder | undefined, fresh: boolean): void {
    const key = keyOf(platform, seat)
    const before = this.#own.get(key)
    if (holder === undefined) {
      if (before === undefined) return
      before.cancel?.()
      this.#own.delete(key)
      this.#tellSoon()
      return
    }
    if (before === undefined) {
      const claim: OwnClaim = {
        holder,
        platform,
        seat,
        turn: this.#nextTurn(),
        fresh: true,
        granted: false,
        settled: false,
        cancel: undefined,
      }
      this.#own.set(key, claim)
      this.#ask(claim)
      return
    }
    const same =
      before.holder.device === holder.device &&
      before.holder.id === holder.id &&
      before.holder.asks === holder.asks
    before.holder = holder
    // It may have been at another bridge meanwhile, whose claim is newer than ours.
    const moved = fresh && this.#rivals(key).some(([, { device }]) => device === holder.device)
    if (moved) {
      before.turn = this.#nextTurn()
      before.fresh = true
    }
    if (same && !moved) return
    if (before.granted && this.#isBest(before)) this.#tellSoon()
    else this.#ask(before)
  }

  /** The organiser decided here: the other bridges hear of it. */
  decide(decision: SeatDecision): void {
    this.#publish(false, decision)
  }

  /** While it goes down, {@link SharedSeatsOptions.company} still knows who was there. */
  linkChanged(up: boolean): void {
    const { company } = this.#options
    const hadCompany = this.#hadCompany
    this.#hadCompany = company.hasOthers
    this.#up = up
    this.#cancelRepeat?.()
    this.#unheardSince = undefined
    for (const claim of this.#own.values()) claim.cancel?.()
    if (!up) return
    this.#cancelRepeat = this.#options.clock.repeat(repeatMs, () => {
      if (this.#options.company.hasOthers) this.#publish(false)
    })
    for (const other of this.#others.values()) other.heard = 0
    this.#upAt = this.#options.clock.now()
    if (hadCompany || company.hasOthers) this.companyCame()
    else for (const claim of this.#own.values()) this.#ask(claim)
  }

  /** Another bridge has come, or shows itself after our own start: it says what it has, and so do we. */
  companyCame(): void {
    // It may have been there before us: what was agreed belongs to the connection that broke, and what a bridge decided alone to itself.
    if (this.#options.clock.now() - this.#upAt < agreeMs) {
      for (const claim of this.#own.values()) this.#withdraw(claim)
    }
    this.#publish(true)
    for (const claim of this.#own.values()) if (!claim.granted) this.#ask(claim, false)
  }

  /** The bridge of this id is gone, and its seats are free. */
  bridgeGone(bridge: string): void {
    const claims = this.#others.get(bridge)?.claims ?? []
    this.#others.delete(bridge)
    this.#reconsider(claims.map(({ platform, seat }) => keyOf(platform, seat)))
  }

  /** A publication on a bridge's topic came down from the broker; others than these are ignored. */
  receive(publication: Publication): void {
    const heard = readSeatNews(publication)
    if (heard === undefined) {
      // Who has left keeps its seats for a while, since its devices may come here; no word of it is awaited.
      this.#grantHeard()
      return
    }
    const { name, news } = heard
    const before = this.#turn
    for (const { turn } of news.claims) this.#turn = Math.max(this.#turn, turn)
    if (news.bridge === this.#options.identity.id) {
      this.#heardOurselves(news.claims)
      return
    }
    if (!this.#options.company.isHeard(news.bridge)) return
    const known = this.#others.get(news.bridge)
    const touched = new Set(
      [...(known?.claims ?? []), ...news.claims].map(({ platform, seat }) => keyOf(platform, seat)),
    )
    this.#others.set(news.bridge, { name, claims: news.claims, heard: news.heard })
    // Whoever claims waits for everybody's word that it was heard.
    if (news.asks || known === undefined || this.#turn > before) this.#tellSoon()
    if (news.decision !== undefined) this.#options.decided(news.decision)
    this.#reconsider(touched)
    this.#grantHeard()
  }

  #grantHeard(): void {
    for (const claim of this.#own.values()) {
      if (claim.settled && this.#isHeardByAll(claim)) this.#grantIfBest(claim)
    }
  }

  #ask(claim: OwnClaim, alone = !this.#options.company.hasOthers): void {
    if (alone) {
      this.#grant(claim)
      return
    }
    this.#withdraw(claim)
    this.#tellSoon()
    claim.settled = false
    claim.cancel?.()
    claim.cancel = this.#options.clock.setTimer(unheardMs, () => this.#grantIfBest(claim))
  }

  #heardOurselves(claims: readonly SeatClaim[]): void {
    this.#unheardSince = undefined
    for (const { platform, seat, turn, device, asks } of claims) {
      const claim = this.#own.get(keyOf(platform, seat))
      if (claim === undefined || claim.granted) continue
      if (claim.turn !== turn || claim.holder.device !== device || claim.holder.asks !== asks) continue
      // Who wasn't best in time is asked again when its rival leaves.
      if (claim.settled) continue
      claim.cancel?.()
      claim.cancel = this.#options.clock.setTimer(settleMs, () => this.#settle(claim))
    }
  }

  #settle(claim: OwnClaim): void {
    if (this.#isHeardByAll(claim)) {
      this.#grantIfBest(claim)
      return
    }
    claim.settled = true
    claim.cancel = this.#options.clock.setTimer(agreeMs - settleMs, () => this.#grantIfBest(claim))
  }

  #isHeardByAll({ turn }: OwnClaim): boolean {
    const { clock, company } = this.#options
    // Whose state the broker keeps answers us after our return, or is long dead.
    const awaited = clock.now() - this.#upAt < agreeMs ? company.present() : []
    return (
      awaited.every((bridge) => this.#others.has(bridge)) &&
      [...this.#others].every(([bridge, { heard }]) => heard >= turn || company.hasLeft(bridge))
    )
  }

  #grantIfBest(claim: OwnClaim): void {
    claim.cancel?.()
    claim.cancel = undefined
    claim.settled = false
    if (this.#own.get(keyOf(claim.platform, claim.seat)) === claim && this.#isBest(claim)) this.#grant(claim)
  }

  #grant(claim: OwnClaim): void {
    if (claim.granted) return
    claim.granted = true
    claim.fresh = false
    // Said at once: from here on others that come at the same moment are too late.
    this.#tellSoon()
    this.#options.changed(claim.platform, claim.seat)
  }

  #withdraw(claim: OwnClaim): void {
    if (!claim.granted) return
    claim.granted = false
    this.#options.changed(claim.platform, claim.seat)
  }

  #reconsider(keys: Iterable<string>): void {
    for (const key of keys) {
      const claim = this.#own.get(key)
      if (claim === undefined) continue
      if (claim.granted) {
        if (!this.#isBest(claim)) this.#withdraw(claim)
        continue
      }
      const place = this.#rivals(key).find(
        ([, { device, turn }]) => device === claim.holder.device && turn >= claim.turn,
      )
      if (claim.fresh && place !== undefined) {
        claim.turn = this.#nextTurn()
        this.#ask(claim)
      } else if (claim.cancel === undefined && this.#isBest(claim)) {
        // Whoever had the seat has left it: our claim is as old as it is, and was heard long ago.
        this.#ask(claim)
      }
    }
  }

  #isBest(claim: OwnClaim): boolean {
    const own = this.#claimOf(claim)
    const id = this.#options.identity.id
    return this.#rivals(keyOf(claim.platform, claim.seat)).every(([bridge, rival]) =>
      isBetter(own, id, rival, bridge),
    )
  }

  /** What other bridges claim of this seat, by their ids. */
  #rivals(key: string): readonly (readonly [string, SeatClaim])[] {
    return [...this.#others].flatMap(([bridge, { claims }]) =>
      claims
        .filter(({ platform, seat }) => keyOf(platform, seat) === key)
        .map((claim) => [bridge, claim] as const),
    )
  }

  /** One word for everything that one moment brings. */
  #tellSoon(): void {
    if (this.#planned) return
    this.#planned = true
    this.#options.clock.endOfTurn(() => {
      this.#planned = false
      if (this.#options.company.hasOthers) this.#publish(false)
    })
  }

  #publish(asks: boolean, decision?: SeatDecision): void {
    if (!this.#up) return
    const { identity, clock, publish } = this.#options
    const claims = [...this.#own.values()].slice(0, maxClaims).map((claim) => this.#claimOf(claim))
    const told = { bridge: identity.id, claims, asks, heard: this.#turn }
    this.#unheardSince ??= clock.now()
    publish(seatNewsOf(identity.name, decision === undefined ? told : { ...told, decision }), () => undefined)
  }

  #claimOf({ platform, seat, holder, turn, granted }: OwnClaim): SeatClaim {
    const { device, id, key, asks } = holder
    return {
      platform,
      seat,
      device,
      id,
      label: shortName(this.#options.labelOf(key)),
      asks,
      held: granted,
      turn,
    }
  }

  #nextTurn(): number {
    this.#turn += 1
    return this.#turn
  }
}

function isBetter(own: SeatClaim, ownBridge: string, other: SeatClaim, otherBridge: string): boolean {
  if (own.device === other.device) {
    return own.turn === other.turn ? ownBridge < otherBridge : own.turn > other.turn
  }
  if (own.asks !== other.asks) return own.asks
  if (own.held !== other.held) return own.held
  return own.turn === other.turn ? ownBridge < otherBridge : own.turn < other.turn
}

/** Names a seat among those of all platforms: its word has no space. */
export function keyOf(platform: string, seat: string): string {
  return `${seat} ${platform}`
}
