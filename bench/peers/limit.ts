import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

/**
 * The limit: as little as a Node program can do to fan publications out over WebSocket. It speaks no more
 * MQTT than it must and writes pre-framed bytes straight to the sockets; nothing is checked.
 *
 * node limit.js <port> write      one write per publication and client
 * node limit.js <port> coalesce   all publications of one turn in one write per client
 */
const [port = '0', mode = 'write'] = process.argv.slice(2)
const subscribers: Duplex[] = []
let waiting: Buffer[] = []

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false })
server.on('connection', (webSocket, request) => {
  request.socket.setNoDelay(true)
  webSocket.on('error', () => undefined)
  webSocket.on('close', () => {
    const at = subscribers.indexOf(request.socket)
    if (at !== -1) subscribers.splice(at, 1)
  })
  webSocket.on('message', (data: Buffer) => {
    for (let at = 0; at < data.byteLength; at += 2 + data.readUInt8(at + 1)) {
      packet(request.socket, data.subarray(at, at + 2 + data.readUInt8(at + 1)))
    }
  })
})

function packet(socket: Duplex, bytes: Buffer): void {
  switch (bytes.readUInt8(0) >> 4) {
    case 1: // CONNECT
      socket.write(framed([0x20, 2, 0, 0]))
      return
    case 3: // PUBLISH: at QoS 0 the packet goes out as it came in
      fanOut(framed(bytes))
      return
    case 8: // SUBSCRIBE
      subscribers.push(socket)
      socket.write(framed([0x90, 3, bytes.readUInt8(2), bytes.readUInt8(3), 0]))
      return
    case 12: // PINGREQ
      socket.write(framed([0xd0, 0]))
  }
}

function fanOut(frame: Buffer): void {
  if (mode === 'coalesce') {
    if (waiting.push(frame) === 1) setImmediate(flush)
  } else {
    for (const subscriber of subscribers) subscriber.write(frame)
  }
}

function flush(): void {
  const joined = Buffer.concat(waiting)
  waiting = []
  for (const subscriber of subscribers) subscriber.write(joined)
}

function framed(bytes: Uint8Array | number[]): Buffer {
  return Buffer.concat([Buffer.from([0x82, bytes.length]), Buffer.from(bytes)])
}
