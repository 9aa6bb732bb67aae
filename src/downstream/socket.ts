import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws'
import { closeCodes, type CloseCode } from '../protocol/close-codes.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { ClientLimits } from '../support/limits.ts'
import { originVerdict } from '../support/same-origin.ts'
import { Heartbeat, type HeartbeatTimings } from './heartbeat.ts'
import type { TextTransport, TextTransportEvents } from './json-stream/transport.ts'
import type { Transport, TransportEvents } from './transport.ts'
import { webSocketFraming } from './websocket-framing.ts'

/** Turns upgrade requests into transports. The only place that knows the WebSocket library. */
export interface WebSocketAcceptor<T = Transport> {
  /** Answers the handshake; `accepted` gets the transport, or is never called when the handshake was bad. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (transport: T) => void): void
}

/** Subprotocols of MQTT over WebSocket, the current name first; devices that offer none get in too. */
const mqttSubprotocols = ['mqtt', 'mqttv3.1']

/** An acceptor for `/mqtt`: binary frames only, no compression, no pings of ours (platforms.md section 5). */
export function mqttWebSocketAcceptor(
  limits: ClientLimits,
  clock: Clock,
  addressOf: (request: IncomingMessage) => string,
): WebSocketAcceptor {
  // `closeTimeout` is younger than the library's types.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxWebSocketMessageBytes,
    closeTimeout: limits.closeTimeoutMs,
    handleProtocols: (offered) => mqttSubprotocols.find((name) => offered.has(name)) ?? false,
  }
  const server = new WebSocketServer(options)
  return {
    accept(request, socket, head, accepted) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        accepted(new WebSocketTransport(webSocket, socket, addressOf(request), limits, clock))
      })
    },
  }
}

/** What transports over WebSocket have in common, whatever their messages carry. */
class WebSocketBase {
  readonly remoteAddress: string
  protected readonly webSocket: WebSocket
  readonly #socket: Duplex
  readonly #closeTimeoutMs: number
  readonly #clock: Clock
  #cancelDestroy: CancelTimer | undefined

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
    this.#clock = clock
    this.remoteAddress = remoteAddress
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
    this.#cancelDestroy ??= this.#clock.setTimer(this.#closeTimeoutMs, () => this.destroy())
  }

  destroy(): void {
    this.webSocket.terminate()
  }

  /** `use` gets each message, `closed` is called once at the end. */
  protected listen(use: (data: RawData, isBinary: boolean) => void, closed: () => void): void {
    this.webSocket.on('message', use)
    // A malformed frame, one too large or an odd close code: the library closes by itself, nothing to add.
    this.webSocket.on('error', () => undefined)
    this.webSocket.on('close', () => {
      this.#cancelDestroy?.()
      closed()
    })
  }
}

class WebSocketTransport extends WebSocketBase implements Transport {
  readonly framing = webSocketFraming

  open(events: TransportEvents): void {
    this.listen(
      (data, isBinary) => {
        if (isBinary) forEachChunk(data, (chunk) => events.bytes(chunk))
        else events.violation(closeCodes.notBinary)
      },
      () => events.closed(),
    )
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
  /** Origins of pages elsewhere that may connect, as browsers write them: `https://example.org`, or `null`. */
  readonly allowedOrigins: readonly string[]
}

/**
 * An acceptor for `/ws`: text frames, no compression, pings with a deadline. Browsers tell the origin of their
 * page, and only pages of this bridge (or of `allowedOrigins`) get in; scripts and devices send none.
 */
export function textWebSocketAcceptor(
  limits: TextSocketLimits,
  clock: Clock,
  addressOf: (request: IncomingMessage) => string,
): WebSocketAcceptor<TextTransport> {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
  })
  return {
    accept(request, socket, head, accepted) {
      if (!originAllowed(request, limits.allowedOrigins)) {
        refuseOrigin(socket)
        return
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        accepted(new TextWebSocketTransport(webSocket, socket, addressOf(request), limits, clock))
      })
    },
  }
}

function originAllowed({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const forwardedHost = headers['x-forwarded-host']
  const verdict = originVerdict(
    {
      origin: headers.origin,
      host: headers.host,
      forwardedHost: typeof forwardedHost === 'string' ? forwardedHost : undefined,
      // A browser sends its origin with every upgrade, and that is enough here.
      fetchSite: undefined,
    },
    allowed,
  )
  return verdict !== 'other'
}

function refuseOrigin(socket: Duplex): void {
  const body = 'Pages of other sites may not connect here.\n'
  socket.end(
    'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

class TextWebSocketTransport extends WebSocketBase implements TextTransport {
  readonly #timings: HeartbeatTimings
  readonly #clock: Clock
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
    this.#clock = clock
  }

  open(events: TextTransportEvents): void {
    const heartbeat = new Heartbeat(
      this.#clock,
      this.#timings,
      () => this.webSocket.ping(),
      () => events.violation(closeCodes.silent),
    )
    this.#heartbeat = heartbeat
    this.webSocket.on('pong', () => heartbeat.heard())
    this.listen(
      (data, isBinary) => {
        heartbeat.heard()
        if (isBinary) events.violation(closeCodes.notText)
        else events.text(textOf(data))
      },
      () => {
        heartbeat.stop()
        events.closed()
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
