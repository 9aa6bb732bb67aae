import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * Forwards TCP to a port on 127.0.0.1 and can fall silent, as a network that lost its uplink does. Of several ports each
 * connection gets the next one that answers, as behind a shared address.
 */
export interface TcpProxy {
  readonly port: number
  /** How its clients' connections ended: `reset`, or `closed`. */
  readonly ends: readonly ('reset' | 'closed')[]
  /** Takes bytes from both sides and forwards none, without closing anything. */
  freeze(): void
  /** Forwards new bytes again; what came meanwhile is lost. */
  thaw(): void
  /** Reads no more: bytes wait in the line, as in a network that stands still. */
  hold(): void
  /** Goes on reading; what waited arrives late. */
  release(): void
  /** Cuts one of its clients' connections with a reset; 0 is the first one it took. */
  cut(at: number): void
  stop(): Promise<void>
}

/** Starts it on a free port. */
export async function startTcpProxy(...targetPorts: readonly number[]): Promise<TcpProxy> {
  let turn = 0
  const sockets = new Set<Socket>()
  const clients: Socket[] = []
  const ends: ('reset' | 'closed')[] = []
  let frozen = false
  const join = (near: Socket, tries: number): void => {
    const port = targetPorts[turn % targetPorts.length] ?? 0
    turn += 1
    const far = connect(port, '127.0.0.1')
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
  const server = createServer((near) => {
    clients.push(near)
    near.once('error', () => ends.push('reset'))
    near.once('end', () => ends.push('closed'))
    join(near, targetPorts.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    ends,
    freeze: () => (frozen = true),
    thaw: () => (frozen = false),
    hold: () => {
      for (const socket of sockets) socket.pause()
    },
    release: () => {
      for (const socket of sockets) socket.resume()
    },
    cut: (at) => void clients[at]?.resetAndDestroy(),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
