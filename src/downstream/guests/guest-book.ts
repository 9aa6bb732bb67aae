import type { Principal } from '../../hub/people/permissions.ts'
import { audienceOf } from '../../hub/field/sight.ts'
import type { Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { LoginBudget } from '../../support/login-budget.ts'
import { networkOf } from '../../support/network-of.ts'
import { whenKnown, type MaybePromise } from '../../support/maybe-promise.ts'
import { Buckets, TokenBucket } from '../../support/token-bucket.ts'
import type { Known, Login } from './authenticate.ts'
import { KeepAway } from './keep-away.ts'
import { Places, ranks, type Occupant, type Rank } from './places.ts'
import { WaitingRoom, type Stranger, type Visitor } from './waiting-room.ts'

/** Who a guest turned out to be. */
export interface Identity extends Pick<Known, 'principal' | 'anonymous'> {
  /** What it calls itself. */
  readonly client: string
}

/** What becomes of who comes. `busy`, `unauthorised`: see {@link Login}; `tooFast`: it flooded, and is to stay away. */
export type Admission =
  | { readonly kind: 'in'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: AdmissionRefusal }
/** Why somebody gets no place; `busy`: wrong passwords are being tried, `tooFast`: it flooded a moment ago. */
export type AdmissionRefusal = 'unauthorised' | 'busy' | 'full' | 'tooFast'

/** How many devices at their full rate one address may hold that show no seat. */
const devicesPerAddress = 4

/**
 * Messages of any kind that an official may send for each press, since a press has others around it; in a burst more,
 * for what a device kept while it was offline. Viewers, and who is not known yet, have no presses and less to say.
 */
const messagesPerPress = 4
const burstPerPress = 10

/** owlcms speaks for the whole competition, also when a recording of one is played quickly. */
const owlcmsTimes = 100

/** Bytes of a message that make it count for one more: a long list of filters is more work than a ping. */
const bytesPerMessage = 512

/**
 * The one book of everybody who is here, at whichever edge: who may enter, and how fast each may press. Whatever one
 * guest opens, sends or guesses is counted where it costs no other guest a place or a press: by seat, or else by
 * address (R12).
 */
export class GuestBook {
  readonly logins: LoginBudget
  readonly clock: Clock
  readonly limits: ClientLimits
  /** What a seat or device presses; the same over all of its connections and comings. */
  readonly presses: Buckets
  readonly pressesPerAddress: Buckets
  /** All that owlcms sends, where this bridge is its broker: of all its platforms together. */
  readonly owlcms: Buckets
  /** All that an official sends; the same over all connections from one address. */
  readonly messages: Buckets
  readonly keepAway: KeepAway
  readonly places: Places
  readonly room: WaitingRoom
  /** Those whose token or password is being looked at: as many as might get in. */
  readonly lookedUp: Places
  readonly #asks: Buckets

  /** `logins`: where others compare passwords, too. */
  constructor(clock: Clock, limits: ClientLimits, logins = new LoginBudget(clock, limits)) {
    this.clock = clock
    this.logins = logins
    const { messagesPerSecond, messageBurst } = limits
    this.limits = limits
    this.keepAway = new KeepAway(clock)
    this.messages = new Buckets(messagesPerSecond * messagesPerPress, messageBurst * burstPerPress)
    this.owlcms = new Buckets(messagesPerSecond * owlcmsTimes, messageBurst * owlcmsTimes)
    this.presses = new Buckets(messagesPerSecond, messageBurst)
    this.pressesPerAddress = new Buckets(
      messagesPerSecond * devicesPerAddress,
      messageBurst * devicesPerAddress,
    )
    this.places = new Places(limits)
    this.room = new WaitingRoom(limits)
    this.lookedUp = new Places(limits)
    this.#asks = new Buckets(limits.asksPerSecond, limits.askBurst)
  }

  /** Counts a request for a page, `cost` times; false: too many from that address. */
  mayAsk(address: string, cost: number): boolean {
    const now = this.clock.now()
    return this.#asks.of(networkOf(address), now).take(now, cost)
  }

  /** Somebody comes, of whom nothing is known yet, and is told, at most once, when it must go for others. */
  arrive(address: string, visitor: Visitor): Guest {
    return new Guest(this, address, visitor)
  }
}

/** One connection, from its first moment to its end. */
export class Guest implements Stranger {
  readonly address: string
  readonly network: string
  readonly #visitor: Visitor
  readonly #book: GuestBook
  #lookedUp: Occupant | undefined
  #occupant: Occupant | undefined
  /** Also of who was refused, as soon as it is known. */
  #identity: Identity | undefined
  #messages: TokenBucket | undefined
  #gone = false

  constructor(book: GuestBook, address: string, visitor: Visitor) {
    this.#book = book
    this.address = address
    this.network = networkOf(address)
    this.#visitor = visitor
    book.room.enter(this)
  }

  giveWay(): void {
    this.#visitor.giveWay()
  }

  /** Whether nobody from there could get in now, whatever was shown. */
  get hopeless(): boolean {
    return !this.#book.places.has({ network: this.network, rank: ranks.proved, seat: undefined })
  }

  /** It has said who it is, which `login` tells at once or later; then it takes a place. `identify`: for what more it said. */
  admit(login: MaybePromise<Login>, identify: (known: Known) => Identity): MaybePromise<Admission> {
    if (login instanceof Promise && !this.#mayBeLookedUp()) return { kind: 'refused', reason: 'full' }
    return whenKnown(login, (found) => {
      if (found.kind !== 'known')
        return { kind: 'refused', reason: found.kind === 'wrong' ? 'unauthorised' : 'busy' }
      const identity = identify(found)
      const entered = this.#enter(identity)
      return entered === 'in'
        ? { kind: 'in', principal: identity.principal }
        : { kind: 'refused', reason: entered }
    })
  }

  /** While it is looked up it gives way no longer. False: too many are. */
  #mayBeLookedUp(): boolean {
    const { room, lookedUp } = this.#book
    const occupant = { network: this.network, rank: ranks.proved, seat: undefined }
    if (!lookedUp.has(occupant)) return false
    room.leave(this)
    lookedUp.take(occupant)
    this.#lookedUp = occupant
    return true
  }

  /** It is known now, and takes a place. */
  #enter(identity: Identity): 'in' | 'full' | 'tooFast' {
    // It left while it was looked up: nobody would free its place.
    if (this.#gone) return 'full'
    const { places, messages, owlcms, clock } = this.#book
    const { principal } = identity
    this.#identity = identity
    if (this.awayMs > 0) return 'tooFast'
    const seat = principal.kind === 'seat' ? audienceOf(principal) : undefined
    const occupant = { network: this.network, rank: rankOf(identity), seat }
    if (!places.has(occupant)) return 'full'
    this.#release()
    places.take(occupant)
    this.#occupant = occupant
    const bounds = principal.kind === 'owlcms' ? owlcms : messages
    if (occupant.rank !== ranks.public)
      this.#messages = bounds.of(floodName(identity, this.network), clock.now())
    return 'in'
  }

  /**
   * Counts a message before it is read, whatever it is. False: it floods, is to be ended at once, and is kept away from
   * now on.
   */
  heard(bytes: number): boolean {
    const { clock, limits, keepAway } = this.#book
    const now = clock.now()
    this.#messages ??= new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now)
    if (this.#messages.take(now, 1 + Math.floor(bytes / bytesPerMessage))) return true
    if (this.#identity !== undefined) keepAway.flooded(floodName(this.#identity, this.network))
    return false
  }

  /** Milliseconds for which it is kept away. */
  get awayMs(): number {
    if (this.#identity === undefined) return 0
    return this.#book.keepAway.msLeft(floodName(this.#identity, this.network))
  }

  /** Counts a press; false: that is above the rate of its seat or address. */
  mayPress(): boolean {
    const { presses, pressesPerAddress, clock } = this.#book
    const now = clock.now()
    const [own = '', address] = this.#identity === undefined ? [] : pressNames(this.#identity, this.network)
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

function rankOf({ principal, anonymous }: Identity): Rank {
  if (principal.kind === 'viewer') return ranks.public
  return anonymous ? ranks.anonymous : ranks.proved
}

/** Who is kept away: a seat's holder at one address, so that a stolen code keeps nobody else from the seat; one box; the public there. */
function floodName({ principal, client }: Identity, network: string): string {
  if (principal.kind === 'seat') return `${audienceOf(principal)} at ${network}`
  return principal.kind === 'device' ? `${client} device at ${network}` : `${principal.kind} at ${network}`
}

/** A seat's own name; of others the address, and beside it the client, so that one mad box doesn't silence its hall. */
function pressNames({ principal, client }: Identity, network: string): readonly string[] {
  if (principal.kind === 'seat') return [audienceOf(principal)]
  const address = `${principal.kind} at ${network}`
  return principal.kind === 'device' ? [`${client} ${address}`, address] : [address]
}
