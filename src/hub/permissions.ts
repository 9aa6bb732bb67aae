import { isReservedForOwlcms, owlcmsPrefix, type OwlcmsTopic } from '../protocol/owlcms.ts'
import type { Topic } from '../protocol/topic.ts'

/** Who a session speaks for. */
export type Principal =
  /** Knows the broker's own user name and password: an official's device or a technician. */
  { readonly kind: 'device' }

export type PublishDenial =
  /** Only owlcms and bridges speak there (R5). */
  | 'reserved'
  /** Outside `owlcms/`, where the broker may cut the link for it. */
  | 'outsideOwlcms'

/** Whether this principal may publish on a topic at all. */
export function publishDenial(_principal: Principal, topic: Topic): PublishDenial | undefined {
  if (!topic.startsWith(owlcmsPrefix)) return 'outsideOwlcms'
  return isReservedForOwlcms(topic) ? 'reserved' : undefined
}

/**
 * Whether this principal hears a topic. A legacy summons of official 4 (the technical controller) is
 * kept from everybody: ESP32 boxes listen to it for all platforms and corrupt their memory (R11,
 * protocol.md 3.2); who understands official 4 gets it on `owlcms/fop/summon`.
 */
export function mayHear(_principal: Principal, topic: OwlcmsTopic): boolean {
  return !(topic.kind === 'legacySummon' && topic.official > 3)
}
