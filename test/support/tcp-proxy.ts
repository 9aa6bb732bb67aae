import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { ServerCertificate } from './certificates.ts'

export interface ProxyOptions {
  /** With it the proxy ends TLS, as Fly and Heroku do. */
  readonly certificate?: ServerCertificate | undefined
  /** Milliseconds without a byte in either direction after which a connection is cut (docs/platforms.md 2.3). */
  readonly idleCutMs?: number | undefined
}

export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>

/**
 * Forwards TCP to a port on 127.0.0.1, as a hosting platform's proxy does, and can fall silent, as a network that lost its
 * uplink does. Of several ports each connection gets the next one that answers, as behind a shared address.
 */
export async function startTcpProxy(
  target: number | readonly number[],
  { certificate, idleCutMs }: ProxyOptions = {},
) {
  const targets = [target].flat()
  let turn = 0
  /** Of its clients, below TLS. */
  const raw = new Set<Socket>()
  const sockets = new Set<Socket>()
  const clients: Socket[] = []
  const ends: ('reset' | 'closed')[] = []
  let frozen = false
  let isShut = false
  const join = (near: Socket, tries: number): void => {
    const far = connect({ port: targets[turn++ % targets.length] ?? 0, host: '127.0.0.1', noDelay: true })
    if (tries > 1) {
      near.pause()
      far.once('connect', () => pipe(near, far))
      far.once('error', () => join(near, tries - 1))
    } else pipe(near, far)
  }
  const pipe = (near: Socket, far: Socket): void => {
    far.removeAllListeners('error')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (!frozen) to.write(bytes)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        // What it was given before still gets there.
        if (!frozen) to.destroySoon()
      })
    }
    near.resume()
  }
  const accept = (near: Socket): void => {
    if (isShut) return
    clients.push(near)
    near.once('error', () => ends.push('reset'))
    near.once('end', () => ends.push('closed'))
    if (idleCutMs !== undefined) near.setTimeout(idleCutMs, () => near.destroy())
    join(near, targets.length)
  }
  const server: Server =
    certificate === undefined
      ? createServer({ noDelay: true }, accept)
      : createTlsServer({ ...certificate, noDelay: true }, accept).on('tlsClientError', () => undefined)
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined)
    socket.once('close', () => raw.delete(socket))
    if (isShut) socket.resetAndDestroy()
    else raw.add(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** Its clients' connections, the gone ones too, in the order in which they came. */
    clients,
    /** How they ended. */
    ends,
    /** Both ends of every open connection. */
    sockets,
    /** How many are open. */
    open: () => raw.size,
    /** Takes bytes from both sides and forwards none, without closing anything. */
    freeze: () => void (frozen = true),
    /** Forwards new bytes again; what came meanwhile is lost. */
    thaw: () => void (frozen = false),
    /** Cuts every connection with a reset, and each new one at once, until `reopen`. */
    shut: () => {
      isShut = true
      for (const socket of raw) socket.resetAndDestroy()
    },
    reopen: () => void (isShut = false),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of [...sockets, ...raw]) socket.destroy()
      await closed
    },
  }
}
