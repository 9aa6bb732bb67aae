import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { WebSocketServer, createWebSocketStream } from 'ws'

/** aedes, set up as its documentation shows. node aedes.js <WebSocket port> <TCP port> */
const [webSocketPort = '0', tcpPort = '0'] = process.argv.slice(2)
const broker = await Aedes.createBroker()
broker.on('clientError', () => undefined)
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(webSocketPort),
  perMessageDeflate: false,
})
server.on('connection', (webSocket, request) => {
  const stream = createWebSocketStream(webSocket)
  stream.on('error', () => undefined)
  broker.handle(stream, request)
})
createServer({ noDelay: true }, (socket) => void broker.handle(socket)).listen(Number(tcpPort), '127.0.0.1')
