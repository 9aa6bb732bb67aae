import mqtt from 'mqtt'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { WebSocketServer, type WebSocket } from 'ws'

/**
 * The bridge that somebody would write in an afternoon with `ws` and MQTT.js, each used as its documentation shows: one connection
 * to the broker, MQTT over WebSocket for the devices. Nothing is checked, held back, counted or proved.
 *
 * node plain.js <WebSocket port> <broker's port>
 */
const [webSocketPort = '0', brokerPort = '1883'] = process.argv.slice(2)

interface Client {
  readonly socket: WebSocket
  readonly filters: Set<string>
}

const clients = new Set<Client>()
const broker = mqtt.connect(`mqtt://127.0.0.1:${brokerPort}`)
broker.on('connect', () => broker.subscribe('owlcms/#', { qos: 1 }))
broker.on('message', (topic, payload) => {
  for (const { socket, filters } of clients) {
    if (![...filters].some((filter) => matches(filter, topic))) continue
    send(socket, { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
  }
})

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(webSocketPort) })
server.on('connection', (socket) => {
  const client: Client = { socket, filters: new Set() }
  clients.add(client)
  const parser = mqttPacket.parser()
  parser.on('packet', (packet) => answer(client, packet))
  socket.on('message', (data: Buffer) => parser.parse(data))
  socket.on('error', () => socket.terminate())
  socket.on('close', () => clients.delete(client))
})

function answer({ socket, filters }: Client, packet: Packet): void {
  if (packet.cmd === 'connect') send(socket, { cmd: 'connack', returnCode: 0, sessionPresent: false })
  if (packet.cmd === 'pingreq') send(socket, { cmd: 'pingresp' })
  if (packet.cmd === 'subscribe') {
    const { subscriptions, messageId = 1 } = packet
    for (const { topic } of subscriptions) filters.add(topic)
    send(socket, { cmd: 'suback', messageId, granted: subscriptions.map(() => 0) })
  }
  if (packet.cmd === 'publish') {
    const { topic, payload, qos, messageId = 1 } = packet
    broker.publish(topic, payload, { qos: 1 }, () => {
      if (qos === 1) send(socket, { cmd: 'puback', messageId })
    })
  }
}

function send(socket: WebSocket, packet: Packet): void {
  socket.send(mqttPacket.generate(packet))
}

function matches(filter: string, topic: string): boolean {
  return filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)))
}
