import type { Publication } from '../publication.ts'
import { parseTopic } from '../topic.ts'

/** What a bridge tells of itself, retained, on `owlcms/bridge/<name>/state` (zigbee2mqtt's habit). */
export interface BridgeState {
  readonly state: 'online' | 'offline'
  readonly version: string
  /** Seconds since the epoch when this process connected. */
  readonly since: number
  /** Differs for each process, so that two of one name can tell. */
  readonly id: string
}

/** PubSubClient boxes take packets of 256 bytes; the whole packet stays below. */
export const maxStateBytes = 240

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const pattern = /^owlcms\/bridge\/([^/]+)\/state$/

/** The retained publication for a bridge's state. Throws when the name makes no topic or it grows too large. */
export function stateOf(name: string, state: BridgeState): Publication {
  const topic = parseTopic(`owlcms/bridge/${name}/state`)
  if (!topic.ok) throw new Error(`not a bridge's name: ${topic.error}`)
  const payload = encoder.encode(JSON.stringify(state))
  if (topic.value.length + payload.byteLength > maxStateBytes)
    throw new Error('the state of a bridge is too large')
  return { topic: topic.value, payload, qos: 1, retain: true }
}

/** Reads such a publication; undefined when it is none. Never throws. */
export function readState(
  publication: Publication,
): { readonly name: string; readonly state: BridgeState } | undefined {
  const name = pattern.exec(publication.topic)?.[1]
  if (name === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(publication.payload))
  } catch {
    return undefined // Somebody else's words on our topic.
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { state, version, since, id } = value as Record<string, unknown>
  if (state !== 'online' && state !== 'offline') return undefined
  if (typeof version !== 'string' || typeof since !== 'number' || typeof id !== 'string') return undefined
  return { name, state: { state, version: version.slice(0, 32), since, id: id.slice(0, 32) } }
}
