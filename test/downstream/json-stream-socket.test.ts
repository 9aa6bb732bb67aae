import type { Server } from 'node:http'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Hono } from 'hono'
import { defaultStreamLimits } from '../../src/downstream/json-stream/stream-limits.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { textWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { addEventStream } from '../../src/http/event-stream.ts'
import { listen, type HttpServer } from '../../src/http/door/listen.ts'
import { Hub } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

/** Time stands still unless told, but turns of the event loop are real, as sockets need them. */
class SocketClock extends FakeClock {
  override endOfTurn(callback: () => void): void {
    setImmediate(callback)
  }
}

let clock: SocketClock
let hub: Hub
let platforms: Platforms
let stream: JsonStream
let upgrades: Server
let http: HttpServer
const sockets: WebSocket[] = []
/** Each lets one token that waits be good. */
const slowTokens: (() => void)[] = []

beforeEach(async () => {
  clock = new SocketClock()
  platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream: new FakeUpstream(), platforms })
  stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: silentLog,
    version: '1.2.3',
    clientLimits: { ...defaultClientLimits, maxClientsPerAddress: 2 },
    authenticateToken: (token) =>
      token === 'slow'
        ? new Promise((resolve) => slowTokens.push(() => resolve({ kind: 'viewer' })))
        : token === undefined
          ? { kind: 'viewer' }
          : token === 'right'
            ? { kind: 'device' }
            : undefined,
  })
  const acceptor = textWebSocketAcceptor(
    { ...defaultStreamLimits, closeTimeoutMs: 2_000 },
    clock,
    (request) => request.socket.remoteAddress ?? '',
  )
  const app = new Hono()
  addEventStream(app, { open: (request, sink) => stream.openFeed({ ...request, address: 'x' }, sink) })
  http = await listen(app, { host: '127.0.0.1', port: 0 })
  upgrades = http.server
  ownUpgrades(
    upgrades,
    [
      {
        path: '/ws',
        accept: (request, socket, head) =>
          acceptor.accept(request, socket, head, (transport) => stream.accept(transport)),
      },
    ],
    { clock, closeTimeoutMs: 2_000, allowedOrigins: ['https://overlay.example'] },
  )
  hub.linkChanged(true)
  hear('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61.0.0"}')
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  stream.destroy()
  await http.close()
})

function hear(topic: string, payload = ''): void {
  hub.receive(publication(topic, payload))
}

interface Client {
  readonly socket: WebSocket
  next(): Promise<ServerMessage>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

function connect(options: object = {}): Client {
  const socket = new WebSocket(`ws://127.0.0.1:${http.port}/ws`, options)
  sockets.push(socket)
  const queue: ServerMessage[] = []
  const waiting: ((message: ServerMessage) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as ServerMessage
    const next = waiting.shift()
    if (next === undefined) queue.push(message)
    else next(message)
  })
  socket.on('error', () => undefined)
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  const next = (): Promise<ServerMessage> => {
    const known = queue.shift()
    return known === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(known)
  }
  return { socket, next, closed }
}

async function started(options: object = {}): Promise<Client> {
  const client = connect(options)
  await client.next()
  client.socket.send('{"type":"start","schema":1}')
  for (const type of ['started', 'status', 'snapshot']) expect((await client.next()).type).toBe(type)
  return client
}

describe('a socket of /ws', () => {
  it('says hello, takes start, and tells what happens', async () => {
    const client = await started()
    hear('owlcms/fop/down/A')
    expect(await client.next()).toMatchObject({ type: 'event', topic: 'owlcms/fop/down/A' })
  })

  it('carries messages of every length', async () => {
    const client = await started()
    for (const length of [0, 10, 100, 300, 70_000]) {
      hear('owlcms/fop/break/A', `${'A'.repeat(length)}B`)
      expect(await client.next()).toMatchObject({ payload: `${'A'.repeat(length)}B` })
    }
  })

  it.each([
    ['binary frames', Buffer.from('{}'), 1003],
    ['a message too large', `{"type":"start","schema":1,"token":"${'x'.repeat(9_000)}"}`, 1009],
    ['text that is not UTF-8', undefined, 1007],
  ])('ends with %s', async (_, data, code) => {
    const client = connect()
    await client.next()
    if (data === undefined) client.socket.send(Buffer.of(0xff, 0xfe), { binary: false })
    else client.socket.send(data)
    expect((await client.closed).code).toBe(code)
  })

  it('is heard one message in each turn of the event loop, so that a flood leaves room for others', async () => {
    const client = await started()
    // Sent in one turn of ours, so that the server reads all of them at once.
    for (let at = 0; at < 8; at += 1) client.socket.send('not understood')
    let most = 0
    for (let before = 0; stream.counters.streamBadMessages < 8;) {
      await new Promise((resolve) => setImmediate(resolve))
      const { streamBadMessages } = stream.counters
      most = Math.max(most, streamBadMessages - before)
      before = streamBadMessages
    }
    expect(most).toBe(1)
  })

  it('pings every 20 s, and goes on when the client answers', async () => {
    const client = await started()
    for (let round = 0; round < 3; round += 1) {
      const ping = once(client.socket, 'ping')
      const pongs = heardByServer()
      clock.advance(20_000)
      await ping
      await pongs
    }
    hear('owlcms/fop/down/A')
    // It was silent for a minute, and speaks again.
    for (const presence of ['silent', 'answering'])
      expect(await client.next()).toMatchObject({ type: 'status', presence })
    expect(await client.next()).toMatchObject({ type: 'event' })
  })

  it('ends with 4442 when a ping stays unanswered for 10 s', async () => {
    const client = await started({ autoPong: false })
    const ping = once(client.socket, 'ping')
    clock.advance(20_000)
    await ping
    clock.advance(9_999)
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
    clock.advance(1)
    expect(await client.closed).toEqual({ code: 4442, reason: 'nothing heard within the keep alive' })
    while (stream.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  /** Resolves when the server has read something from a socket, a pong here. */
  async function heardByServer(): Promise<void> {
    const before = await bytesRead()
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    while ((await bytesRead()) === before) await turn()
    // It looks at what it has read in the next turn.
    await turn()
    await turn()
  }
  async function bytesRead(): Promise<number> {
    return serverSockets.reduce((sum, { bytesRead: bytes }) => sum + bytes, 0)
  }
  let serverSockets: { readonly bytesRead: number }[] = []
  beforeEach(() => {
    serverSockets = []
    upgrades.on('connection', (socket) => serverSockets.push(socket))
  })
})

describe('the origin of a page', () => {
  const own = (): string => `http://127.0.0.1:${http.port}`
  it.each<[string, () => string | undefined, boolean]>([
    ['of no browser', () => undefined, true],
    ['of this bridge', own, true],
    ['on the list', () => 'https://overlay.example', true],
    ['elsewhere', () => 'https://evil.example', false],
    ['on another port', () => 'http://127.0.0.1:1', false],
    ['that only begins like ours', () => `${own()}.evil.example`, false],
    ['of a file', () => 'null', false],
  ])('%s', async (_, origin, allowed) => {
    const value = origin()
    const client = connect(value === undefined ? {} : { origin: value })
    const refused = once(client.socket, 'unexpected-response').then(([, response]) => {
      const { statusCode } = response as { readonly statusCode: number }
      return statusCode
    })
    const outcome = await Promise.race([client.next().then(({ type }) => type), refused])
    expect(outcome).toBe(allowed ? 'hello' : 403)
  })
})

describe('/events', () => {
  const url = (query = '?platform=A'): string => `http://127.0.0.1:${http.port}/events${query}`

  /** Reads until `count` events came; then leaves. */
  async function read(count: number, headers: Record<string, string> = {}, meanwhile?: () => void) {
    const abort = new AbortController()
    const response = await fetch(url(), { headers, signal: abort.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    let text = ''
    meanwhile?.()
    const decoder = new TextDecoder()
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.split('\n\nid: ').length - 1 + (text.startsWith('id: ') ? 1 : 0) >= count) break
    }
    abort.abort()
    return text
      .split('\n\n')
      .filter((block) => block.includes('data: '))
      .map((block) => ({
        id: /^id: (.*)$/m.exec(block)?.[1],
        event: /^event: (.*)$/m.exec(block)?.[1],
        data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as ServerMessage,
      }))
  }

  it('tells the same as /ws, and goes on from Last-Event-ID', async () => {
    const first = await read(2, {}, () => hear('owlcms/fop/down/A'))
    expect(first.map(({ event }) => event)).toEqual(['started', 'status', 'snapshot', 'event'])
    expect(first.every(({ event, data }) => event === data.type)).toBe(true)
    hear('owlcms/fop/startLifting/A')
    const second = await read(1, { 'Last-Event-ID': first.at(-1)!.id! })
    expect(second.map(({ data }) => ('topic' in data ? data.topic : data.type))).toEqual([
      'started',
      'status',
      'owlcms/fop/startLifting/A',
    ])
  })

  it.each(['junk', 'x/1/viewer', '%/1/%'])('begins with a snapshot when Last-Event-ID is %j', async (id) => {
    expect((await read(1, { 'Last-Event-ID': id })).at(-1)?.event).toBe('snapshot')
  })

  it('hears as a viewer without a token, as its holder with one', async () => {
    hear('owlcms/fop/decision/A', '1 good')
    const state = async (headers: Record<string, string>) => {
      const { data } = (await read(1, headers)).at(-1)!
      return data.type === 'snapshot' ? data.state.decisions : undefined
    }
    expect(await state({})).toEqual({})
    expect(await state({ Authorization: 'Bearer right' })).toEqual({ 1: 'good' })
  })

  it.each([
    ['no platform', '', {}, 400],
    ['a wrong token', '?platform=A', { Authorization: 'Bearer wrong' }, 401],
  ])('refuses %s', async (_, query, headers, status) => {
    const response = await fetch(url(query), { headers })
    await response.text()
    expect(response.status).toBe(status)
    expect(stream.connectionCount).toBe(0)
  })

  it('gives the place of a listener that left to another', async () => {
    for (let at = 0; at < 5; at += 1) {
      await read(1)
      while (stream.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve))
    }
  })

  it('answers HEAD with the headers alone, and keeps no place for it', async () => {
    for (let at = 0; at < 5; at += 1) {
      const response = await fetch(url(), { method: 'HEAD' })
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    }
    expect(stream.connectionCount).toBe(0)
  })

  it.each(['at once', 'while its token is verified'])('keeps no place for who leaves %s', async (when) => {
    const isLate = when !== 'at once'
    for (let at = 0; at < 5; at += 1) {
      const socket = connectTcp(http.port, '127.0.0.1')
      const arrived = once(http.server, 'request')
      const token = isLate ? 'Authorization: Bearer slow\r\n' : ''
      socket.write(`GET /events?platform=A HTTP/1.1\r\nHost: x\r\n${token}\r\n`)
      await arrived
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    await new Promise((resolve) => http.server.close(resolve))
    for (const verified of slowTokens.splice(0)) verified()
    await new Promise((resolve) => setImmediate(resolve))
    expect(stream.connectionCount).toBe(0)
  })

  it('ends every response at a stop', async () => {
    const response = await fetch(url())
    for (const leaver of stream.drain()) leaver.leave(closeCodes.restarting, 0)
    expect(await response.text()).toContain('event: snapshot')
    expect(stream.connectionCount).toBe(0)
  })
})
