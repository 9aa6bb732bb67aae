import type { IncomingMessage } from 'node:http'
import { alivePaths, type Answer } from './front-door.ts'

/** Pages that are made anew for each request, and how many files they cost. */
const costly = /^\/(status|metrics|journal.*)?$/
const costlyCost = 5

const tooMany = 'Too many requests from your network. Reload in a moment.\n'

/**
 * Answers an address only so often, before anything is made for it: whoever asks without end would keep the officials'
 * lines waiting. `mayAsk` counts. Liveness is free: a platform's checks may share an address with anybody.
 */
export function limitAsks(
  answer: Answer,
  mayAsk: (request: IncomingMessage, cost: number) => boolean,
): Answer {
  return (request, response) => {
    // What was sent behind the request that was one too many.
    if (request.socket.writableEnded) return
    const [path = ''] = (request.url ?? '').split('?', 1)
    const free = alivePaths.some((alive) => alive === path)
    if (free || mayAsk(request, costly.test(path) ? costlyCost : 1)) {
      answer(request, response)
      return
    }
    response.writeHead(429, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Retry-After': '1',
      Connection: 'close',
    })
    response.end(tooMany)
  }
}
