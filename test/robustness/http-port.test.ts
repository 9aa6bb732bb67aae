import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { upgradeRequest } from '../support/raw-websocket.ts'
import { Hall } from './hall.ts'
import { eventually } from '../support/eventually.ts'

interface Conversation {
  readonly send: (text: string | Uint8Array) => void
  /** The first line of the answer, or `closed` without one. */
  readonly answer: Promise<string>
  readonly text: () => string
}

function talk(port: number): Conversation {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  const answer = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.includes('\r\n\r\n')) resolve(text.split('\r\n', 1)[0]!)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve('closed'))
  })
  return { send: (bytes) => void socket.write(bytes), answer, text: () => text }
}

/** The start of a TLS ClientHello: somebody uses wss:// on the plain port. */
const clientHello = Buffer.from('16030100a5010000a10303', 'hex')
const good = upgradeRequest()

const garbage: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['TLS', clientHello, 'HTTP/1.1 400 Bad Request'],
  ['MQTT', Buffer.from('101000044d5154540402003c000474657374', 'hex'), 'HTTP/1.1 400 Bad Request'],
  ['noise', Buffer.alloc(5_000, 0xff), 'HTTP/1.1 400 Bad Request'],
  [
    'a request line without end',
    `GET /${'x'.repeat(100_000)}`,
    'HTTP/1.1 431 Request Header Fields Too Large',
  ],
  [
    'endless headers',
    `GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(20_000)}`,
    'HTTP/1.1 431 Request Header Fields Too Large',
  ],
  ['an upgrade on a wrong path', upgradeRequest('/mqqt'), 'HTTP/1.1 404 Not Found'],
  ['an upgrade with POST', good.replace('GET', 'POST'), 'HTTP/1.1 405 Method Not Allowed'],
  ['an upgrade without a key', good.replace(/Sec-WebSocket-Key.*\r\n/, ''), 'HTTP/1.1 400 Bad Request'],
  ['an upgrade of an old version', good.replace('Version: 13', 'Version: 7'), 'HTTP/1.1 400 Bad Request'],
  [
    'an upgrade to something else',
    good.replace('Upgrade: websocket', 'Upgrade: h2c'),
    'HTTP/1.1 400 Bad Request',
  ],
]

/** 40 KB in chunks of 10. */
const bigChunks = `2710\r\n${'x'.repeat(10_000)}\r\n`.repeat(4) + '0\r\n\r\n'

describe('the HTTP port', () => {
  it('answers each kind of garbage with an HTTP error, and stays alive', async () => {
    const hall = await Hall.open()
    const answers = await Promise.all(
      garbage.map(async ([what, bytes]) => {
        const conversation = talk(hall.bridge.port)
        conversation.send(bytes)
        return [what, await conversation.answer]
      }),
    )
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(garbage.map(([what, , line]) => [what, line])),
    )
    expect((await fetch(`${hall.bridge.url}/livez`)).status).toBe(200)
  })

  it.each([
    ['in chunks', 'Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n', '400 Bad Request'],
    ['with a length', 'Content-Length: 2', '{}', '400 Bad Request'],
    ['that is empty', 'Content-Length: 0', '', '400 Bad Request'],
    ['that is not UTF-8', 'Content-Length: 1', Buffer.from([0xff]), '400 Bad Request'],
    ['with chunks that are none', 'Transfer-Encoding: chunked', 'no\r\n', '400 Bad Request'],
    ['that is too large', 'Transfer-Encoding: chunked', bigChunks, '413 Payload Too Large'],
    ['with a length that is too large', 'Content-Length: 40000', 'x'.repeat(40_000), '413 Payload Too Large'],
  ] as const)('answers a body %s with a clear error of the client', async (_, header, body, line) => {
    const hall = await Hall.open()
    const conversation = talk(hall.bridge.port)
    const host = `127.0.0.1:${hall.bridge.port}`
    const headers = `Host: ${host}\r\nOrigin: http://${host}\r\nContent-Type: application/json\r\n${header}`
    conversation.send(`POST /api/login HTTP/1.1\r\n${headers}\r\n\r\n`)
    conversation.send(body)
    expect(await conversation.answer).toBe(`HTTP/1.1 ${line}`)
  })

  it('names the right path to a client that upgrades on a wrong one', async () => {
    const hall = await Hall.open()
    const conversation = talk(hall.bridge.port)
    conversation.send(upgradeRequest('/'))
    await conversation.answer
    await eventually(() => expect(conversation.text()).toContain('Try /mqtt'))
  })

  it('lets others in and serves them while a hundred requests arrive byte by byte', async () => {
    const hall = await Hall.open()
    const slow = Array.from({ length: 100 }, () => talk(hall.bridge.port))
    const held = good.length - 20
    const sendUpTo = async (from: number, to: number): Promise<void> => {
      for (const byte of good.slice(from, to)) {
        for (const { send } of slow) send(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await sendUpTo(0, held)
    const well = await hall.wellClient()
    await hall.broker.publish('owlcms/fop/in', 'between')
    await eventually(() => expect(well.heard).toEqual(['owlcms/fop/in between']))
    await sendUpTo(held, good.length)
    // Slow is no crime: they get in as well.
    const lines = await Promise.all(slow.map(({ answer }) => answer))
    expect(new Set(lines)).toEqual(new Set(['HTTP/1.1 101 Switching Protocols']))
  })
})
