/** What one MQTT client is told by its connection. */
export interface WireEvents {
  readonly clientId: string
  /** Called after each CONNACK. */
  readonly onConnected: () => void
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  /** Called once for each connection that had been made and is gone. */
  readonly onLost: () => void
}

/**
 * One MQTT connection that behaves like owlcms's own: clean session, a new try every second for ever,
 * nothing stored while it is away (docs/owlcms.md 1.2, 1.5).
 */
export interface Wire {
  /** Publishes now or never, not retained. `acknowledged` is called if the broker answers in this connection. */
  publish(topic: string, payload: string, qos: 0 | 1, acknowledged?: () => void): 'sent' | 'lost'
  /** Subscribes exact topics at QoS 0, without waiting for the answer. */
  subscribe(topics: readonly string[]): void
  /** The network fails: the connection is gone without a word, and no try succeeds until {@link restore}. */
  cut(): void
  /** The network is back: connects at once if it is not connected. */
  restore(): void
  /** Ends the connection for good. */
  close(): Promise<void>
}

/** Makes a connection, which starts at once and tells no event before this returned. */
export type OpenWire = (events: WireEvents) => Wire

/** How long until the next try, in milliseconds; docs/owlcms.md 1.5. */
export const reconnectMs = 1000
