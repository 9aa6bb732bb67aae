import { mayHear, type Principal } from '../../hub/people/permissions.ts'
import type { PlatformEvent } from '../../hub/field/event.ts'
import { strictPayloadText } from '../../protocol/payload-text.ts'
import type { OwlcmsMessage } from '../../protocol/owlcms/message.ts'
import type { ServerMessage, WireMessage } from '../../protocol/contract/stream-message.ts'
import {
  guardedChanges,
  openChanges,
  type Sight,
  type StateChanges,
} from '../../protocol/field/visible-state.ts'

/** A message as JSON, with what a wire may want to know of it. One told to several audiences is one object. */
export interface MessageText {
  readonly type: ServerMessage['type']
  /** Its number, when it has a place in a platform's sequence. */
  readonly seq: number | undefined
  readonly json: string
}

/**
 * One event on its way to its audiences, live or from the history. What they have in common is written only
 * once, and piece by piece: writing JSON is most of the work of the stream (bench/NOTES.md).
 */
export class EventRendering {
  readonly event: PlatformEvent
  /** `"platform":…,"seq":…,"at":…` */
  readonly #place: string
  /** What everybody may see of the change; empty for nothing, as all pieces. */
  #open: string | undefined
  #message: string | undefined
  #last: { readonly heard: boolean; readonly guarded: string; readonly text: MessageText } | undefined

  constructor(event: PlatformEvent) {
    const { platform, seq, at } = event
    this.event = event
    this.#place = `"platform":${quoted(platform)},"seq":${seq},"at":${at}`
  }

  /**
   * What one audience is told: the message if it may hear it, and in any case what it may see of the change;
   * undefined when there is nothing for it (R5).
   */
  textFor(principal: Principal, sight: Sight): MessageText | undefined {
    const { before, state, meaning, publication } = this.event
    const heard = mayHear(principal, meaning, publication)
    const guarded = piece(guardedChanges(before, state, sight))
    const open = (this.#open ??= piece(openChanges(before, state)))
    if (!heard && open === '' && guarded === '') return undefined
    if (this.#last?.heard === heard && this.#last.guarded === guarded) return this.#last.text
    const text = this.#write(
      heard,
      open === '' || guarded === '' ? `${open}${guarded}` : `${open},${guarded}`,
    )
    this.#last = { heard, guarded, text }
    return text
  }

  #write(heard: boolean, changes: string): MessageText {
    const { seq } = this.event
    if (!heard) {
      return { type: 'change', seq, json: `{"type":"change",${this.#place},"changed":{${changes}}}` }
    }
    const changed = changes === '' ? '' : `,"changed":{${changes}}`
    return { type: 'event', seq, json: `{"type":"event",${this.#place},${this.#heardPart()}${changed}}` }
  }

  #heardPart(): string {
    if (this.#message === undefined) {
      const { publication, message } = this.event
      const wire = JSON.stringify(wireMessage(message))
      this.#message = `"topic":${quoted(publication.topic)},${payloadPiece(publication.payload)},"message":${wire}`
    }
    return this.#message
  }
}

/** The members of an object without its braces. */
function piece(changes: StateChanges | undefined): string {
  return changes === undefined ? '' : JSON.stringify(changes).slice(1, -1)
}

function wireMessage(message: OwlcmsMessage): WireMessage {
  return message.kind === 'unknown' ? { kind: 'unknown' } : message
}

function payloadPiece(payload: Uint8Array): string {
  const text = strictPayloadText(payload)
  return text === undefined
    ? `"payload":"${Buffer.from(payload).toString('base64')}","encoding":"base64"`
    : `"payload":${quoted(text)}`
}

/** Printable ASCII without quote and backslash: almost all there is, and needs no escape. */
const plain = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
