import { connect, type Socket } from 'node:net'
import { clientFrame, closePayload, opcodes, RawWebSocket } from '../support/raw-websocket.ts'
import type { Random } from '../support/random.ts'

/** First bytes of the packets that a server may send (MQTT 5.0 section 2.1). */
const serverPackets = new Set([0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0])

/** Reads what the server sends as MQTT packets, whatever the version: types, and that the lengths fit. */
class ServerStream {
  pingResponses = 0
  fault: string | undefined
  #rest: Buffer = Buffer.alloc(0)

  /** Whether part of a packet is waiting for the rest. */
  get incomplete(): boolean {
    return this.#rest.length > 0
  }

  take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (;;) {
      const packet = this.#next()
      if (packet === undefined) return
      const first = packet[0]!
      const publish = first >> 4 === 3 && (first & 0x06) !== 0x06
      if (!publish && !serverPackets.has(first))
        this.fault ??= `packet that starts with ${first.toString(16)}`
      if (first === 0xd0) this.pingResponses += 1
    }
  }

  #next(): Buffer | undefined {
    let length = 0
    for (let digit = 0; digit < 4; digit += 1) {
      const byte = this.#rest[1 + digit]
      if (byte === undefined) return undefined
      length += (byte & 0x7f) * 128 ** digit
      if ((byte & 0x80) !== 0) continue
      const end = 2 + digit + length
      if (this.#rest.length < end) return undefined
      const packet = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      return packet
    }
    this.fault ??= 'a length of five bytes'
    return undefined
  }
}

/** One hostile connection, of either transport. */
export interface Peer {
  readonly stream: ServerStream
  /** Whether the server has hung up: its Close frame is here, or the socket is gone. */
  readonly ended: boolean
  /** What the server did wrong, or undefined. Meant for after `ended`. */
  fault(): string | undefined
  /** How it ended, for the statistics. */
  readonly ending: string
  /** Sends these bytes as they are. */
  write(chunk: Buffer): void
  /** Sends these bytes of an MQTT stream properly. */
  send(mqtt: Buffer): void
  /** Resolves when something arrived or ended, or after `ms`. */
  news(ms: number): Promise<void>
  /** Goes away in one of several ways, polite and not. */
  leave(random: Random): void
}

async function within(ms: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([event, late])
  clearTimeout(timer)
}

/** Whether the server may close with this code, after what the client sent. */
type IsAllowed = (code: number, sent: Buffer) => boolean

export class WebSocketPeer implements Peer {
  readonly stream = new ServerStream()
  readonly #socket: RawWebSocket
  readonly #isAllowed: IsAllowed
  readonly #sent: Buffer[] = []

  static async open(port: number, isAllowed: IsAllowed): Promise<WebSocketPeer> {
    return new WebSocketPeer(await RawWebSocket.open(port), isAllowed)
  }

  private constructor(socket: RawWebSocket, isAllowed: IsAllowed) {
    this.#socket = socket
    this.#isAllowed = isAllowed
    socket.onPayload((payload) => {
      this.stream.take(payload)
      // Each of the bridge's packets has a frame of its own, so one that is cut short shows here.
      if (this.stream.incomplete) this.stream.fault ??= `no whole packet: ${payload.toString('hex')}`
    })
  }

  get ended(): boolean {
    return this.#socket.gone || this.#socket.closeCode !== undefined
  }

  get ending(): string {
    return `close ${this.#socket.closeCode ?? 'without a frame'}`
  }

  fault(): string | undefined {
    const code = this.#socket.closeCode
    if (this.#socket.fault !== undefined) return this.#socket.fault
    if (this.stream.fault !== undefined) return this.stream.fault
    if (code === undefined) return this.ended ? 'cut without a Close frame' : undefined
    if (this.#isAllowed(code, Buffer.concat(this.#sent))) return undefined
    return `close code ${code}, which has no name`
  }

  send(mqtt: Buffer): void {
    this.write(clientFrame(mqtt))
  }

  news(ms: number): Promise<void> {
    const { pingResponses } = this.stream
    return within(
      ms,
      this.#socket.until(() => this.ended || this.stream.pingResponses > pingResponses),
    )
  }

  leave(random: Random): void {
    const how = random.below(5)
    if (how === 0) this.#socket.send(Buffer.of(0xe0, 0))
    if (how === 1) this.#socket.send(closePayload(1000), { opcode: opcodes.close })
    if (how < 3) this.#socket.end()
    else if (how === 3 && !this.ended) this.#socket.reset()
    else this.#socket.destroy()
  }

  write(chunk: Buffer): void {
    this.#sent.push(chunk)
    this.#socket.sendBytes(chunk)
  }
}

export class TcpPeer implements Peer {
  readonly stream = new ServerStream()
  readonly ending = 'TCP end'
  readonly #socket: Socket
  readonly #waiting = new Set<() => void>()
  ended = false

  static async open(port: number): Promise<TcpPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new TcpPeer(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      this.stream.take(chunk)
      this.#look()
    })
    const over = (): void => {
      this.ended = true
      this.#look()
    }
    socket.on('end', over)
    socket.on('close', over)
  }

  fault(): string | undefined {
    return this.stream.fault
  }

  write(chunk: Buffer): void {
    if (this.#socket.writable) this.#socket.write(chunk)
  }

  send(mqtt: Buffer): void {
    this.write(mqtt)
  }

  news(ms: number): Promise<void> {
    return within(
      ms,
      new Promise((resolve) => {
        if (this.ended) resolve()
        else this.#waiting.add(resolve)
      }),
    )
  }

  leave(random: Random): void {
    const how = random.below(4)
    if (how === 0) this.send(Buffer.of(0xe0, 0))
    if (how < 2) this.#socket.end()
    // Node leaks the descriptor of a socket that is reset while it shuts down.
    else if (how === 2 && !this.ended) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  #look(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
