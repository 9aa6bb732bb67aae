/** What bounds a client (R7). Every number has its unit in its name and its reason beside it. */
export interface ClientLimits {
  /** Clients at once, all edges together: five halls of screens, well within 256 MB. */
  readonly maxClients: number
  /** Milliseconds from the first byte to a complete CONNECT; absolute, traffic doesn't extend it. */
  readonly connectTimeoutMs: number
  /** Bytes of one MQTT packet; owlcms's own embedded broker takes no more (protocol.md 1.2). */
  readonly maxPacketBytes: number
  /** Bytes of one WebSocket message on /mqtt: several packets may share one. */
  readonly maxWebSocketMessageBytes: number
  /** Subscriptions of one client; the busiest known device has 4. */
  readonly maxSubscriptions: number
  /** QoS 1 and 2 publications of one client that may wait for the broker's acknowledgement at once. */
  readonly maxInboundInFlight: number
  /** QoS 1 and 2 publications sent to one client and not yet acknowledged. */
  readonly maxOutboundInFlight: number
  /** QoS 1 and 2 publications that may wait for a client's acknowledgements; then it is slow. */
  readonly maxOutboundWaiting: number
  /**
   * Presses that an MQTT 3 client may hold unacknowledged after an outage before it is ended. Paho Java's
   * window is 10; a client whose window is full can press no more, and only a fresh connection frees it.
   */
  readonly maxUnacknowledgedPresses: number
  /** Seconds; longer keep-alives don't notice in time that a box is gone, and Heroku cuts at 55 s of silence. */
  readonly maxKeepAliveSeconds: number
  /** Milliseconds of outbound silence on a WebSocket after which an empty binary frame keeps proxies from cutting. */
  readonly idleNudgeMs: number
  /** Topic aliases a client may define (MQTT 5). */
  readonly maxTopicAliases: number
  /** Milliseconds that a client gets to close politely before its socket is destroyed. */
  readonly closeTimeoutMs: number
}

export const defaultClientLimits: ClientLimits = {
  maxClients: 1_000,
  connectTimeoutMs: 5_000,
  maxPacketBytes: 8_092,
  maxWebSocketMessageBytes: 64 * 1024,
  maxSubscriptions: 100,
  maxInboundInFlight: 100,
  maxOutboundInFlight: 100,
  maxOutboundWaiting: 1_000,
  maxUnacknowledgedPresses: 8,
  maxKeepAliveSeconds: 45,
  idleNudgeMs: 25_000,
  maxTopicAliases: 16,
  closeTimeoutMs: 2_000,
}
