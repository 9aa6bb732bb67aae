/** Where the broker is and how to reach it; no user name or password in here. */
export interface BrokerAddress {
  /** `tls`: MQTT over TLS; `tcp`: plain MQTT; `wss`/`ws`: MQTT over WebSocket with or without TLS. */
  readonly transport: 'tls' | 'tcp' | 'wss' | 'ws'
  readonly host: string
  readonly port: number
  /** Only for `ws` and `wss`; starts with `/`. */
  readonly path?: string
}
