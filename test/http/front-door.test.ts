import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.tsx'
import { closedDoor, type FrontDoor } from '../../src/http/door/front-door.ts'
import { limitAsks } from '../../src/http/door/limit-asks.ts'
import { answerOf } from '../../src/http/door/listen.ts'
import { GuestBook } from '../../src/downstream/guests/guest-book.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { viewsOf, webOptions } from './fixtures.ts'
import { eventually } from '../support/eventually.ts'

let door: FrontDoor
const sockets: Socket[] = []

beforeEach(async () => {
  door = await closedDoor({ host: '127.0.0.1', port: 0 })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await door.close()
})

const at = (path: string): string => `http://127.0.0.1:${door.port}${path}`
const pages = () =>
  answerOf(
    createApp(
      viewsOf(() => ({})),
      webOptions(),
    ),
  )

/** A raw connection that has said `words`, and whatever it is told. */
async function say(words: string): Promise<{ readonly socket: Socket; readonly heard: () => string }> {
  const socket = connect(door.port, '127.0.0.1')
  sockets.push(socket)
  let heard = ''
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
  await once(socket, 'connect')
  socket.write(words)
  return { socket, heard: () => heard }
}

/** Everything that was sent before has been read by the door when this has its answer. */
const settled = async (): Promise<void> => {
  for (let time = 0; time < 3; time += 1) await (await fetch(at('/livez'))).text()
}

test.for(['/livez', '/healthz', '/livez?from=platform'])(
  '%s has the same answer before and after the door opens',
  async (path) => {
    const told = async () => {
      const response = await fetch(at(path))
      const { headers, status } = response
      const [type, cache] = [headers.get('content-type'), headers.get('cache-control')]
      return { status, type, cache, body: await response.text() }
    }
    const before = await told()
    expect(before).toEqual({
      status: 200,
      type: 'application/json',
      cache: 'no-store',
      body: '{"status":"pass"}',
    })
    door.open(pages())
    expect(await told()).toEqual(before)
  },
)

test('a page asked for at the closed door waits, and comes when it opens', async () => {
  let came = false
  const page = fetch(at('/')).finally(() => (came = true))
  const posted = fetch(at('/livez'), { method: 'POST', body: 'x'.repeat(100_000) })
  await settled()
  expect(came).toBe(false)
  door.open(pages())
  expect((await page).headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await posted).status).toBe(404)
})

test('a socket that wants to upgrade waits with its first bytes, and goes to the listener of the time', async () => {
  const { heard } = await say(
    'GET /ws HTTP/1.1\r\nHost: hall\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst',
  )
  await settled()
  expect(heard()).toBe('')
  door.server.on('upgrade', (request, socket, head: Buffer) => {
    socket.end(`${request.url ?? ''} ${head.toString()}`)
  })
  door.open(pages())
  await eventually(() => expect(heard()).toBe('/ws first'))
})

test('a socket that wants to upgrade where nobody upgrades is closed', async () => {
  const { socket } = await say(
    'GET /ws HTTP/1.1\r\nHost: hall\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  await settled()
  const closed = once(socket, 'close')
  door.open(pages())
  await closed
})

test('who left while waiting is forgotten', async () => {
  const asking = await say('GET /gone HTTP/1.1\r\nHost: hall\r\n\r\n')
  const upgrading = await say(
    'GET /ws HTTP/1.1\r\nHost: hall\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  const staying = fetch(at('/stays'))
  await settled()
  asking.socket.resetAndDestroy()
  upgrading.socket.resetAndDestroy()
  await settled()
  const answered: string[] = []
  door.server.on('upgrade', (request) => answered.push(request.url ?? ''))
  door.open((request, response) => {
    answered.push(request.url ?? '')
    response.end()
  })
  await staying
  expect(answered).toEqual(['/stays'])
})

test('the closed door can be shut: whoever waits is cut', async () => {
  const waiting = fetch(at('/')).then(
    () => 'answered',
    () => 'cut',
  )
  await settled()
  await door.close()
  expect(await waiting).toBe('cut')
})

test('a peer that asks and never reads is cut in the end', async () => {
  const timeouts: (number | undefined)[] = []
  door.open(({ socket }, response) => {
    timeouts.push(socket.timeout)
    // The same, sooner.
    socket.setTimeout(200)
    // More than a line of this machine holds.
    response.end(Buffer.alloc(64 * 1024 * 1024))
  })
  const came = once(door.server, 'connection') as Promise<[Socket]>
  const socket = connect(door.port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  const [inside] = await came
  const gone = once(inside, 'close')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await gone
  expect(timeouts).toEqual([120_000])
})

test('a WebSocket brings no timer of the page server with it', async () => {
  const upgraded = once(door.server, 'upgrade') as Promise<[unknown, Socket]>
  door.open(pages())
  await say('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const [, inside] = await upgraded
  expect(inside.timeout).toBeUndefined()
  inside.destroy()
})

test('half a request is cut after ten seconds', async () => {
  door.open(pages())
  expect(door.server.headersTimeout).toBe(10_000)
  // The same, sooner: it looks every two seconds.
  door.server.headersTimeout = 100
  const { socket, heard } = await say('GET /status HTTP/1.1\r\nHo')
  await once(socket, 'close')
  expect(heard()).toMatch(/^HTTP\/1\.1 408 /)
})

test('an address that asks without end is refused before anything is made for it, and liveness and others are not', async () => {
  const guests = new GuestBook(systemClock, { ...defaultClientLimits, asksPerSecond: 0.001, askBurst: 25 })
  const made: string[] = []
  const answer = pages()
  let address = '192.0.2.1'
  door.open(
    limitAsks(
      (request, response) => {
        made.push(request.url ?? '')
        answer(request, response)
      },
      (_, cost) => guests.mayAsk(address, cost),
      systemClock,
    ),
  )
  const ask = async (path: string, times: number): Promise<number[]> => {
    const answers: number[] = []
    for (let time = 0; time < times; time += 1) answers.push((await fetch(at(path))).status)
    return answers
  }
  expect(await ask('/status', 7)).toEqual([200, 200, 200, 200, 200, 429, 429])
  expect([await ask('/livez', 1), await ask('/assets/icon.svg', 1)]).toEqual([[200], [429]])
  address = '192.0.2.2'
  expect(await ask('/assets/icon.svg', 20)).toEqual(Array(20).fill(200))
  made.length = 0
  address = '192.0.2.1'
  // Many at once on one line: it ends with the first that is one too many, and the others aren't even read.
  let read = 0
  door.server.on('request', () => (read += 1))
  const { socket, heard } = await say('GET /status HTTP/1.1\r\nHost: hall\r\n\r\n'.repeat(1_000))
  await once(socket, 'close')
  expect([made, read, heard().match(/HTTP\/1\.1 \d+/g)]).toEqual([[], 1, ['HTTP/1.1 429']])
})

test.each(['GET /status', 'GET /livez', 'HEAD /livez', 'GET /assets/icon.svg'])(
  'a line on which %s is asked again and again before the answers are there ends, and the rest isn’t read',
  async (line) => {
    const answer = pages()
    door.open(limitAsks(answer, () => true, systemClock))
    let read = 0
    door.server.on('request', () => (read += 1))
    const { socket, heard } = await say(`${line} HTTP/1.1\r\nHost: hall\r\n\r\n`.repeat(1_000))
    await once(socket, 'close')
    expect([read, heard().includes('HTTP/1.1 429')]).toEqual([5, true])
  },
)

test('requests are answered one in each turn of the event loop, and none whose line is gone', async () => {
  const turns: (() => void)[] = []
  const made: (string | undefined)[] = []
  const answer = limitAsks(
    (request) => made.push(request.url),
    () => true,
    { endOfTurn: (callback) => turns.push(callback) },
  )
  door.open(answer)
  const lines = []
  for (const path of ['/1', '/2', '/3', '/4']) {
    lines.push(await say(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`))
    await settled()
  }
  lines[1]?.socket.resetAndDestroy()
  await settled()
  const after: unknown[] = []
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    turn()
    after.push(made.at(-1))
  }
  expect(after).toEqual(['/1', '/1', '/3', '/4'])
})
