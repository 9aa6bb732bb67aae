import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { destroySoon } from './end-soon.ts'
import { Slices } from './slices.ts'
import type { Framing, Transport, TransportEvents } from './transport.ts'

/** MQTT straight on TCP: packets as they are; nothing can be sent that isn't a packet. */
export const tcpFraming: Framing = {
  name: 'tcp',
  frame: (packet) => packet,
  frameBytes: (bytes) => bytes,
  nudge: undefined,
}

/** A port that is listened to. */
export interface TcpListener {
  readonly port: number
  /** Takes no new connections. */
  stopListening(): void
  /** Stops listening; resolves when the last socket is gone, and open ones are their owner's business. */
  close(): Promise<void>
}

/**
 * Plain MQTT for devices that know neither TLS nor WebSocket. Rejects with Node's error (EADDRINUSE,
 * EACCES) when the port can't be had.
 */
export async function listenTcp(
  where: { readonly host: string; readonly port: number },
  limits: ClientLimits,
  clock: Clock,
  accepted: (transport: Transport) => void,
): Promise<TcpListener> {
  const server: Server = createServer({ noDelay: true, keepAlive: true }, (socket) =>
    accepted(new TcpTransport(socket, limits, clock)),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  let ended: Promise<void> | undefined
  const close = (): Promise<void> => (ended ??= new Promise((resolve) => server.close(() => resolve())))
  return {
    port: typeof address === 'object' && address !== null ? address.port : where.port,
    stopListening: () => void close(),
    close,
  }
}

class TcpTransport implements Transport {
  readonly framing = tcpFraming
  readonly remoteAddress: string
  readonly #socket: Socket
  readonly #limits: ClientLimits
  readonly #clock: Clock
  #slices: Slices | undefined

  constructor(socket: Socket, limits: ClientLimits, clock: Clock) {
    this.#socket = socket
    this.#limits = limits
    this.#clock = clock
    this.remoteAddress = socket.remoteAddress ?? 'unknown'
    // A reset is followed by close; there is nothing to add.
    socket.on('error', () => undefined)
    // Node waits for what is yet to be sent, which a peer that doesn't read puts off.
    socket.on('end', () => this.#destroySoon())
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  open(events: TransportEvents): void {
    const slices = new Slices(this.#clock, this.#socket, events)
    this.#slices = slices
    this.#socket.on('data', (chunk) => slices.take(chunk))
    this.#socket.on('close', () => slices.end(() => events.closed()))
  }

  write(frames: Uint8Array, taken?: (error?: Error | null) => void): void {
    if (this.#socket.writable) this.#socket.write(frames, taken)
    else taken?.(new Error('the line is closed'))
  }

  /** TCP has no close reason; MQTT 5 clients were told by DISCONNECT, others see the end. */
  close(): void {
    this.#slices?.stop()
    this.#socket.end()
    // Unread bytes would turn the end into a reset.
    this.#socket.resume()
    this.#destroySoon()
  }

  stopReading(): void {
    this.#slices?.stop()
    this.#socket.pause()
  }

  /** By a reset: what the operating system still has must not arrive later (R4). */
  destroy(): void {
    this.#slices?.stop()
    this.#socket.resetAndDestroy()
  }

  #destroySoon(): void {
    destroySoon(this.#socket, this.#clock, this.#limits.closeTimeoutMs)
  }
}
