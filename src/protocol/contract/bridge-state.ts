import type { Publication } from '../publication.ts'
import { bridgeTopic, readBridgeWord } from './bridge-topic.ts'

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

/** The retained publication for a bridge's state. Throws when the name makes no topic or it grows too large. */
export function stateOf(name: string, state: BridgeState): Publication {
  const topic = bridgeTopic(name, 'state')
  const payload = encoder.encode(JSON.stringify(state))
  if (topic.length + payload.byteLength > maxStateBytes) throw new Error('the state of a bridge is too large')
  return { topic, payload, qos: 1, retain: true }
}

/** Reads such a publication; undefined when it is none. Never throws. */
export function readState(
  publication: Publication,
): { readonly name: string; readonly state: BridgeState } | undefined {
  const heard = readBridgeWord('state', publication)
  if (heard === undefined) return undefined
  const { state, version, since, id } = heard.said
  if (state !== 'online' && state !== 'offline') return undefined
  if (typeof version !== 'string' || typeof since !== 'number' || typeof id !== 'string') return undefined
  return { name: heard.name, state: { state, version: version.slice(0, 32), since, id: id.slice(0, 32) } }
}
