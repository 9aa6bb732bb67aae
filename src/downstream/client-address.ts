import type { IncomingMessage } from 'node:http'
import type { Hosting } from '../support/hosting.ts'

/**
 * The client's address, trusting only what the hosting platform's own proxy wrote: Fly's `Fly-Client-IP`,
 * the rightmost `X-Forwarded-For` on Heroku, elsewhere the socket's peer (platforms.md 1.3, 2.3).
 */
export function clientAddress(hosting: Hosting): (request: IncomingMessage) => string {
  return (request) => {
    const peer = request.socket.remoteAddress ?? 'unknown'
    if (hosting === 'fly') return header(request, 'fly-client-ip') ?? peer
    if (hosting === 'heroku') return header(request, 'x-forwarded-for')?.split(',').at(-1)?.trim() ?? peer
    return peer
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  const text = Array.isArray(value) ? value.join(',') : value
  return text === '' ? undefined : text
}
