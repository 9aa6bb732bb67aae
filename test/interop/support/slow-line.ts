import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line in front of a bridge: each connection's bytes are delayed, in order. */
export interface SlowLine {
  readonly port: number
  /** Leads elsewhere from now on, and cuts what is open. */
  leadTo(port: number, delays: LineDelays): void
  stop(): Promise<void>
}

export interface LineDelays {
  /** Milliseconds one way until the bridge has said `hellos` things, the last of which is CONNACK. */
  readonly beforeMs: number
  readonly hellos: number
  /** Milliseconds one way after it. */
  readonly afterMs: number
  /** Which of the client's pieces after CONNACK comes 1 s late. */
  readonly lateAt?: number
}

/** Opens it on a free port of 127.0.0.1, quick and leading nowhere. */
export async function startSlowLine(): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  let target = 0
  let delays: LineDelays = { beforeMs: 0, hellos: 0, afterMs: 0 }
  const server = createServer((near) => {
    near.setNoDelay(true)
    sockets.add(near)
    near.on('error', () => undefined)
    if (target === 0) {
      near.destroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    far.setNoDelay(true)
    sockets.add(far)
    far.on('error', () => undefined)
    const mine = delays
    let said = 0
    let pieces = 0
    const carry = (from: Socket, to: Socket, delayMs: () => number): void => {
      const waiting: Buffer[] = []
      let free = 0
      from.on('data', (bytes) => {
        const now = performance.now()
        free = Math.max(free, now + delayMs())
        waiting.push(bytes)
        // Timers of about the same time may fire in any order; the pieces go in theirs.
        setTimeout(() => to.write(waiting.shift() ?? ''), free - now)
      })
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    carry(far, near, () => (said++ < mine.hellos ? mine.beforeMs : mine.afterMs))
    carry(near, far, () => {
      if (said < mine.hellos) return mine.beforeMs
      return mine.afterMs + (pieces++ === mine.lateAt ? 1_000 : 0)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port, how) {
      target = port
      delays = how
      cut()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
