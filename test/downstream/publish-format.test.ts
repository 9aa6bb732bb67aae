import { expect, it } from 'vitest'
import { encode } from '../../src/downstream/mqtt-gateway/codec.ts'
import { asBuffer, formatFor, publishBytes } from '../../src/downstream/mqtt-gateway/formats.ts'
import { tcpFraming } from '../../src/downstream/transport/tcp-listener.ts'
import type { Topic } from '../../src/protocol/topic.ts'

const topics = ['a', 'owlcms/fop/decision/A', 'owlcms/fop/decision/Plateforme Été 🏋', 'x'.repeat(65_535)]
// Around each size at which the remaining length takes one byte more [MQTT-2.2.3].
const sizes = [0, 1, 60, 124, 125, 126, 16_379, 16_380, 16_381, 2_097_147, 2_097_148, 2_097_149]

it.each([3, 4, 5] as const)(
  'writes a publication to all, and to one at QoS 1, as the library does, MQTT level %i',
  (version) => {
    for (const topic of topics) {
      for (const size of sizes) {
        const payload = new Uint8Array(size).map((_, at) => at * 7)
        for (const retain of [false, true]) {
          const own = formatFor(tcpFraming, version).encode({
            topic: topic as Topic,
            payload,
            qos: 0,
            retain,
          })
          const packet = {
            cmd: 'publish',
            topic,
            payload: asBuffer(payload),
            qos: 0,
            dup: false,
            retain,
          } as const
          expect(Buffer.compare(own, encode(packet, version))).toBe(0)
          for (const [id, dup] of [
            [1, true],
            [65_535, false],
          ] as const) {
            const publication = { topic: topic as Topic, payload, qos: 1, retain } as const
            const expected = encode({ ...packet, qos: 1, dup, messageId: id }, version)
            expect(Buffer.compare(publishBytes(publication, version, { id, dup }), expected)).toBe(0)
          }
        }
      }
    }
  },
)
