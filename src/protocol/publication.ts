import type { Topic } from './topic.ts'

/** The promise of one hop, not of the whole way. */
export type QoS = 0 | 1 | 2

/**
 * One application message, the small value every edge translates to and from.
 * The payload is opaque until `owlcms.ts` reads it; nobody may modify its bytes.
 */
export interface Publication {
  readonly topic: Topic
  readonly payload: Uint8Array
  /** Delivery promise of the hop it came by or goes by, not of the whole path. */
  readonly qos: QoS
  readonly retain: boolean
}

/** What a publication weighs in an outbox: topic and payload, in bytes. */
export function publicationBytes(publication: Publication): number {
  return publication.topic.length + publication.payload.byteLength
}
