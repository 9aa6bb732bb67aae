import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import { err, ok, type Result } from '../../protocol/result.ts'
import { errorText } from '../../support/errors.ts'
import { checkTexts } from './packet-texts.ts'
import { readPlain } from './plain-packets.ts'

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0, as in the CONNECT packet's protocol level. */
export type ProtocolVersion = 3 | 4 | 5

/** The fault of a packet whose texts are not texts [MQTT-1.5.4-1, 1.5.4-2]. */
export const badText = 'a text is not UTF-8, or has U+0000'

// The library would make 65,536 buffers first, of both edges: 6 MB, and a garbage collection that is felt on a small machine.
mqttPacket.writeToStream.cacheNumbers = false

const connectType = 1

/** Whether these bytes start a CONNECT, told without reading the rest. */
export function isConnect(packet: Uint8Array): boolean {
  return (packet[0] ?? 0) >> 4 === connectType
}

/** Reads the first packet of a connection. The fault is one line for the log, without any content. */
export function decodeConnect(packet: Uint8Array): Result<IConnectPacket, string> {
  const texts = textFault(packet, 4)
  if (texts !== undefined) return err(texts)
  // A parser of its own, since it keeps the CONNECT, password included.
  const decoded = decodeWith(mqttPacket.parser(), packet)
  if (!decoded.ok) return decoded
  if (decoded.value.cmd !== 'connect') return err(`${decoded.value.cmd} before connect`)
  // The codec reads it, and then throws when it is to write such a publication [MQTT-3.1.2-14].
  return (decoded.value.will?.qos ?? 0) > 2 ? err('a will at QoS 3') : ok(decoded.value)
}

const parsers = new Map<ProtocolVersion, ReturnType<typeof mqttPacket.parser>>()

/** Reads one complete packet of a client that is in. */
export function decode(packet: Uint8Array, version: ProtocolVersion): Result<Packet, string> {
  const plain = readPlain(packet, version)
  return plain === undefined ? decodeAny(packet, version) : ok(plain)
}

/** The same by the library alone. Complete packets leave nothing behind, so all connections share a parser. */
export function decodeAny(packet: Uint8Array, version: ProtocolVersion): Result<Packet, string> {
  if (isConnect(packet)) return err('a second CONNECT') // [MQTT-3.1.0-2]
  const texts = textFault(packet, version)
  if (texts !== undefined) return err(texts)
  let parser = parsers.get(version)
  if (parser === undefined) {
    parser = mqttPacket.parser({ protocolVersion: version })
    parsers.set(version, parser)
  }
  const decoded = decodeWith(parser, packet)
  if (!decoded.ok) parsers.delete(version)
  return decoded
}

function textFault(packet: Uint8Array, version: ProtocolVersion): string | undefined {
  const checked = checkTexts(packet, version)
  return checked.ok ? undefined : checked.error === 'badText' ? badText : 'malformed'
}

function decodeWith(parser: ReturnType<typeof mqttPacket.parser>, bytes: Uint8Array): Result<Packet, string> {
  let packet: Packet | undefined
  let fault: string | undefined
  const onPacket = (parsed: Packet): void => void (packet ??= parsed)
  const onError = (error: unknown): void => void (fault ??= errorText(error))
  parser.on('packet', onPacket)
  parser.on('error', onError)
  try {
    const left = parser.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    if (left > 0) fault ??= 'bytes left over'
  } catch (error) {
    fault ??= errorText(error)
  } finally {
    parser.removeListener('packet', onPacket)
    parser.removeListener('error', onError)
  }
  if (fault !== undefined) return err(fault)
  if (packet === undefined) return err('truncated')
  // The codec says -1 where the two bytes are missing; 0 is forbidden [MQTT-2.3.1-1].
  if ('messageId' in packet && (packet.messageId ?? 0) < 1) return err('no packet identifier')
  return ok(packet)
}

/** The bytes of one packet. Throws only if the packet is not one (a broken assumption of ours). */
export function encode(packet: Packet, version: ProtocolVersion): Uint8Array {
  // The codec would cut the packet short there, and the client's stream would be out of step.
  const { messageId } = packet
  if (messageId !== undefined && !(messageId >= 1 && messageId <= 65_535))
    throw new Error('packet identifier')
  return mqttPacket.generate(packet, { protocolVersion: version })
}
