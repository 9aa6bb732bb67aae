import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** One path that speaks WebSocket. */
export interface UpgradeRoute {
  readonly path: string
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/**
 * The single owner of the HTTP server's `upgrade` event: looks at the path and hands the socket to one
 * edge. Anything else is answered in plain HTTP, so that a wrong address shows as one.
 */
export function ownUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A reset during the handshake; without a listener it would end the process.
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?', 1)[0]
    const route = routes.find((candidate) => candidate.path === path || `${candidate.path}/` === path)
    if (route === undefined) refuse(socket, routes)
    else route.accept(request, socket, head)
  })
}

function refuse(socket: Duplex, routes: readonly UpgradeRoute[]): void {
  const body = `No WebSocket here. Try ${routes.map((route) => route.path).join(' or ')}.\n`
  socket.end(
    'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
