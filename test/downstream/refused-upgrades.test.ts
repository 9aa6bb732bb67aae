import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mqttWebSocketAcceptor, textWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { defaultStreamLimits } from '../../src/downstream/json-stream/stream-limits.ts'
import { listenTcp, type TcpListener } from '../../src/downstream/transport/tcp-listener.ts'
import type { Transport } from '../../src/downstream/transport/transport.ts'
import type { TextTransport } from '../../src/downstream/transport/text-transport.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { clientFrame, closePayload, opcodes, upgradeRequest } from '../support/raw-websocket.ts'

/**
 * Attack: open sockets, be refused or ended, and keep them open from the far side until no file is left (R12). Each peer
 * here never closes and, where it says so, never reads. Impatient limits, since only the end is of interest.
 */

const closeTimeoutMs = 50
const limits = { ...defaultClientLimits, closeTimeoutMs }

let server: Server
let tcp: TcpListener
const peers: Socket[] = []
/** What becomes of an accepted transport. */
let use: (transport: Transport | TextTransport) => void

beforeEach(async () => {
  use = (transport) => {
    const end = (): void => transport.close(closeCodes.protocolError)
    transport.open({ bytes: end, text: end, noise: end, violation: end, closed: () => undefined })
  }
  server = createServer()
  const mqtt = mqttWebSocketAcceptor(limits, systemClock, () => '192.0.2.1')
  const text = textWebSocketAcceptor({ ...defaultStreamLimits, closeTimeoutMs }, systemClock, () => 'x')
  const rules = { clock: systemClock, closeTimeoutMs, allowedOrigins: [] }
  ownUpgrades(
    server,
    [
      { path: '/mqtt', accept: (...upgrade) => mqtt.accept(...upgrade, (transport) => use(transport)) },
      { path: '/ws', accept: (...upgrade) => text.accept(...upgrade, (transport) => use(transport)) },
    ],
    rules,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tcp = await listenTcp({ host: '127.0.0.1', port: 0 }, limits, systemClock, (transport) => use(transport))
})

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy()
  await new Promise((resolve) => server.close(resolve))
  await tcp.close()
})

/** A socket that stays open whatever it is told. */
function stubbornPeer(port: number): Socket {
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  peer.on('error', () => undefined)
  peers.push(peer)
  return peer
}

/** Sends `words` in one piece; resolves when the server has destroyed its side, with what it answered. */
async function untilDestroyed(...words: readonly (string | Uint8Array)[]): Promise<string> {
  const connected = once(server, 'connection') as Promise<[Socket]>
  const peer = stubbornPeer((server.address() as AddressInfo).port)
  let heard = ''
  peer.setEncoding('latin1').on('data', (text: string) => (heard += text))
  const [inside] = await connected
  const destroyed = once(inside, 'close')
  peer.write(Buffer.concat(words.map((word) => Buffer.from(word as Uint8Array))))
  await destroyed
  // In this very process the answer may come after the end.
  while (heard === '') await once(peer, 'data')
  return heard.split('\r\n', 1)[0] ?? ''
}

const withHeader = (request: string, line: string): string =>
  request.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`)
const foreign = 'Origin: https://evil.example'

describe('a peer that never closes its side', () => {
  it.each([
    ['a wrong path', upgradeRequest('/nowhere'), 404],
    [
      'a wrong path with a body',
      withHeader(upgradeRequest('/x'), 'Content-Length: 9000') + 'x'.repeat(99),
      404,
    ],
    ['a page of another site on /mqtt', withHeader(upgradeRequest('/mqtt'), foreign), 403],
    ['a page of another site on /ws', withHeader(upgradeRequest('/ws'), foreign), 403],
    ['no key', upgradeRequest('/mqtt').replace(/Sec-WebSocket-Key: .*\r\n/, ''), 400],
    ['an unknown version', upgradeRequest('/ws').replace('Version: 13', 'Version: 7'), 400],
    ['another upgrade', upgradeRequest('/ws').replace('websocket', 'h2c'), 400],
    ['another method', upgradeRequest('/ws').replace('GET', 'POST'), 405],
  ])('is destroyed after %s', async (_, request, status) => {
    expect(await untilDestroyed(request)).toContain(`HTTP/1.1 ${status} `)
  })

  it.each([
    ['was ended for what it sent', '/mqtt', clientFrame(Buffer.of(1))],
    ['was ended for what it sent', '/ws', clientFrame(Buffer.from('{}'), { opcode: opcodes.text })],
    ['broke the framing', '/mqtt', clientFrame(Buffer.of(1), { rsv: 7 })],
    ['broke the framing', '/ws', clientFrame(Buffer.of(1), { rsv: 7 })],
    ['sent an unmasked frame', '/ws', clientFrame(Buffer.of(1), { mask: undefined })],
    ['said Close', '/mqtt', clientFrame(closePayload(1000), { opcode: opcodes.close })],
    ['said Close', '/ws', clientFrame(closePayload(1000), { opcode: opcodes.close })],
    ['sent a broken Close', '/ws', clientFrame(closePayload(1), { opcode: opcodes.close })],
  ])('and %s on %s is destroyed', async (_, path, frame) => {
    expect(await untilDestroyed(upgradeRequest(path), frame)).toContain(' 101 ')
  })
})

describe('a peer that says FIN and never reads, with more on the way than its line holds', () => {
  const much = new Uint8Array(64 * 1024 * 1024)

  it.each(['/mqtt', '/ws'])('is destroyed on %s', async (path) => {
    use = (transport) => {
      transport.open({
        ...{ bytes: () => undefined, text: () => undefined },
        ...{ noise: () => undefined, violation: () => undefined },
        closed: () => undefined,
      })
      transport.write(much)
    }
    const connected = once(server, 'connection') as Promise<[Socket]>
    const peer = stubbornPeer((server.address() as AddressInfo).port)
    const [inside] = await connected
    const destroyed = once(inside, 'close')
    peer.end(upgradeRequest(path))
    await destroyed
  })

  it('is destroyed on TCP', async () => {
    const destroyed = new Promise<void>((resolve) => {
      use = (transport) => {
        const nothing = (): void => undefined
        transport.open({ bytes: nothing, text: nothing, noise: nothing, violation: nothing, closed: resolve })
        transport.write(much)
      }
    })
    stubbornPeer(tcp.port).end()
    await destroyed
  })
})
