/** One number that bounds something, with its unit in the name and its reason beside it (R7). */
export interface HubLimits {
  /** Bytes that may wait for one client, its socket's own buffer included; beyond it the client is slow. */
  readonly outboxBytes: number
  /** Presses of one platform that may wait for their turn upstream; at 5 ms each this is 100 ms. */
  readonly pacedMessages: number
  /** Milliseconds between two device messages of one platform (protocol.md 5.2: owlcms drops same-ms votes). */
  readonly paceMs: number
  /**
   * Milliseconds that a press may wait for its turn or for room in the broker's window (HiveMQ's is 10 at a
   * time); longer and a clock command would no longer mean the moment it was pressed (protocol.md 5.1).
   */
  readonly pacedWaitMs: number
  /** Topics whose list of recipients is remembered. */
  readonly matchCacheTopics: number
  /** Retained publications kept for late joiners: bridges' own states, a few in any competition. */
  readonly retainedTopics: number
  /** Bytes of all of them together. */
  readonly retainedBytes: number
}

export const defaultHubLimits: HubLimits = {
  outboxBytes: 512 * 1024,
  pacedMessages: 20,
  paceMs: 5,
  pacedWaitMs: 500,
  matchCacheTopics: 1_000,
  retainedTopics: 200,
  retainedBytes: 256 * 1024,
}

/** What bounds a client (R7). Every number has its unit in its name and its reason beside it. */
export interface ClientLimits {
  /** Clients at once, all edges together: five halls of screens, well within 256 MB. */
  readonly maxClients: number
  /** Clients at once from one address: a whole hall behind one router must fit. */
  readonly maxClientsPerAddress: number
  /** Wrong user names or passwords per second from one address, after a burst; a hall of mistyped boxes has 3. */
  readonly loginFailuresPerSecond: number
  readonly loginFailureBurst: number
  /** Publications per second of one client, after a burst; the busiest known device sends three at once. */
  readonly messagesPerSecond: number
  readonly messageBurst: number
  /**
   * Milliseconds in which decisions and clock commands are still held back after a client's offline queue seems to be
   * over, since a packet may come so much later than the one sent with it (R4; offline-queue.ts). 0 switches it off.
   */
  readonly flushWindowMs: number
  /** Sessions kept for clients that are away. */
  readonly maxKeptSessions: number
  /** Seconds a session is kept at most: a box that reboots is back within minutes. */
  readonly maxSessionExpirySeconds: number
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
  maxClientsPerAddress: 300,
  loginFailuresPerSecond: 5,
  loginFailureBurst: 100,
  messagesPerSecond: 50,
  messageBurst: 200,
  flushWindowMs: 1_000,
  maxKeptSessions: 200,
  maxSessionExpirySeconds: 300,
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

/** What bounds the journal (R7). */
export interface JournalLimits {
  /** Records kept in memory per platform: a lift has about 35, so this is a long day of lifting. */
  readonly journalEntries: number
  /** Bytes of one platform's records in memory. */
  readonly journalBytes: number
  /** Bytes of all platforms' records in memory: a quarter of a small machine's would be too much. */
  readonly journalTotalBytes: number
  /** Bytes of one file; then the next one begins. */
  readonly journalFileBytes: number
  /** Files kept; the oldest goes first. */
  readonly journalFiles: number
  /** Bytes that may wait for a slow disk; what comes beyond is not written, and counted. */
  readonly journalWaitingBytes: number
  /** Milliseconds after which a disk that failed is tried again. */
  readonly journalRetryMs: number
}

export const defaultJournalLimits: JournalLimits = {
  journalEntries: 10_000,
  journalBytes: 4 * 1024 * 1024,
  journalTotalBytes: 16 * 1024 * 1024,
  journalFileBytes: 10_000_000,
  journalFiles: 20,
  journalWaitingBytes: 1024 * 1024,
  journalRetryMs: 10_000,
}
