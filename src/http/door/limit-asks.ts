import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../support/clock.ts'
import { asksForLife, sayAlive, type Answer } from './front-door.ts'

/** Pages that are made anew for each request, and how many files they cost. */
const costly = /^\/(status|metrics|journal.*)?$/
const costlyCost = 5

/** Requests of one line that may wait for their answers; browsers and proxies send one after the other. */
const mostUnderWay = 4

const body = 'Too many requests from your network. Reload in a moment.\n'
const tooMany =
  'HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n' +
  `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/**
 * Answers an address only so often, before anything is made for it, and then one request in each turn of the event loop:
 * whoever asks without end would keep the officials' lines waiting. The line of a request too many ends with it, and what
 * was sent behind it isn't read. `mayAsk` counts. Liveness is free: a platform's checks may share an address with anybody.
 */
export function limitAsks(
  answer: Answer,
  mayAsk: (request: IncomingMessage, cost: number) => boolean,
  clock: Pick<Clock, 'endOfTurn'>,
): Answer {
  const underWay = new WeakMap<Socket, number>()
  const waiting: [IncomingMessage, ServerResponse][] = []
  const next = (): void => {
    const [request, response] = waiting.shift() ?? []
    if (waiting.length > 0) clock.endOfTurn(next)
    if (request !== undefined && response?.destroyed === false) answer(request, response)
  }
  return (request, response) => {
    const { socket } = request
    if (socket.destroyed || socket.writableEnded) return
    const before = underWay.get(socket) ?? 0
    const [path = ''] = (request.url ?? '').split('?', 1)
    const free = asksForLife(request)
    if (before >= mostUnderWay || !(free || mayAsk(request, costly.test(path) ? costlyCost : 1))) {
      refuse(socket)
      return
    }
    underWay.set(socket, before + 1)
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
    if (free) sayAlive(response)
    else if (waiting.push([request, response]) === 1) clock.endOfTurn(next)
  }
}

/** What a socket of Node's server has, and its types don't name. */
type Parsed = Socket & { readonly parser?: { onIncoming?: () => number } | null }

/** Straight to the line: a response would wait for those before it, and for the rest of what was read at once. */
function refuse(socket: Parsed): void {
  socket.write(tooMany)
  socket.destroySoon()
  // The next request is a parse error: up to 64 KiB of them have come already, and Node knows no other way to leave those unread.
  if (socket.parser != null) socket.parser.onIncoming = () => -1
}
