import type { FrameSink } from '../../hub/routing/outbox.ts'
import type { CloseCode } from '../../protocol/contract/close-codes.ts'

/** What a transport of text messages tells its edge. */
export interface TextTransportEvents {
  /** One complete message. */
  text(message: string): void
  /** A frame that says nothing, such as a ping of the peer's. */
  noise(): void
  /** The peer broke the rules of the transport, or answers no ping. The edge closes. */
  violation(reason: CloseCode): void
  /** The socket is gone. Called exactly once, the last of all calls. */
  closed(): void
}

/** One socket that carries text messages in, and whole frames out. */
export interface TextTransport extends FrameSink {
  /** The client's address as far as the hosting platform can be trusted with it. */
  readonly remoteAddress: string
  /** Starts delivering; called once. */
  open(events: TextTransportEvents): void
  /** Says why, then closes; destroys the socket if the peer doesn't follow in time. */
  close(reason: CloseCode): void
  /** Reads nothing more: what a peer sends that floods is left to its own side. For a transport that is closing. */
  stopReading(): void
  /** Destroys the socket at once. */
  destroy(): void
}
