import type { LinkFaultCode } from '../protocol/link/link-fault.ts'

export type { LinkFaultCode }

export interface LinkFault {
  readonly code: LinkFaultCode
  /** The raw error, one line, without any secret (R10). */
  readonly raw: string
  /** The CONNACK, SUBACK or DISCONNECT reason code, when the broker gave one. */
  readonly reasonCode?: number
}

/**
 * How the link to the broker is faring. `since`, `nextTryAt` and `at` are moments of the clock.
 */
export type UpstreamStatus =
  /** Not told to connect yet. */
  | { readonly kind: 'starting'; readonly since: number }
  | { readonly kind: 'stopped'; readonly since: number }
  | {
      readonly kind: 'connecting'
      readonly since: number
      readonly attempt: number
      readonly lastFault?: LinkFault
      /** When the link that stood last broke; absent: none has stood yet. */
      readonly downSince?: number
    }
  | {
      readonly kind: 'connected'
      readonly since: number
      readonly protocolVersion: 4 | 5
      /** Last measured PINGREQ → PINGRESP or PUBLISH → PUBACK time, in milliseconds. */
      readonly roundTripMs?: number
      /** This bridge is the broker itself (own-broker.ts). */
      readonly own?: true
      /** Why it has one connection instead of two; everything works, a little later (connection-pair.ts). */
      readonly alone?: LinkFault
    }
  | {
      readonly kind: 'waiting'
      readonly since: number
      readonly attempt: number
      readonly nextTryAt: number
      readonly fault: LinkFault
      /** As of `connecting`. */
      readonly downSince?: number
    }
