import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { closeCodes, type CloseCode } from '../protocol/close-codes.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { ClientLimits } from '../support/limits.ts'
import type { Transport, TransportEvents } from './transport.ts'
import { webSocketFraming } from './websocket-framing.ts'

/** Turns upgrade requests into transports. The only place that knows the WebSocket library. */
export interface WebSocketAcceptor {
  /** Answers the handshake; `accepted` gets the transport, or is never called when the handshake was bad. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    accepted: (transport: Transport) => void,
  ): void
}

/** Subprotocols of MQTT over WebSocket, the current name first; devices that offer none get in too. */
const mqttSubprotocols = ['mqtt', 'mqttv3.1']

/** An acceptor for `/mqtt`: binary frames only, no compression, no pings of ours (platforms.md section 5). */
export function mqttWebSocketAcceptor(
  limits: ClientLimits,
  clock: Clock,
  addressOf: (request: IncomingMessage) => string,
): WebSocketAcceptor {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxWebSocketMessageBytes,
    skipUTF8Validation: true, // text frames are refused anyway
    handleProtocols: (offered) => mqttSubprotocols.find((name) => offered.has(name)) ?? false,
  })
  return {
    accept(request, socket, head, accepted) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        accepted(new WebSocketTransport(webSocket, socket, addressOf(request), limits, clock))
      })
    },
  }
}

class WebSocketTransport implements Transport {
  readonly framing = webSocketFraming
  readonly remoteAddress: string
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #limits: ClientLimits
  readonly #clock: Clock
  #cancelDestroy: CancelTimer | undefined

  constructor(
    webSocket: WebSocket,
    socket: Duplex,
    remoteAddress: string,
    limits: ClientLimits,
    clock: Clock,
  ) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#limits = limits
    this.#clock = clock
    this.remoteAddress = remoteAddress
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  open(events: TransportEvents): void {
    this.#webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) forEachChunk(data, (chunk) => events.bytes(chunk))
      else events.violation(closeCodes.notBinary)
    })
    // A malformed frame or an odd close code: the library closes by itself, nothing to add.
    this.#webSocket.on('error', () => undefined)
    this.#webSocket.on('close', () => {
      this.#cancelDestroy?.()
      events.closed()
    })
  }

  write(frames: Uint8Array): void {
    // Frames are complete and the library writes whole frames too, so the two never mix within one.
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#socket.write(frames)
  }

  close(reason: CloseCode): void {
    this.#webSocket.close(reason.code, reason.reason)
    this.#cancelDestroy ??= this.#clock.setTimer(this.#limits.closeTimeoutMs, () => this.destroy())
  }

  destroy(): void {
    this.#webSocket.terminate()
  }
}

function forEachChunk(data: RawData, use: (chunk: Uint8Array) => void): void {
  if (Array.isArray(data)) for (const chunk of data) use(chunk)
  else use(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
}
