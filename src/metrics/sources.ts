import type { ProcessUsage } from './runtime-metrics.ts'
import type { LinkFaultCode } from '../protocol/link/link-fault.ts'

/** A running total since start under the labels it is shown with. */
export interface LabelledTotal<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly total: number
}

/** One way in for clients. */
export interface EdgeFacts {
  readonly edge: 'mqtt' | 'stream'
  /** Sockets, those that have not introduced themselves yet included. */
  readonly connections: number
  /** Bytes that wait, one number for each client. */
  readonly waitingBytes: readonly number[]
  /** Clients ended since they didn't read fast enough. */
  readonly slowDisconnects: number
}

/**
 * What the metrics are read from, at the moment of a scrape. Every word in here becomes a label's value: it must come
 * from a fixed list of ours, never from outside (no platform's name, no client ID), or a stranger could fill the
 * memory of whoever collects the numbers.
 */
export interface MetricsSources {
  readonly version: string
  usage(): ProcessUsage
  upstream(): {
    readonly connected: boolean
    /** The last measured time to the broker and back. */
    readonly roundTripMs?: number
    readonly reconnects: Readonly<Partial<Record<LinkFaultCode, number>>>
  }
  owlcms(): {
    readonly answering: boolean
    /** From our last answered question to the first reply. */
    readonly roundTripMs?: number
    readonly platforms: number
  }
  /** Connected clients that have introduced themselves, one entry for each. */
  clients(): readonly { readonly kind: string; readonly role: string }[]
  edges(): readonly EdgeFacts[]
  messages(): readonly LabelledTotal<'direction' | 'topic_class'>[]
  /** Publications of clients that were not passed on, by the rule that refused them. */
  refusals(): readonly LabelledTotal<'reason'>[]
}
