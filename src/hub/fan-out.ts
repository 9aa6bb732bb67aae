import type { Publication, QoS } from '../protocol/publication.ts'
import type { Frame, OfferOutcome } from './outbox.ts'
import type { Match } from './subscription-index.ts'

/** A wire format. Sessions that share one share each encoded QoS 0 frame. */
export interface FrameFormat {
  encode(publication: Publication): Frame
}

/** A session, as fan-out sees it. */
export interface Recipient {
  readonly format: FrameFormat
  readonly outbox: { offer(frame: Frame): OfferOutcome }
  /** Delivery that is this session's own affair: QoS 1 and 2, identifiers, retained copies. */
  deliver(publication: Publication, qos: QoS, identifiers: readonly number[]): OfferOutcome
}

/**
 * Offers one publication to every session in `matches`.
 *
 * At QoS 0 the sessions of one wire format share one encoded frame; nobody may modify it. Never waits: a
 * session whose outbox is full is handed to `slow`, and the caller ends it. Sessions that asked for Retain
 * As Published get `asPublished` where there is one. Returns how many were offered the publication.
 */
export function fanOut<R extends Recipient>(
  publication: Publication,
  matches: readonly Match<R>[],
  skip: ((match: Match<R>) => boolean) | undefined,
  slow: (session: R) => void,
  asPublished?: Publication,
): number {
  let format: FrameFormat | undefined
  let frame: Frame | undefined
  let others: Map<FrameFormat, Frame> | undefined
  let offered = 0
  for (const match of matches) {
    if (skip?.(match) === true) continue
    const { session } = match
    offered += 1
    if (asPublished !== undefined && match.retainAsPublished) {
      const qos = Math.min(asPublished.qos, match.qos) as QoS
      if (session.deliver(asPublished, qos, match.identifiers) === 'slow') slow(session)
    } else if ((publication.qos === 0 || match.qos === 0) && match.identifiers.length === 0) {
      // Most sessions share one format; a map is needed only from the second on.
      if (frame === undefined) {
        format = session.format
        frame = format.encode(publication)
      }
      let mine: Frame
      if (session.format === format) {
        mine = frame
      } else {
        others ??= new Map()
        mine = others.get(session.format) ?? session.format.encode(publication)
        others.set(session.format, mine)
      }
      if (session.outbox.offer(mine) === 'slow') slow(session)
    } else {
      const qos = Math.min(publication.qos, match.qos) as QoS
      if (session.deliver(publication, qos, match.identifiers) === 'slow') slow(session)
    }
  }
  return offered
}
