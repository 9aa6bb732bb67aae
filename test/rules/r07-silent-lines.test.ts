import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import mqttPacket from 'mqtt-packet'
import { expect, it, onTestFinished } from 'vitest'
import { mqttWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { listenTcp } from '../../src/downstream/transport/tcp-listener.ts'
import type { Transport, TransportEvents } from '../../src/downstream/transport/transport.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { webSocketFraming } from '../../src/downstream/transport/websocket-framing.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { publication } from '../support/fake-upstream.ts'
import { setStage } from './stage.ts'

it('a WebSocket gets an empty frame after 25 s without a word, so that no proxy cuts it, and none before', () => {
  const stage = setStage()
  const writes: number[][] = []
  let events: TransportEvents | undefined
  const transport: Transport = {
    framing: webSocketFraming,
    remoteAddress: '192.0.2.1',
    bufferedBytes: 0,
    open: (given) => (events = given),
    write: (frames) => writes.push([...frames]),
    close: () => undefined,
    stopReading: () => undefined,
    destroy: () => undefined,
  }
  stage.gateway.accept(transport)
  events?.bytes(
    mqttPacket.generate({
      ...{ cmd: 'connect', clientId: 'box', clean: true, keepalive: 0 },
      ...{ username: 'hall', password: Buffer.from('secret') },
    }),
  )
  events?.bytes(
    mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] }),
  )
  stage.clock.advance(10_000)
  stage.hub.receive(publication('owlcms/fop/down/A', '', 0))
  stage.clock.advance(1_000)
  writes.length = 0
  // The sweep looks once a second, so a second either way.
  stage.clock.advance(23_000)
  expect(writes).toEqual([])
  stage.clock.advance(3_000)
  expect(writes).toEqual([[0x82, 0]])
  stage.clock.advance(23_000)
  expect(writes).toHaveLength(1)
})

const impatient = { ...defaultClientLimits, closeTimeoutMs: 50 }

it('a WebSocket whose peer does not answer the close is destroyed', async () => {
  const server = createServer()
  const acceptor = mqttWebSocketAcceptor(impatient, systemClock, () => '192.0.2.1')
  const closed = new Promise<void>((resolve) => {
    ownUpgrades(
      server,
      [
        {
          path: '/mqtt',
          accept: (request, socket, head) =>
            acceptor.accept(request, socket, head, (transport) => {
              transport.open({
                bytes: () => undefined,
                violation: () => undefined,
                closed: () => resolve(),
              })
              transport.close(closeCodes.restarting)
            }),
        },
      ],
      { ...impatient, clock: systemClock, allowedOrigins: [] },
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write(
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  await closed
})

it('a TCP socket whose peer keeps it half open is destroyed', async () => {
  const accepted = new Promise<Transport>((resolve) => {
    void listenTcp({ host: '127.0.0.1', port: 0 }, impatient, systemClock, resolve).then((listener) => {
      onTestFinished(() => listener.close())
      const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true })
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => undefined)
      socket.resume()
    })
  })
  const transport = await accepted
  const closed = new Promise<void>((resolve) =>
    transport.open({ bytes: () => undefined, violation: () => undefined, closed: () => resolve() }),
  )
  transport.close(closeCodes.restarting)
  await closed
})
