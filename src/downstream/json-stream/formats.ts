import type { Frame } from '../../hub/routing/outbox.ts'
import { encodeServerMessage, type ServerMessage } from '../../protocol/contract/stream-message.ts'
import { textFrame } from '../transport/websocket-framing.ts'
import type { MessageText } from './render.ts'

/** How messages are wrapped on a wire. One object per wire, so that groups can be told apart by identity. */
export interface StreamFormat {
  readonly name: 'websocket' | 'eventSource'
  /** The result may be sent to any number of clients of this wire; nobody may modify it. */
  encode(message: ServerMessage, position: Position): Frame
  /** The same for a message that is text already. */
  encodeText(text: MessageText, position: Position): Frame
}

/** Where a message stands, for a wire that has the client repeat it on reconnect. */
export interface Position {
  readonly epoch: string
  readonly audience: string
}

/** One unmasked, unfragmented text frame per message (RFC 6455 section 5.6). */
class WebSocketFormat implements StreamFormat {
  readonly name = 'websocket'
  // Audiences that are told the same come one after another.
  #lastText: MessageText | undefined
  #lastFrame: Frame | undefined

  encode(message: ServerMessage): Frame {
    return textFrame(encodeServerMessage(message))
  }

  encodeText(text: MessageText): Frame {
    if (text === this.#lastText && this.#lastFrame !== undefined) return this.#lastFrame
    this.#lastText = text
    this.#lastFrame = textFrame(text.json)
    return this.#lastFrame
  }
}

/** The one of `/ws`. */
export const webSocketFormat: StreamFormat = new WebSocketFormat()

/**
 * Server-sent events (HTML, section 9.2.6): `event` is the message's type, `data` the same JSON as on `/ws`, and
 * `id` names the place to go on from. JSON holds no line breaks of its own.
 */
export const eventSourceFormat: StreamFormat = {
  name: 'eventSource',
  encode(message, position) {
    const seq = 'seq' in message ? message.seq : undefined
    return this.encodeText({ type: message.type, seq, json: encodeServerMessage(message) }, position)
  },
  encodeText({ type, seq, json }, { epoch, audience }) {
    const id = seq === undefined ? '' : `id: ${formatEventId({ epoch, audience, seq })}\n`
    return Buffer.from(`${id}event: ${type}\ndata: ${json}\n\n`)
  },
}

/** Keeps a proxy from cutting a silent line; means nothing to the client. */
export const eventSourceComment: Frame = Buffer.from(':\n\n')

/** How long an EventSource waits before it connects again, in milliseconds. */
export const eventSourceRetry: Frame = eventSourceRetryIn(2_000)

/** Has an EventSource wait this long before it connects again. */
export function eventSourceRetryIn(delayMs: number): Frame {
  return Buffer.from(`retry: ${Math.round(delayMs)}\n\n`)
}

/** A place in one platform's sequence. */
export interface EventId extends Position {
  readonly seq: number
}

/** The audience may hold a platform's name, and a header only ASCII. */
function formatEventId({ epoch, audience, seq }: EventId): string {
  return `${epoch}/${seq}/${encodeURIComponent(audience)}`
}

/** Reads what a browser sends back as `Last-Event-ID`; undefined when it is not ours. Never throws. */
export function parseEventId(text: string): EventId | undefined {
  const found = /^([^/]{1,64})\/([0-9]{1,15})\/([^/]{1,1200})$/.exec(text)
  if (found?.[1] === undefined || found[3] === undefined) return undefined
  try {
    return { epoch: found[1], seq: Number(found[2]), audience: decodeURIComponent(found[3]) }
  } catch {
    return undefined // Not from us: a broken escape.
  }
}
