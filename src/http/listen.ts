import { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

export interface HttpServer {
  /** The port really in use, also when port 0 was asked for. */
  readonly port: number
  /** For the single owner of `upgrade` (style.md 4, upgrade.ts). */
  readonly server: Server
  /** Takes no new connections; those that are open go on. The port is free for another process. */
  stopListening(): void
  /**
   * Stops listening and cuts every connection that is left, upgraded ones too: close WebSockets with
   * their close code first. Resolves when the last one is gone; may be called again.
   */
  close(): Promise<void>
}

/** Heroku's router keeps idle connections for 90 s and answers H13 if we close first (platforms.md 2.3). */
const keepAliveTimeoutMs = 95_000

/** Sockets of any kind, before they are known as clients: more than any limit of clients. */
const maxConnections = 20_000

/** Serves `app` on `host` and `port`. Rejects with Node's error (`EADDRINUSE`, …) if it cannot listen. */
export async function listen(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false })
  if (!(server instanceof Server)) throw new Error('the adapter made no plain HTTP server')
  server.keepAliveTimeout = keepAliveTimeoutMs
  server.headersTimeout = keepAliveTimeoutMs + 5_000
  server.maxConnections = maxConnections
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port')
  let ended: Promise<void> | undefined
  const stopListening = (): Promise<void> =>
    (ended ??= new Promise((resolve) => server.close(() => resolve())))
  return {
    port: address.port,
    server,
    stopListening: () => void stopListening(),
    close: () => {
      const end = stopListening()
      for (const socket of sockets) socket.destroy()
      return end
    },
  }
}
