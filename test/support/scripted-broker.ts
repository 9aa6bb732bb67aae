import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { generate, parser, type Packet } from 'mqtt-packet'
import { onTestFinished } from 'vitest'
import type { ServerCertificate } from './certificates.ts'

/** What the scripted broker does with a packet: answers, or hangs up. `serverName`: from SNI, or false. */
export type Answer = (
  packet: Packet,
  version: number,
  serverName: string | false,
) => readonly (Packet | 'hangUp')[]

/**
 * A broker that answers as the test says, on MQTT 3.1.1 and 5; returns its port and the packets it got. An answer goes to who
 * asked, a publication to all who subscribed.
 */
export async function startScripted(
  answer: Answer,
  certificate?: ServerCertificate,
): Promise<{ port: number; packets: string[] }> {
  const packets: string[] = []
  const sockets = new Set<Socket>()
  const subscribers = new Set<Socket>()
  const converse = (socket: Socket, serverName: string | false = false): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let version = 0
    const parse = parser()
    socket.on('data', (bytes) => parse.parse(bytes))
    parse.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') version = packet.protocolVersion ?? 4
      if (packet.cmd === 'subscribe') subscribers.add(socket)
      packets.push(packet.cmd === 'connect' ? `connect ${String(version)}` : packet.cmd)
      for (const step of answer(packet, version, serverName)) {
        if (step === 'hangUp') socket.end()
        else if (step.cmd === 'publish')
          for (const subscriber of subscribers) subscriber.write(generate(step, { protocolVersion: version }))
        else socket.write(generate(step, { protocolVersion: version }))
      }
    })
  }
  const server =
    certificate === undefined
      ? createServer(converse)
      : createTlsServer({ ...certificate }, (socket) => {
          // Typed as a text always; false without SNI.
          converse(socket, (socket as unknown as { readonly servername: string | false }).servername)
        }).on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, packets }
}

/** An acceptance, or a refusal with this code. */
export const connack = (reasonCode = 0, properties = {}): Packet => ({
  ...{ cmd: 'connack', reasonCode, returnCode: reasonCode, sessionPresent: false, properties },
})

/** Accepts and grants everything; `more` answers first when it has an answer. */
export function friendly(more: Answer = () => []): Answer {
  return (packet, version, serverName) => {
    const special = more(packet, version, serverName)
    if (special.length > 0) return special
    if (packet.cmd === 'connect') return [connack()]
    if (packet.cmd === 'subscribe') return [{ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] }]
    if (packet.cmd === 'pingreq') return [{ cmd: 'pingresp' }]
    return []
  }
}
