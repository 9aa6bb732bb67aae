import type { PressKind } from '../field/fence.ts'
import type { CommandKind, Platform } from '../owlcms/topics.ts'

/**
 * What became of a press. `taken`: owlcms's echo proves it. `notTaken`: the broker has it, but no echo came within
 * 1.5 s. `delivered`: the broker has it, and owlcms says nothing to such a press, so nothing proves more. `tooLate`:
 * the fence (R4). `refused`: permission, payload, rate, flush window, owlcms deaf, or the broker said no. `offline`:
 * no link, nothing was sent. `lost`: the link broke before the broker answered, so nobody knows. `drill`: kept back,
 * since the light check is on.
 */
export const pressOutcomes = [
  'taken',
  'notTaken',
  'delivered',
  'tooLate',
  'refused',
  'offline',
  'lost',
  'drill',
] as const
/** How a press ended; the reason beside it says more. */
export type PressVerdict = (typeof pressOutcomes)[number]

/** The life of one press, told once when it ended. Times in milliseconds; `at` is a moment of the bridge's clock. */
export interface PressReport {
  /** Names the press in log lines and the journal; unique within this process. */
  readonly id: string
  readonly platform: Platform
  /** The topic's kind where the payload could not be read. */
  readonly kind: PressKind | CommandKind
  /** The seat's word (`referee-2`), or `unknown` where the message tells none. */
  readonly seat: string
  /** The edge by which it came. */
  readonly via: 'mqtt' | 'stream'
  /** The session's key in the presence list. For the organiser only. */
  readonly client: string
  /** The other bridge through which it came; what it says is that bridge's word. */
  readonly bridge?: string
  /** When it reached the bridge. */
  readonly at: number
  /** The fence its sender saw, if it told one, and the platform's when it reached us. */
  readonly fence?: number
  readonly fenceNow?: number
  readonly outcome: PressVerdict
  /** Which rule refused it, as a fixed word; never a payload. */
  readonly why?: string
  /** From reaching us to the broker's acknowledgement, and to owlcms's echo. */
  readonly brokerMs?: number
  readonly echoMs?: number
}
