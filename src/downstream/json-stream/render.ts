import { mayHear, type Principal } from '../../hub/permissions.ts'
import type { PlatformEvent } from '../../hub/platforms.ts'
import type { OwlcmsMessage } from '../../protocol/owlcms-message.ts'
import type { ServerMessage, WireMessage } from '../../protocol/stream-message.ts'
import { visibleChanges, type Sight } from '../../protocol/visible-state.ts'

/**
 * What one audience is told of an event, live or from the history: the message if it may hear it, and in any
 * case what it may see of the change; undefined when there is nothing for it (R5).
 */
export function renderEvent(
  event: PlatformEvent,
  principal: Principal,
  sight: Sight,
): ServerMessage | undefined {
  const { platform, seq, at, publication, meaning, message } = event
  const changed = visibleChanges(event.before, event.state, sight)
  if (!mayHear(principal, meaning, publication)) {
    return changed === undefined ? undefined : { type: 'change', platform, seq, at, changed }
  }
  return {
    type: 'event',
    platform,
    seq,
    at,
    topic: publication.topic,
    ...payloadText(publication.payload),
    message: wireMessage(message),
    ...(changed === undefined ? {} : { changed }),
  }
}

function wireMessage(message: OwlcmsMessage): WireMessage {
  return message.kind === 'unknown' ? { kind: 'unknown' } : message
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function payloadText(payload: Uint8Array): { readonly payload: string; readonly encoding?: 'base64' } {
  try {
    return { payload: strictDecoder.decode(payload) }
  } catch {
    return { payload: Buffer.from(payload).toString('base64'), encoding: 'base64' }
  }
}
