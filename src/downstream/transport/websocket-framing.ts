import type { Framing } from './transport.ts'

const finalText = 0x81
const finalBinary = 0x82

/**
 * One unmasked, unfragmented binary frame around a packet (RFC 6455 section 5.2). Built here, and not by the
 * WebSocket library, because the library frames once for each client and fan-out wants to frame once for
 * all. Only valid on sockets without extensions (permessage-deflate stays off).
 */
function binaryFrame(payload: Uint8Array): Uint8Array {
  const [frame, headerBytes] = emptyFrame(finalBinary, payload.byteLength)
  frame.set(payload, headerBytes)
  return frame
}

/** The same for a text message (RFC 6455 section 5.6). Halves of surrogate pairs become U+FFFD, as everywhere. */
export function textFrame(text: string): Uint8Array {
  const bytes = Buffer.byteLength(text)
  const [frame, headerBytes] = emptyFrame(finalText, bytes)
  // As many bytes as UTF-16 units: ASCII, which is quicker written as such.
  frame.write(text, headerBytes, bytes === text.length ? 'latin1' : 'utf8')
  return frame
}

function emptyFrame(firstByte: number, length: number): readonly [frame: Buffer, headerBytes: number] {
  const headerBytes = frameHeaderBytes(length)
  // A Buffer, since Node's streams wrap any other Uint8Array anew at each write.
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame[0] = firstByte
  if (headerBytes === 2) frame[1] = length
  else if (headerBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  return [frame, headerBytes]
}

function frameHeaderBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

/** MQTT over WebSocket: each packet in a binary frame [MQTT-6.0.0-1]; an empty one is a nudge. */
export const webSocketFraming: Framing = {
  name: 'websocket',
  frame: binaryFrame,
  frameBytes: (bytes) => frameHeaderBytes(bytes) + bytes,
  nudge: binaryFrame(new Uint8Array()),
}
