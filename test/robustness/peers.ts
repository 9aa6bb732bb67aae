import { EventEmitter, once } from 'node:events'
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
export abstract class Peer {
  readonly stream = new ServerStream()
  protected readonly happened = new EventEmitter()
  /** Whether the server has hung up: its Close frame is here, or the socket is gone. */
  abstract readonly ended: boolean
  /** How it ended, for the statistics. */
  abstract readonly ending: string
  protected abstract readonly socket: Socket

  /** Sends these bytes as they are. */
  abstract write(chunk: Buffer): void
  /** Sends these bytes of an MQTT stream properly. */
  abstract send(mqtt: Buffer): void

  /** Resolves when something arrived or ended, or after `ms`. */
  async news(ms: number): Promise<void> {
    await once(this.happened, 'news', { signal: AbortSignal.timeout(ms) }).catch(() => undefined)
  }

  /** Goes away in one of several ways, polite and not. */
  leave(random: Random): void {
    const how = random.below(4)
    if (how === 0) this.send(Buffer.of(0xe0, 0))
    if (how < 2) this.socket.end()
    // Node leaks the descriptor of a socket that is reset while it shuts down.
    else if (how === 2 && !this.ended) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }
}

export class WebSocketPeer extends Peer {
  protected readonly socket: Socket
  readonly client: RawWebSocket

  static async open(port: number): Promise<WebSocketPeer> {
    return new WebSocketPeer(await RawWebSocket.open(port))
  }

  private constructor(client: RawWebSocket) {
    super()
    this.socket = client.socket
    this.client = client
    client.onPayload((payload) => {
      const { pingResponses } = this.stream
      this.stream.take(payload)
      // Each of the bridge's packets has a frame of its own, so one that is cut short shows here.
      if (this.stream.incomplete) this.stream.fault ??= `no whole packet: ${payload.toString('hex')}`
      if (this.stream.pingResponses > pingResponses) this.happened.emit('news')
    })
    void client.until(() => this.ended).then(() => this.happened.emit('news'))
  }

  get ended(): boolean {
    return this.client.gone || this.client.closeCode !== undefined
  }

  get ending(): string {
    return `close ${this.client.closeCode ?? 'without a frame'}`
  }

  write(chunk: Buffer): void {
    this.client.sendBytes(chunk)
  }

  send(mqtt: Buffer): void {
    this.write(clientFrame(mqtt))
  }

  override leave(random: Random): void {
    if (random.chance(0.2)) this.client.send(closePayload(1000), { opcode: opcodes.close })
    super.leave(random)
  }
}

export class TcpPeer extends Peer {
  readonly ending = 'TCP end'
  ended = false
  protected readonly socket: Socket

  static async open(port: number): Promise<TcpPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new TcpPeer(socket)
  }

  private constructor(socket: Socket) {
    super()
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      this.stream.take(chunk)
      this.happened.emit('news')
    })
    for (const end of ['end', 'close'])
      socket.on(end, () => {
        this.ended = true
        this.happened.emit('news')
      })
  }

  write(chunk: Buffer): void {
    if (this.socket.writable) this.socket.write(chunk)
  }

  send(mqtt: Buffer): void {
    this.write(mqtt)
  }
}
