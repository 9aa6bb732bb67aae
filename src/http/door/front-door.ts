import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A port of ours that speaks HTTP. */
export interface HttpServer {
  /** The port really in use, also when port 0 was asked for. */
  readonly port: number
  /** For the single owner of `upgrade`. */
  readonly server: Server
  /** Takes no new connections; those that are open go on. The port is free for another process. */
  stopListening(): void
  /**
   * Stops listening and cuts every connection that is left, upgraded ones too: close WebSockets with
   * their close code first. Resolves when the last one is gone; may be called again.
   */
  close(): Promise<void>
}

/** A server that listens before there is anything behind it. */
export interface FrontDoor extends HttpServer {
  /**
   * From now on `answer` answers, beginning with the requests that waited. Sockets that waited to upgrade go to the
   * listeners of the server's `upgrade`, so those are to be set before. To be called once.
   */
  open(answer: Answer): void
}

/** Answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** What liveness says: 200 as long as the process answers at all, whatever the broker does (R8). */
export const alive = { status: 'pass' } as const
/** Where platforms ask for it, each under its own name. */
export const alivePaths = ['/livez', '/healthz'] as const

/** Heroku's router keeps idle connections for 90 s and answers H13 if we close first (docs/platforms.md 2.3). */
const keepAliveTimeoutMs = 95_000

/** Headers that take longer are nobody's: a phone on a slow line needs a second. Looked at every so often. */
const headersTimeoutMs = 10_000
const lookEveryMs = 2_000

/**
 * A line on which nothing moves for that long, while somebody is to be answered: its peer doesn't read. Longer than any
 * answer takes to come.
 */
const stuckTimeoutMs = 120_000

/** Sockets of any kind, before they are known as clients: more than any limit of clients. */
const maxConnections = 20_000

/**
 * Listens on `host` and `port`, before the program behind it is loaded: a platform's check gets its answer at
 * once, and everybody else waits at the door until it opens. Rejects with Node's error (`EADDRINUSE`, …) if it cannot
 * listen.
 */
export async function closedDoor({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<FrontDoor> {
  const server = createServer({ connectionsCheckingInterval: lookEveryMs })
  server.keepAliveTimeout = keepAliveTimeoutMs
  server.headersTimeout = headersTimeoutMs
  server.maxConnections = maxConnections
  // Not as the server's own timeout: its timer would stay with every WebSocket, which has deadlines of its own.
  server.on('request', ({ socket }: IncomingMessage) => socket.setTimeout(stuckTimeoutMs))
  const sockets = new Set<Socket>()
  // One listener for all.
  function forget(this: Socket): void {
    sockets.delete(this)
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', forget)
  })
  const open = holdBack(server)
  await listening(server, host, port)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port')
  let ended: Promise<void> | undefined
  const stopListening = (): Promise<void> =>
    (ended ??= new Promise((resolve) => server.close(() => resolve())))
  return {
    port: address.port,
    server,
    open,
    stopListening: () => void stopListening(),
    close: () => {
      const end = stopListening()
      for (const socket of sockets) socket.destroy()
      return end
    },
  }
}

/** Keeps what comes, except for questions after liveness, until the function it returns is called. */
function holdBack(server: Server): FrontDoor['open'] {
  const requests: [IncomingMessage, ServerResponse][] = []
  const upgrades: [IncomingMessage, Duplex, Buffer][] = []
  const wait: Answer = (request, response) => {
    if (!asksForLife(request)) requests.push([request, response])
    else sayAlive(response)
  }
  const hold = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A reset while it waits; without a listener it would end the process.
    socket.on('error', () => socket.destroy())
    upgrades.push([request, socket, head])
  }
  server.on('request', wait).on('upgrade', hold)
  return (answer) => {
    server.off('request', wait).off('upgrade', hold)
    server.on('request', answer)
    for (const [request, response] of requests) if (!response.destroyed) answer(request, response)
    for (const [request, socket, head] of upgrades) {
      if (socket.destroyed) continue
      if (!server.emit('upgrade', request, socket, head)) socket.destroy()
    }
  }
}

/** Whether a platform, or anybody, asks if the process lives. */
export function asksForLife({ method, url = '' }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0]
  return (method === 'GET' || method === 'HEAD') && alivePaths.some((known) => known === path)
}

/** Answers a question for liveness, without the pages, which may not be loaded yet. */
export function sayAlive(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify(alive))
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
