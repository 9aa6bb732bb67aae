import type { FrameFormat } from '../../hub/routing/fan-out.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Framing } from '../transport/transport.ts'
import type { ProtocolVersion } from './codec.ts'

const formats = new Map<Framing, Map<'mqtt3' | 'mqtt5', FrameFormat>>()

/**
 * The wire format of a session: MQTT 3.1 and 3.1.1 share one, since their PUBLISH packets are the same.
 * The same object for the same pair, so that fan-out encodes once for all of them.
 */
export function formatFor(framing: Framing, version: ProtocolVersion): FrameFormat {
  const family = version === 5 ? 'mqtt5' : 'mqtt3'
  let families = formats.get(framing)
  if (families === undefined) {
    families = new Map()
    formats.set(framing, families)
  }
  let format = families.get(family)
  if (format === undefined) {
    format = { encode: (publication) => framing.frame(publishBytes(publication, version)) }
    families.set(family, format)
  }
  return format
}

/**
 * PUBLISH without properties [MQTT-3.3], by hand since it is the one packet that goes to everybody: a third of the library's time.
 * `own`: what one client's copy at QoS 1 carries.
 */
export function publishBytes(
  { topic, payload, retain }: Publication,
  version: ProtocolVersion,
  own?: { readonly id: number; readonly dup: boolean },
): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const left = 2 + topicBytes + (own === undefined ? 0 : 2) + (version === 5 ? 1 : 0) + payload.byteLength
  let at = 1 + lengthBytes(left)
  const packet = Buffer.allocUnsafe(at + left)
  packet[0] = 0x30 | (retain ? 1 : 0) | (own === undefined ? 0 : own.dup ? 0x0a : 0x02)
  let rest = left
  for (let byte = 1; byte < at; byte += 1, rest >>= 7)
    packet[byte] = byte + 1 < at ? (rest & 127) | 128 : rest
  at = packet.writeUInt16BE(topicBytes, at)
  at += packet.write(topic, at)
  if (own !== undefined) at = packet.writeUInt16BE(own.id, at)
  if (version === 5) packet[at++] = 0
  packet.set(payload, at)
  return packet
}

/** Of a remaining length [MQTT-2.2.3]. */
function lengthBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
