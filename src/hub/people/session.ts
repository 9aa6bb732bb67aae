import type { Staleness } from '../../protocol/field/fence.ts'
import type { CommandFault } from '../../protocol/owlcms/topics.ts'
import type { Recipient } from '../routing/fan-out.ts'
import type { Principal, PublishDenial } from './permissions.ts'
import type { SeatPlace } from './seat-desk.ts'
import type { PublishOutcome } from '../upstream-link.ts'

/** Who presses, at whichever edge, as the hub knows it. Edges make it and keep it as long as the client is there. */
export interface Presser {
  /** Names it in the presence list; unique among the sessions of the moment. */
  readonly key: string
  readonly principal: Principal
  /** The edge by which it speaks. */
  readonly via: 'mqtt' | 'stream'
  /** Its place on the seat it is there for; while another device holds that, what it presses is refused. */
  readonly place?: Pick<SeatPlace, 'state' | 'press'> | undefined
}

/** A client that hears what it subscribed to as well. */
export interface Session extends Presser, Recipient {
  /** Told when the client reads too slowly; the edge ends it. */
  slow(): void
  /** Calls back once: whether the operating system has taken all that was offered so far, or the line broke first. */
  taken(done: (taken: boolean) => void): void
  /** Cuts the line, so that nothing that waits in it arrives later (R4). */
  cut(): void
}

/** How a publication reached us, as far as it matters for its age. */
export interface Circumstances {
  /** The client marked it as sent again (DUP): it may be minutes old (R3). */
  readonly redelivered: boolean
  /** It came in the burst right after CONNECT, as an offline queue does when it is flushed (R4). */
  readonly flushed: boolean
  /** The attempt fence its sender saw, where the edge carries one (R4). */
  readonly fence?: number
  /** When it was pressed, a moment of our clock, where the sender can tell. */
  readonly madeAt?: number
  /** Its client sends more than it may. */
  readonly overRate?: boolean
}

/** What became of a client's publication; reported exactly once. */
export type PressOutcome =
  | PublishOutcome
  | { readonly kind: 'denied'; readonly why: PublishDenial }
  | { readonly kind: 'invalid'; readonly why: CommandFault }
  /** owlcms has just (re)connected and does not listen yet (R11). */
  | { readonly kind: 'deaf' }
  /** A redelivered command, perhaps minutes old (R3). */
  | { readonly kind: 'redelivered' }
  /** Held back, since it may come from an offline queue (R4). */
  | { readonly kind: 'held' }
  | { readonly kind: 'tooFast' }
  /** Made for another attempt, or too old for what it is (R4, PROTOCOL.md part 3). */
  | { readonly kind: 'tooLate'; readonly why: Staleness }
  /** The light check took it; owlcms never sees it. */
  | { readonly kind: 'drill' }

/**
 * What owlcms made of a press that the broker has. `taken`: its echo proves it; `notTaken`: none came in time;
 * `delivered`: nothing can prove more, `because` of the kind of press (echo.ts), of the link that broke meanwhile, or
 * of more presses than anybody watches.
 */
export type PressReceipt =
  | { readonly outcome: 'taken' | 'notTaken' }
  | {
      readonly outcome: 'delivered'
      readonly because: 'noEcho' | 'alreadySo' | 'deferred' | 'linkLost' | 'notWatched'
    }
