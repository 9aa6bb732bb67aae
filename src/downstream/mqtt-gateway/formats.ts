import type { FrameFormat } from '../../hub/routing/fan-out.ts'
import type { Framing } from '../transport/transport.ts'
import { encode, type ProtocolVersion } from './codec.ts'

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
    const wireVersion = family === 'mqtt5' ? 5 : 4
    format = {
      encode: (publication) =>
        framing.frame(
          encode(
            {
              cmd: 'publish',
              topic: publication.topic,
              payload: asBuffer(publication.payload),
              qos: 0,
              dup: false,
              retain: publication.retain,
            },
            wireVersion,
          ),
        ),
    }
    families.set(family, format)
  }
  return format
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
