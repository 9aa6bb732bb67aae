/** One number that bounds something, with its unit in the name and its reason beside it (R7). */
export interface HubLimits {
  /** Bytes that may wait for one client, its socket's own buffer included; beyond it the client is slow. */
  readonly outboxBytes: number
  /** Presses of one platform that may wait for their turn upstream; at 5 ms each this is 100 ms. */
  readonly pacedMessages: number
  /** Milliseconds between two device messages of one platform (protocol.md 5.2: owlcms drops same-ms votes). */
  readonly paceMs: number
  /** Topics whose list of recipients is remembered. */
  readonly matchCacheTopics: number
}

export const defaultHubLimits: HubLimits = {
  outboxBytes: 512 * 1024,
  pacedMessages: 20,
  paceMs: 5,
  matchCacheTopics: 1_000,
}
