import type { LinkFault } from './link-fault.ts'

/** How the link to the broker is faring. `since`, `downSince` and `nextTryAt` are moments of the clock. */
export type LinkStatus =
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
  /** Accepted by the broker, and the covering subscription granted. */
  | {
      readonly kind: 'connected'
      readonly since: number
      readonly protocolVersion: 4 | 5
      /** Last measured PINGREQ → PINGRESP or PUBLISH → PUBACK time, in milliseconds. */
      readonly roundTripMs?: number
      /** This bridge is the broker itself (upstream/own-broker.ts). */
      readonly own?: true
      /** Why it has one connection instead of two; everything works, a little later (upstream/connection-pair.ts). */
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
