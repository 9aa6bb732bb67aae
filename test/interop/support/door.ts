import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { ServerCertificate } from '../../support/certificates.ts'

/**
 * What stands between a client and the bridge: the hosting platform's proxy. Ends TLS as Fly and Heroku do,
 * cuts idle connections as Heroku does, and lets a test cut and count.
 */
export interface Door {
  readonly port: number
  /** Connections taken since start. */
  readonly accepted: number
  /** Connections open now. */
  readonly open: number
  /** Cuts every connection with a TCP reset; new ones are welcome. */
  cut(): void
  /** Cuts every connection and each new one at once, until `reopen`. */
  shut(): void
  reopen(): void
  stop(): Promise<void>
}

export interface DoorOptions {
  readonly target: number
  /** With it the door speaks TLS. */
  readonly certificate?: ServerCertificate
  /** Milliseconds without a byte in either direction after which a connection is cut (docs/platforms.md 2.3). */
  readonly idleCutMs?: number
}

/** Opens it on a free port of 127.0.0.1. */
export async function openDoor({ target, certificate, idleCutMs }: DoorOptions): Promise<Door> {
  const raw = new Set<Socket>()
  let accepted = 0
  let shut = false
  const pass = (near: Socket): void => {
    if (shut) return
    const far = connect(target, '127.0.0.1')
    far.setNoDelay(true)
    accepted += 1
    join(near, far)
    join(far, near)
    if (idleCutMs !== undefined) near.setTimeout(idleCutMs, () => near.destroy())
  }
  const server: Server =
    certificate === undefined ? createServer(pass) : createTlsServer({ ...certificate }, pass)
  server.on('tlsClientError', () => undefined)
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    if (shut) socket.resetAndDestroy()
    else raw.add(socket)
    socket.once('close', () => raw.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of raw) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted
    },
    get open() {
      return raw.size
    },
    cut,
    shut() {
      shut = true
      cut()
    },
    reopen() {
      shut = false
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}

function join(from: Socket, to: Socket): void {
  from.on('data', (bytes) => to.write(bytes))
  from.on('end', () => to.end())
  from.on('error', () => undefined)
  from.on('close', () => to.destroy())
}
