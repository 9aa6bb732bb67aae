import type { Principal } from '../../hub/people/permissions.ts'
import { audienceOf } from '../../hub/field/sight.ts'
import type { Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { LoginBudget } from '../../support/login-budget.ts'
import { networkOf } from '../../support/network-of.ts'
import { Buckets } from '../../support/token-bucket.ts'
import { Places, ranks, type Occupant, type Rank } from './places.ts'
import { WaitingRoom, type Stranger } from './waiting-room.ts'

/** Who a guest turned out to be. */
export interface Identity {
  readonly principal: Principal
  /** A device that had to show nothing. */
  readonly anonymous?: boolean
  /** What it calls itself. */
  readonly client: string
}

/** How many devices at their full rate one address may hold that show no seat. */
const devicesPerAddress = 4

/**
 * The one book of everybody who is here, at whichever edge: who may enter, and how fast each may press. Whatever one
 * guest opens, sends or guesses is counted where it costs no other guest a place or a press: by seat, or else by
 * address (R12).
 */
export class GuestBook {
  readonly logins: LoginBudget
  readonly clock: Clock
  /** What a seat or device presses; the same over all of its connections and comings. */
  readonly presses: Buckets
  readonly pressesPerAddress: Buckets
  readonly places: Places
  readonly room: WaitingRoom
  /** Those whose token or password is being looked at: as many as might get in. */
  readonly lookedUp: Places

  /** `logins`: where others compare passwords, too. */
  constructor(clock: Clock, limits: ClientLimits, logins = new LoginBudget(clock, limits)) {
    this.clock = clock
    this.logins = logins
    const { messagesPerSecond, messageBurst } = limits
    this.presses = new Buckets(messagesPerSecond, messageBurst)
    this.pressesPerAddress = new Buckets(
      messagesPerSecond * devicesPerAddress,
      messageBurst * devicesPerAddress,
    )
    this.places = new Places(limits)
    this.room = new WaitingRoom(limits)
    this.lookedUp = new Places(limits)
  }

  /** Somebody comes, of whom nothing is known yet. `giveWay` is called, at most once, when it must go for others. */
  arrive(address: string, giveWay: () => void): Guest {
    return new Guest(this, address, giveWay)
  }
}

/** One connection, from its first moment to its end. */
export class Guest implements Stranger {
  readonly address: string
  readonly network: string
  readonly giveWay: () => void
  readonly #book: GuestBook
  #lookedUp: Occupant | undefined
  #occupant: Occupant | undefined
  #pressNames: readonly string[] = []
  #gone = false

  constructor(book: GuestBook, address: string, giveWay: () => void) {
    this.#book = book
    this.address = address
    this.network = networkOf(address)
    this.giveWay = giveWay
    book.room.enter(this)
  }

  /** Whether nobody from there could get in now, whatever was shown. */
  get hopeless(): boolean {
    return !this.#book.places.has({ network: this.network, rank: ranks.proved, seat: undefined })
  }

  /** It has said who it is, and is being looked up: it gives way no longer. `full`: too many are. */
  spoke(): 'heard' | 'full' {
    const { room, lookedUp } = this.#book
    const occupant = { network: this.network, rank: ranks.proved, seat: undefined }
    if (!lookedUp.has(occupant)) return 'full'
    room.leave(this)
    lookedUp.take(occupant)
    this.#lookedUp = occupant
    return 'heard'
  }

  /** It is known now, and takes a place; `full`: there is none for it. */
  enter(identity: Identity): 'in' | 'full' {
    // It left while it was looked up: nobody would free its place.
    if (this.#gone) return 'full'
    const { places } = this.#book
    const { principal } = identity
    const seat = principal.kind === 'seat' ? audienceOf(principal) : undefined
    const occupant = { network: this.network, rank: rankOf(identity), seat }
    if (!places.has(occupant)) return 'full'
    this.#release()
    places.take(occupant)
    this.#occupant = occupant
    this.#pressNames = pressNames(identity, this.network)
    return 'in'
  }

  /** Counts a press; false: that is above the rate of its seat or address. */
  mayPress(): boolean {
    const { presses, pressesPerAddress, clock } = this.#book
    const now = clock.now()
    const [own = '', address] = this.#pressNames
    return (
      presses.of(own, now).take(now) &&
      (address === undefined || pressesPerAddress.of(address, now).take(now))
    )
  }

  /** It was ended, or is gone: counts no longer, however long its socket lingers. May be called again. */
  leave(): void {
    this.#gone = true
    this.#release()
  }

  #release(): void {
    const { room, lookedUp, places } = this.#book
    room.leave(this)
    if (this.#lookedUp !== undefined) lookedUp.free(this.#lookedUp)
    if (this.#occupant !== undefined) places.free(this.#occupant)
    this.#lookedUp = undefined
    this.#occupant = undefined
  }
}

function rankOf({ principal, anonymous = false }: Identity): Rank {
  if (principal.kind === 'viewer') return ranks.public
  return anonymous ? ranks.anonymous : ranks.proved
}

/** A seat's own name; of others the address, and beside it the client, so that one mad box doesn't silence its hall. */
function pressNames({ principal, client }: Identity, network: string): readonly string[] {
  if (principal.kind === 'seat') return [audienceOf(principal)]
  const address = `${principal.kind} at ${network}`
  return principal.kind === 'device' ? [`${client} ${address}`, address] : [address]
}
