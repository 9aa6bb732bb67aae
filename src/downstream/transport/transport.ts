import type { Frame, FrameSink } from '../../hub/routing/outbox.ts'
import type { CloseCode } from '../../protocol/contract/close-codes.ts'

/** How packets are wrapped on the wire. One object per framing, so that formats can be compared by identity. */
export interface Framing {
  readonly name: 'websocket' | 'tcp'
  /** Wraps one complete packet; the result may be sent to any number of clients of this framing. */
  frame(packet: Uint8Array): Frame
  /** Bytes on the wire of a packet of this many bytes. */
  frameBytes(packetBytes: number): number
  /** Bytes that mean nothing to MQTT but keep a proxy from cutting a silent line; undefined where none exist. */
  readonly nudge: Frame | undefined
}

/** What a transport tells its edge. */
export interface TransportEvents {
  /** Some bytes of the stream, or none; never aligned to packets. Valid only during the call unless copied. */
  bytes(chunk: Uint8Array): void
  /** The peer broke the framing (a text frame on /mqtt, a message too large). The edge closes. */
  violation(reason: CloseCode): void
  /** The socket is gone. Called exactly once, the last of all calls. */
  closed(): void
}

/** One socket, reduced to what an edge needs: a stream of bytes in, frames out. */
export interface Transport extends FrameSink {
  readonly framing: Framing
  /** The client's address as far as the hosting platform can be trusted with it. */
  readonly remoteAddress: string
  /** Starts delivering; called once. */
  open(events: TransportEvents): void
  /** Says why, then closes; destroys the socket if the peer doesn't follow in time. */
  close(reason: CloseCode): void
  /** Reads nothing more: what a peer sends that floods is left to its own side. For a transport that is closing. */
  stopReading(): void
  /** Destroys the socket at once, for a peer that doesn't read. */
  destroy(): void
}
