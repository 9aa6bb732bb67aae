import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData, type ServerOptions } from 'ws'
import { closeCodes, type CloseCode } from '../../protocol/contract/close-codes.ts'
import type { Clock } from '../../support/clock.ts'
import type { ClientLimits } from '../../support/limits.ts'
import { destroySoon } from './end-soon.ts'
import { Heartbeat, type HeartbeatTimings } from './heartbeat.ts'
import { Slices } from './slices.ts'
import type { TextTransport, TextTransportEvents } from './text-transport.ts'
import type { Transport, TransportEvents } from './transport.ts'
import { webSocketFraming } from './websocket-framing.ts'

/** Turns upgrade requests into transports. The only place that knows the WebSocket library. */
export interface WebSocketAcceptor<T = Transport> {
  /** Answers the handshake; `accepted` gets the transport, or is never called when the handshake was bad. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (transport: T) => void): void
}

/** Subprotocols of MQTT over WebSocket, the current name first; devices that offer none get in too. */
const mqttSubprotocols = ['mqtt', 'mqttv3.1']

/** An acceptor for `/mqtt`: binary frames only, no compression, no pings of ours (docs/platforms.md 5). */
export function mqttWebSocketAcceptor(
  limits: ClientLimits,
  clock: Clock,
  addressOf: (request: IncomingMessage) => string,
): WebSocketAcceptor {
  const { maxWebSocketMessageBytes: maxPayload, closeTimeoutMs } = limits
  const handleProtocols = (offered: Set<string>): string | false =>
    mqttSubprotocols.find((name) => offered.has(name)) ?? false
  return acceptor({ maxPayload, closeTimeoutMs, handleProtocols }, clock, (webSocket, socket, request) => {
    return new WebSocketTransport(webSocket, socket, addressOf(request), limits, clock)
  })
}

interface AcceptorOptions {
  readonly maxPayload: number
  readonly closeTimeoutMs: number
  readonly handleProtocols?: (offered: Set<string>) => string | false
}

function acceptor<T>(
  { closeTimeoutMs, ...own }: AcceptorOptions,
  clock: Clock,
  transportOf: (webSocket: Line, socket: Duplex, request: IncomingMessage) => T,
): WebSocketAcceptor<T> {
  // `closeTimeout` is younger than the library's types; it holds where the library closes by itself.
  const options: ServerOptions<typeof Line> & { readonly closeTimeout: number } = {
    noServer: true,
    WebSocket: Line,
    clientTracking: false,
    // One message of a socket in each turn of the event loop, so that one that floods doesn't hold up the others.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    ...own,
  }
  const server = new WebSocketServer<typeof Line>(options)
  return {
    accept(request, socket, head, accepted) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        accepted(transportOf(webSocket, socket, request))
      })
      // Refused; the library destroys it once the answer is sent, which a peer that doesn't read puts off.
      if (socket.writableEnded) destroySoon(socket, clock, closeTimeoutMs)
    },
  }
}

const nothing = new Uint8Array()

/** Messages read from a peer that was told to go; then it isn't read any more. */
const mostLate = 64

/** What a socket tells its transport. */
interface LineEvents {
  message(data: RawData, isBinary: boolean): void
  /** A frame that carries no message. */
  noise(): void
  pong(): void
  /** Once, at the end. */
  closed(): void
}

/**
 * The library's socket, which tells one transport by a call: listeners, with the table and the closures that they need, are
 * half a kilobyte of each silent client.
 */
class Line extends WebSocket {
  transport: LineEvents | undefined
  #late = 0

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    // A malformed frame, one too large or an odd close code is no event here: the library closes by itself.
    if (event === 'close') this.transport?.closed()
    else if (event === 'pong') this.transport?.pong()
    else if (event === 'message' || event === 'ping') {
      if (this.readyState !== this.OPEN) this.#tooLate()
      else if (event === 'ping') this.transport?.noise()
      else this.transport?.message(args[0] as RawData, args[1] === true)
    }
    return true
  }

  /** What was on its way when we closed is not heard, and a flood of it not even read. */
  #tooLate(): void {
    this.#late += 1
    if (this.#late > mostLate) this.pause()
  }
}

/** What transports over WebSocket have in common, whatever their messages carry. */
class WebSocketBase {
  readonly remoteAddress: string
  protected readonly webSocket: Line
  protected readonly clock: Clock
  readonly #socket: Duplex
  readonly #closeTimeoutMs: number

  constructor(
    webSocket: Line,
    socket: Duplex,
    remoteAddress: string,
    { closeTimeoutMs }: { readonly closeTimeoutMs: number },
    clock: Clock,
  ) {
    this.webSocket = webSocket
    this.#socket = socket
    this.#closeTimeoutMs = closeTimeoutMs
    this.clock = clock
    this.remoteAddress = remoteAddress
    // The library waits for what is yet to be sent, which a peer that doesn't read puts off.
    socket.on('end', () => this.#destroySoon())
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  write(frames: Uint8Array): void {
    // Frames are complete and the library writes whole frames too, so the two never mix within one.
    if (this.webSocket.readyState === this.webSocket.OPEN) this.#socket.write(frames)
  }

  close(reason: CloseCode): void {
    this.webSocket.close(reason.code, reason.reason)
    this.#destroySoon()
  }

  stopReading(): void {
    this.webSocket.pause()
  }

  destroy(): void {
    this.webSocket.terminate()
  }

  #destroySoon(): void {
    destroySoon(this.#socket, this.clock, this.#closeTimeoutMs)
  }
}

class WebSocketTransport extends WebSocketBase implements Transport, LineEvents {
  readonly framing = webSocketFraming
  #slices: Slices | undefined
  #events: TransportEvents | undefined

  open(events: TransportEvents): void {
    this.#slices = new Slices(this.clock, this.webSocket, events)
    this.#events = events
    this.webSocket.transport = this
  }

  message(data: RawData, isBinary: boolean): void {
    if (isBinary) forEachChunk(data, (chunk) => this.#slices?.take(chunk))
    else this.#slices?.end(() => this.#events?.violation(closeCodes.wrongFrames))
  }

  noise(): void {
    this.#events?.bytes(nothing)
  }

  pong(): void {
    // Nobody was asked.
  }

  closed(): void {
    this.#slices?.end(() => this.#events?.closed())
  }

  override close(reason: CloseCode): void {
    this.#slices?.stop()
    super.close(reason)
    // The far side's own close is yet to be read.
    this.webSocket.resume()
  }

  override destroy(): void {
    this.#slices?.stop()
    super.destroy()
  }
}

function forEachChunk(data: RawData, use: (chunk: Uint8Array) => void): void {
  if (Array.isArray(data)) for (const chunk of data) use(chunk)
  else use(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
}

/** What bounds a socket of `/ws`. */
export interface TextSocketLimits extends HeartbeatTimings {
  /** Bytes of one message. */
  readonly maxMessageBytes: number
  /** Milliseconds that a client gets to close politely before its socket is destroyed. */
  readonly closeTimeoutMs: number
}

/** An acceptor for `/ws`: text frames, no compression, pings with a deadline. */
export function textWebSocketAcceptor(
  limits: TextSocketLimits,
  clock: Clock,
  addressOf: (request: IncomingMessage) => string,
): WebSocketAcceptor<TextTransport> {
  const { maxMessageBytes: maxPayload, closeTimeoutMs } = limits
  return acceptor({ maxPayload, closeTimeoutMs }, clock, (webSocket, socket, request) => {
    return new TextWebSocketTransport(webSocket, socket, addressOf(request), limits, clock)
  })
}

class TextWebSocketTransport extends WebSocketBase implements TextTransport, LineEvents {
  readonly #timings: HeartbeatTimings
  #heartbeat: Heartbeat | undefined
  #events: TextTransportEvents | undefined

  constructor(
    webSocket: Line,
    socket: Duplex,
    remoteAddress: string,
    limits: TextSocketLimits,
    clock: Clock,
  ) {
    super(webSocket, socket, remoteAddress, limits, clock)
    this.#timings = limits
  }

  open(events: TextTransportEvents): void {
    this.#events = events
    this.#heartbeat = new Heartbeat(
      this.clock,
      this.#timings,
      () => this.webSocket.ping(),
      () => events.violation(closeCodes.silent),
    )
    this.webSocket.transport = this
  }

  message(data: RawData, isBinary: boolean): void {
    this.#heartbeat?.heard()
    if (isBinary) this.#events?.violation(closeCodes.wrongFrames)
    else this.#events?.text(textOf(data))
  }

  noise(): void {
    this.#events?.noise()
  }

  pong(): void {
    this.#heartbeat?.heard()
  }

  closed(): void {
    this.#heartbeat?.stop()
    this.#events?.closed()
  }

  override close(reason: CloseCode): void {
    this.#heartbeat?.stop()
    super.close(reason)
  }
}

function textOf(data: RawData): string {
  const whole = Array.isArray(data) ? Buffer.concat(data) : data
  return Buffer.from(whole as Uint8Array).toString('utf8')
}
