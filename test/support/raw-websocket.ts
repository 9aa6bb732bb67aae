import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** RFC 6455 section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface FrameOptions {
  /** Default: binary. Any four bits. */
  readonly opcode?: number
  /** Default: true. */
  readonly fin?: boolean
  /** The three reserved bits; default 0. */
  readonly rsv?: number
  /** Four bytes, or undefined for a frame that breaks the rule that clients mask. Default: a fixed key. */
  readonly mask?: Uint8Array | undefined
  /** What the header says, if it is to lie. */
  readonly claimedLength?: number
  /** Bits of the length field; longer than needed is against the rules. */
  readonly lengthBits?: 7 | 16 | 64
}

const fixedMask = Uint8Array.of(0x12, 0x34, 0x56, 0x78)

/** The bytes of one frame, well-formed unless the options say otherwise. */
export function clientFrame(payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = opcodes.binary, fin = true, rsv = 0 } = options
  const mask = 'mask' in options ? options.mask : fixedMask
  const length = options.claimedLength ?? payload.byteLength
  const bits = options.lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
  const header = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10)
  header[0] = (fin ? 0x80 : 0) | ((rsv & 7) << 4) | (opcode & 0x0f)
  header[1] = (mask === undefined ? 0 : 0x80) | (bits === 7 ? length & 0x7f : bits === 16 ? 126 : 127)
  if (bits === 16) header.writeUInt16BE(length & 0xffff, 2)
  if (bits === 64) header.writeBigUInt64BE(BigInt(length), 2)
  if (mask === undefined) return Buffer.concat([header, payload])
  const masked = Buffer.from(payload)
  for (let at = 0; at < masked.length; at += 1) masked[at]! ^= mask[at % 4]!
  return Buffer.concat([header, mask, masked])
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  return payload
}

const key = 'AAAAAAAAAAAAAAAAAAAAAA=='
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** A correct upgrade request, as text, for those who send it in their own way. No subprotocol if it is empty. */
export function upgradeRequest(path = '/mqtt', protocol = 'mqtt'): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    '\r\n',
  ].join('\r\n')
}

export interface ReceivedFrame {
  readonly opcode: number
  readonly fin: boolean
  readonly payload: Buffer
}

/** The first frame in what somebody sent, and the bytes after it; undefined while it is not whole. */
export function readFrame(
  bytes: Buffer,
): (ReceivedFrame & { readonly isMasked: boolean; readonly rsv: number; readonly rest: Buffer }) | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < headerBytes) return undefined
  const length =
    headerBytes === 2 ? short : headerBytes === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const isMasked = (bytes[1]! & 0x80) !== 0
  const start = headerBytes + (isMasked ? 4 : 0)
  if (bytes.length < start + length) return undefined
  const payload = bytes.subarray(start, start + length)
  return {
    ...{ opcode: bytes[0]! & 0x0f, fin: (bytes[0]! & 0x80) !== 0, rsv: (bytes[0]! & 0x70) >> 4, isMasked },
    payload: isMasked
      ? Buffer.from(payload.map((byte, at) => byte ^ bytes[headerBytes + (at % 4)]!))
      : payload,
    rest: bytes.subarray(start + length),
  }
}

export interface RawWebSocketOptions {
  readonly path?: string
  /** Subprotocol; default `mqtt`, none if it is empty. */
  readonly protocol?: string
  /** Bytes taken from the operating system at once; default 64 KiB. */
  readonly readBytes?: number
}

/**
 * A WebSocket client by hand, on a TCP socket: sends any bytes, and reads as much or as little as it is told.
 * Answers nothing by itself, neither pings nor Close.
 */
export class RawWebSocket {
  readonly frames: ReceivedFrame[] = []
  /** What the server's Close frame said; 1005 stands for a Close without a code. */
  closeCode: number | undefined
  closeReason = ''
  /** Whether the socket is gone. */
  gone = false
  /** What the server did against RFC 6455, if anything. */
  fault: string | undefined
  readonly socket: Socket
  readonly #changes = new EventEmitter().setMaxListeners(0)
  #onPayload: ((payload: Buffer) => void) | undefined
  #head: string | undefined
  #rest: Buffer = Buffer.alloc(0)
  #paused = false

  private constructor(port: number, options: RawWebSocketOptions) {
    const buffer = new Uint8Array(options.readBytes ?? 65_536)
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#take(Buffer.from(buffer.subarray(0, length)))
          return !this.#paused
        },
      },
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.gone = true
      this.#changes.emit('news')
    })
    this.socket.write(upgradeRequest(options.path, options.protocol))
  }

  /** Resolves when the handshake is done; rejects with the status line when the server said no. */
  static async open(port: number, options: RawWebSocketOptions = {}): Promise<RawWebSocket> {
    const client = new RawWebSocket(port, options)
    await client.until(() => client.gone || client.#head !== undefined)
    if (client.#isOpen) return client
    client.socket.destroy()
    throw new Error(client.#head?.split('\r\n', 1)[0] ?? 'closed without an answer')
  }

  get #isOpen(): boolean {
    return this.#head?.startsWith('HTTP/1.1 101 ') === true && !this.gone
  }

  /** Calls back with each binary payload, and keeps no frames any more. */
  onPayload(use: (payload: Buffer) => void): void {
    this.#onPayload = use
  }

  /** Any bytes, as they are. */
  sendBytes(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes)
  }

  /** One frame; by default a well-formed binary one. */
  send(payload: Uint8Array, options?: FrameOptions): void {
    this.sendBytes(clientFrame(payload, options))
  }

  /** Stops reading: what comes stays in the operating system and then with the server. */
  freeze(): void {
    this.#paused = true
    this.socket.pause()
  }

  /** Reads one buffer (`readBytes`) and no more. */
  readOnce(): void {
    this.#paused = true
    this.socket.resume()
  }

  /** Resolves once `enough` holds, looked at after each arrival and at the end of the socket. */
  async until(enough: (client: this) => boolean): Promise<void> {
    while (!enough(this)) await once(this.#changes, 'news')
  }

  #take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    if (this.#head === undefined) this.#takeHead()
    if (this.#isOpen) while (this.#takeFrame());
    this.#changes.emit('news')
  }

  #takeHead(): void {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end === -1) return
    this.#head = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 4)
    if (this.#isOpen && !this.#head.includes(accept)) this.fault = 'wrong Sec-WebSocket-Accept'
  }

  #takeFrame(): boolean {
    const frame = readFrame(this.#rest)
    if (frame === undefined) return false
    if (frame.isMasked) this.fault ??= 'a masked frame'
    if (frame.rsv !== 0) this.fault ??= 'reserved bits'
    this.#rest = frame.rest
    const { opcode, fin, payload } = frame
    this.#frame({ opcode, fin, payload })
    return true
  }

  #frame(frame: ReceivedFrame): void {
    if (this.closeCode !== undefined) this.fault ??= 'a frame after Close'
    if (frame.opcode === opcodes.close) {
      this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE() : 1005
      this.closeReason = frame.payload.toString('utf8', 2)
    }
    if (frame.opcode === opcodes.binary && this.#onPayload !== undefined) this.#onPayload(frame.payload)
    else this.frames.push(frame)
  }
}
