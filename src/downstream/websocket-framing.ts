import type { Framing } from './transport.ts'

const finalBinary = 0x82

/**
 * One unmasked, unfragmented binary frame around a packet (RFC 6455 section 5.2). Built here, and not by the
 * WebSocket library, because the library frames once for each client and fan-out wants to frame once for
 * all. Only valid on sockets without extensions (permessage-deflate stays off).
 */
export function binaryFrame(payload: Uint8Array): Uint8Array {
  const length = payload.byteLength
  const headerBytes = frameHeaderBytes(length)
  // A Buffer, since Node's streams wrap any other Uint8Array anew at each write.
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame[0] = finalBinary
  if (headerBytes === 2) {
    frame[1] = length
  } else {
    const view = new DataView(frame.buffer, frame.byteOffset)
    frame[1] = headerBytes === 4 ? 126 : 127
    if (headerBytes === 4) view.setUint16(2, length)
    else view.setBigUint64(2, BigInt(length))
  }
  frame.set(payload, headerBytes)
  return frame
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
