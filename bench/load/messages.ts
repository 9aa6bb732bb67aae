import { publishPacket } from './packets.ts'

/** Bytes of each publication's packet: what owlcms sends has 40 to 90. Equal, so that bytes count messages. */
export const packetBytes = 64

/** The end of each payload: sequence number (4 bytes), then the time it was sent (8 bytes, in ms). */
export const stampBytes = 12

/** What owlcms sends at once when two referees agree (docs/owlcms.md 4.9, T1). */
const burstTopics = ['stop', 'down', 'decision', 'decision'].map((name) => `owlcms/fop/${name}/A`)

export const subscribersFilter = 'owlcms/fop/#'

const templates = burstTopics.map((topic) =>
  publishPacket(topic, Buffer.alloc(packetBytes - 4 - topic.length, ' ')),
)

/** The packet of publication number `sequence`, sent at `sentAtMs` of `performance.now()`. */
export function stampedPacket(sequence: number, sentAtMs: number): Buffer {
  const packet = Buffer.from(templates[sequence % templates.length]!)
  packet.writeUInt32LE(sequence, packetBytes - stampBytes)
  packet.writeDoubleLE(sentAtMs, packetBytes - stampBytes + 4)
  return packet
}
