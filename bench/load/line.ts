import { connect, type Socket } from 'node:net'
import { clientFrame, connectPacket, subscribePacket, unframe, upgradeRequest } from './packets.ts'

/** Where a client connects on 127.0.0.1, and how. */
export interface Door {
  readonly port: number
  readonly webSocket: boolean
}

export interface LineOptions {
  readonly door: Door
  readonly clientId: string
  /** Subscribed to at QoS 0 before the line counts as open. */
  readonly filter?: string
  /** All bytes after the last acknowledgement; the buffer is reused for the next read. */
  readonly onBytes?: (bytes: Buffer, length: number) => void
  /** The server hung up. */
  readonly onClose?: () => void
}

/** Longer than the bench keeps any connection, so that nobody needs to ping. */
const keepAliveSeconds = 300
const openTimeoutMs = 10_000

// One buffer for all sockets: each read is used up before the next one starts.
const shared = Buffer.alloc(256 * 1024)

/** One client of the load generator: a raw socket that speaks as little MQTT as possible. */
export class Line {
  readonly #socket: Socket
  readonly #webSocket: boolean

  constructor(socket: Socket, webSocket: boolean) {
    this.#socket = socket
    this.#webSocket = webSocket
  }

  /** Bytes that the operating system has not yet taken. */
  get backlogBytes(): number {
    return this.#socket.writableLength
  }

  /** Sends complete packets, in one frame and one write. */
  send(packets: Uint8Array): void {
    this.#socket.write(this.#webSocket ? clientFrame(packets) : packets)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Connects, introduces itself and subscribes. Rejects when the server refuses or takes longer than 10 s. */
export function openLine(options: LineOptions): Promise<Line> {
  return new Promise((resolve, reject) => {
    const greeting = new Greeting(options)
    let read = (bytes: Buffer, length: number): void => {
      const outcome = greeting.hear(Buffer.from(bytes.subarray(0, length)))
      if (typeof outcome === 'string') fail(new Error(outcome))
      else if (outcome.done) done()
      else if (outcome.packet !== undefined) line.send(outcome.packet)
    }
    const socket = connect({
      host: '127.0.0.1',
      port: options.door.port,
      noDelay: true,
      onread: { buffer: shared, callback: (length) => (read(shared, length), true) },
    })
    const line = new Line(socket, options.door.webSocket)
    const timer = setTimeout(() => fail(new Error(`no answer within ${openTimeoutMs} ms`)), openTimeoutMs)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const done = (): void => {
      clearTimeout(timer)
      read = options.onBytes ?? (() => undefined)
      resolve(line)
    }
    socket.once('connect', () => {
      if (options.door.webSocket) socket.write(upgradeRequest)
      else line.send(greeting.connect)
    })
    socket.on('error', fail)
    socket.on('close', () => {
      fail(new Error('closed by the server'))
      options.onClose?.()
    })
  })
}

/** What a server's bytes lead to before a line is open; a string is the reason to give up. */
type Heard = { readonly done: boolean; readonly packet?: Buffer } | string

/** The handshake, CONNACK and SUBACK, read slowly and carefully. */
class Greeting {
  readonly connect: Buffer
  readonly #options: LineOptions
  #upgraded: boolean
  #bytes: Buffer = Buffer.alloc(0)
  #packets: Buffer = Buffer.alloc(0)

  constructor(options: LineOptions) {
    this.#options = options
    this.#upgraded = !options.door.webSocket
    this.connect = connectPacket(options.clientId, keepAliveSeconds)
  }

  hear(chunk: Buffer): Heard {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (!this.#upgraded) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end === -1) return { done: false }
      if (!this.#bytes.toString('latin1', 0, 12).endsWith('101')) return 'no WebSocket there'
      this.#bytes = this.#bytes.subarray(end + 4)
      this.#upgraded = true
      return { done: false, packet: this.connect }
    }
    const { stream, rest } = this.#options.door.webSocket
      ? unframe(this.#bytes)
      : { stream: this.#bytes, rest: Buffer.alloc(0) }
    this.#bytes = rest
    this.#packets = Buffer.concat([this.#packets, stream])
    return this.#answer()
  }

  /** CONNACK has 4 bytes, SUBACK for one filter 5; nothing may follow them yet. */
  #answer(): Heard {
    const { filter } = this.#options
    if (this.#packets[0] === 0x20 && this.#packets.byteLength >= 4) {
      if (this.#packets[3] !== 0) return `CONNECT refused with ${String(this.#packets[3])}`
      if (filter !== undefined) {
        this.#packets = this.#packets.subarray(4)
        return { done: false, packet: subscribePacket(filter) }
      }
      return this.#packets.byteLength === 4 ? { done: true } : 'bytes before the first publication'
    }
    if (this.#packets[0] !== 0x90 || this.#packets.byteLength < 5) return { done: false }
    return this.#packets.byteLength + this.#bytes.byteLength === 5
      ? { done: true }
      : 'bytes before the first publication'
  }
}

/** Opens `count` lines, at most 50 at a time: a listener's backlog is short. */
export async function openLines(count: number, make: (at: number) => LineOptions): Promise<Line[]> {
  const lines: Line[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const at = next
      next += 1
      lines.push(await openLine(make(at)))
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(50, count) }, worker))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    for (const line of lines) line.close()
    throw new Error(`opened ${lines.length} of ${count} connections`, { cause: failed.reason })
  }
  return lines
}
