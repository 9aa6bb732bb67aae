/** The few MQTT 3.1.1 packets and WebSocket frames that the load generator sends, made by hand. */

const encodeText = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.byteLength)
  return Buffer.concat([length, bytes])
}

function packet(firstByte: number, body: Buffer): Buffer {
  if (body.byteLength > 127) throw new Error('the load generator sends small packets only')
  return Buffer.concat([Buffer.from([firstByte, body.byteLength]), body])
}

/** CONNECT, clean session, without a user [MQTT-3.1]. Keep alive in seconds. */
export function connectPacket(clientId: string, keepAliveSeconds: number): Buffer {
  const keepAlive = Buffer.alloc(2)
  keepAlive.writeUInt16BE(keepAliveSeconds)
  const head = Buffer.concat([encodeText('MQTT'), Buffer.from([4, 2]), keepAlive])
  return packet(0x10, Buffer.concat([head, encodeText(clientId)]))
}

/** SUBSCRIBE with one filter at QoS 0 [MQTT-3.8]. */
export function subscribePacket(filter: string): Buffer {
  return packet(0x82, Buffer.concat([Buffer.from([0, 1]), encodeText(filter), Buffer.from([0])]))
}

/** PUBLISH at QoS 0 [MQTT-3.3]. */
export function publishPacket(topic: string, payload: Uint8Array): Buffer {
  return packet(0x30, Buffer.concat([encodeText(topic), payload]))
}

/** The same PUBLISH at QoS 1, with a packet identifier from 1 to 65,535. */
export function atQos1(publish: Buffer, id: number): Buffer {
  const topicEnd = 4 + publish.readUInt16BE(2)
  const identifier = Buffer.alloc(2)
  identifier.writeUInt16BE(id)
  return packet(0x32, Buffer.concat([publish.subarray(2, topicEnd), identifier, publish.subarray(topicEnd)]))
}

/** One binary frame of a client; the mask key is zero, so that masking costs nothing (RFC 6455 5.3). */
export function clientFrame(payload: Uint8Array): Buffer {
  const length = payload.byteLength
  if (length > 65_535) throw new Error('frame too large for the load generator')
  const head =
    length < 126 ? Buffer.from([0x82, 0x80 | length]) : Buffer.from([0x82, 0xfe, length >> 8, length & 255])
  return Buffer.concat([head, Buffer.alloc(4), payload])
}

/** The opening handshake of RFC 6455, with the key of its own example: nobody checks the answer here. */
export const upgradeRequest = [
  'GET /mqtt HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: mqtt',
  '\r\n',
].join('\r\n')

/** Takes the WebSocket headers off server frames that are complete; returns what is left over too. */
export function unframe(bytes: Buffer): { readonly stream: Buffer; readonly rest: Buffer } {
  const parts: Buffer[] = []
  let at = 0
  while (at + 2 <= bytes.byteLength) {
    const short = bytes.readUInt8(at + 1)
    const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2
    if (at + headBytes > bytes.byteLength) break
    const length =
      headBytes === 2
        ? short
        : headBytes === 4
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2))
    if (at + headBytes + length > bytes.byteLength) break
    parts.push(bytes.subarray(at + headBytes, at + headBytes + length))
    at += headBytes + length
  }
  return { stream: Buffer.concat(parts), rest: bytes.subarray(at) }
}
