import type { Publication } from '../protocol/publication.ts'

/**
 * What became of one publication handed to the link above. Exactly one of them is reported for each.
 * `delivered`: the broker acknowledged it (QoS 0: it left); where this bridge is the broker, owlcms's connection
 * has taken it. `offline`: there was no link, nothing was sent; `noOwlcms`: this bridge is the broker, and no owlcms
 * listens there. `lost`: the link broke before the acknowledgement; it may or may not have arrived, and is
 * never sent again (R1). `refused`: the broker said no.
 */
export type PublishOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'offline'; readonly why?: 'noOwlcms' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly reasonCode: number }

/** The link to the broker, as the hub needs it. */
export interface UpstreamLink {
  /** Whether a publication can leave now: connected, and the covering subscription granted. */
  readonly ready: boolean
  /** Whether the broker's window (MQTT 5 Receive Maximum) has room for one more at QoS 1 or 2. */
  readonly room: boolean
  /** Sends now or not at all; `settled` is called exactly once, never before this call returns. */
  publish(publication: Publication, settled: (outcome: PublishOutcome) => void): void
}
