import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws'
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
  transportOf: (webSocket: WebSocket, socket: Duplex, request: IncomingMessage) => T,
): WebSocketAcceptor<T> {
  // `closeTimeout` is younger than the library's types; it holds where the library closes by itself.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    // One message of a socket in each turn of the event loop, so that one that floods doesn't hold up the others.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    ...own,
  }
  const server = new WebSocketServer(options)
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
const ignore = (): void => undefined

/** Messages read from a peer that was told to go; then it isn't read any more. */
const mostLate = 64

/** What transports over WebSocket have in common, whatever their messages carry. */
class WebSocketBase {
  readonly remoteAddress: string
  protected readonly webSocket: WebSocket
  protected readonly clock: Clock
  readonly #socket: Duplex
  readonly #closeTimeoutMs: number

  constructor(
    webSocket: WebSocket,
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

  /** `use` gets each message, `noise` is called for each frame that carries none, `closed` once at the end. */
  protected listen(
    use: (data: RawData, isBinary: boolean) => void,
    { noise, closed }: { readonly noise: () => void; readonly closed: () => void },
  ): void {
    const { webSocket } = this
    let late = 0
    const whileOpen = (then: () => void): void => {
      if (webSocket.readyState === webSocket.OPEN) then()
      // What was on its way when we closed, a flood apart.
      else if ((late += 1) > mostLate) webSocket.pause()
    }
    webSocket.on('message', (data, isBinary) => whileOpen(() => use(data, isBinary)))
    webSocket.on('ping', () => whileOpen(noise))
    // A malformed frame, one too large or an odd close code: the library closes by itself, nothing to add.
    this.webSocket.on('error', ignore)
    this.webSocket.on('close', closed)
  }

  #destroySoon(): void {
    destroySoon(this.#socket, this.clock, this.#closeTimeoutMs)
  }
}

class WebSocketTransport extends WebSocketBase implements Transport {
  readonly framing = webSocketFraming
  #slices: Slices | undefined

  open(events: TransportEvents): void {
    const slices = new Slices(this.clock, this.webSocket, (bytes) => events.bytes(bytes))
    this.#slices = slices
    this.listen(
      (data, isBinary) => {
        if (isBinary) forEachChunk(data, (chunk) => slices.take(chunk))
        else slices.end(() => events.violation(closeCodes.wrongFrames))
      },
      { noise: () => events.bytes(nothing), closed: () => slices.end(() => events.closed()) },
    )
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

class TextWebSocketTransport extends WebSocketBase implements TextTransport {
  readonly #timings: HeartbeatTimings
  #heartbeat: Heartbeat | undefined

  constructor(
    webSocket: WebSocket,
    socket: Duplex,
    remoteAddress: string,
    limits: TextSocketLimits,
    clock: Clock,
  ) {
    super(webSocket, socket, remoteAddress, limits, clock)
    this.#timings = limits
  }

  open(events: TextTransportEvents): void {
    const heartbeat = new Heartbeat(
      this.clock,
      this.#timings,
      () => this.webSocket.ping(),
      () => events.violation(closeCodes.silent),
    )
    this.#heartbeat = heartbeat
    this.webSocket.on('pong', () => heartbeat.heard())
    this.listen(
      (data, isBinary) => {
        heartbeat.heard()
        if (isBinary) events.violation(closeCodes.wrongFrames)
        else events.text(textOf(data))
      },
      {
        noise: () => events.noise(),
        closed: () => {
          heartbeat.stop()
          events.closed()
        },
      },
    )
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
