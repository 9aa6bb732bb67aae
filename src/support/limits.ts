/** One number that bounds something, with its unit in the name and its reason beside it (R7). */
export const defaultHubLimits = {
  /** Bytes that may wait for one client, its socket's own buffer included; beyond it the client is slow. */
  outboxBytes: 512 * 1024,
  /** Presses of one seat or device that may wait for their turn upstream; at 5 ms each this is 100 ms, if nobody else presses. */
  pacedMessages: 20,
  /** Milliseconds between two device messages of one platform (docs/owlcms.md 5.2: owlcms drops same-ms votes). */
  paceMs: 5,
  /**
   * Milliseconds that a press may wait for its turn or for room in the broker's window (HiveMQ's is 10 at a
   * time); longer and a clock command would no longer mean the moment it was pressed (docs/owlcms.md 5.1).
   */
  pacedWaitMs: 500,
  /** Topics whose list of recipients is remembered. */
  matchCacheTopics: 1_000,
  /** Retained publications kept for late joiners: bridges' own states, a few in any competition. */
  retainedTopics: 200,
  /** Bytes of all of them together. */
  retainedBytes: 256 * 1024,
}

/** What bounds the hub (R7); reasons beside the defaults. */
export type HubLimits = Readonly<typeof defaultHubLimits>

/** What bounds a client (R7). Every number has its unit in its name and its reason beside it. */
export const defaultClientLimits = {
  /** Clients at once, both edges together: five halls of screens, well within 256 MB. */
  maxClients: 1_000,
  /** Clients at once from one address (of IPv6 a /64): a whole hall behind one router must fit. */
  maxClientsPerAddress: 600,
  /** Connections of one seat: a keypad, a box, a few tabs, and what a bad line left behind of them. */
  maxClientsPerSeat: 20,
  /**
   * Sockets that have not said yet who they are, in all and from one address; a hall that comes back at once fits. One
   * more, and the oldest must go: who has something to say needs a moment, who fills the place has nothing.
   */
  maxSilent: 600,
  maxSilentPerAddress: 300,
  /** Wrong passwords per second from one address, after a burst; a hall of mistyped boxes has 3. */
  loginFailuresPerSecond: 5,
  loginFailureBurst: 100,
  /** The same from all addresses together. */
  loginFailuresPerSecondInAll: 20,
  loginFailureBurstInAll: 400,
  /** Milliseconds that a password waits for its turn where somebody guesses; less than CONNECT's own time. */
  loginWaitMs: 4_000,
  /** Requests for files per second from one address, after a burst: a hall that opens its pages at once; others cost 5. */
  asksPerSecond: 200,
  askBurst: 2_000,
  /** Presses per second of one seat or device, after a burst; the busiest known device sends three at once. */
  messagesPerSecond: 50,
  messageBurst: 200,
  /**
   * Milliseconds in which decisions and clock commands are still held back after a client's offline queue seems to be
   * over, since a packet may come so much later than the one sent with it (R4; offline-queue.ts). 0 switches it off.
   */
  flushWindowMs: 1_000,
  /** Sessions kept for clients that are away. */
  maxKeptSessions: 200,
  /** Seconds a session is kept at most: a box that reboots is back within minutes. */
  maxSessionExpirySeconds: 300,
  /** Milliseconds from the first byte to a complete CONNECT; absolute, traffic doesn't extend it. */
  connectTimeoutMs: 5_000,
  /** Bytes of one MQTT packet; owlcms's own embedded broker takes no more (docs/owlcms.md 1.2). */
  maxPacketBytes: 8_092,
  /** Bytes of one WebSocket message on /mqtt: several packets may share one. */
  maxWebSocketMessageBytes: 64 * 1024,
  /** Subscriptions of one client; the busiest known device has 4. */
  maxSubscriptions: 100,
  /** QoS 1 and 2 publications of one client that may wait for the broker's acknowledgement at once. */
  maxInboundInFlight: 100,
  /** QoS 1 and 2 publications sent to one client and not yet acknowledged. */
  maxOutboundInFlight: 100,
  /** QoS 1 and 2 publications that may wait for a client's acknowledgements; then it is slow. */
  maxOutboundWaiting: 1_000,
  /**
   * Presses that an MQTT 3 client may hold unacknowledged after an outage before it is ended. Paho Java's
   * window is 10; a client whose window is full can press no more, and only a fresh connection frees it.
   */
  maxUnacknowledgedPresses: 8,
  /** Seconds; longer keep-alives don't notice in time that a box is gone, and Heroku cuts at 55 s of silence. */
  maxKeepAliveSeconds: 45,
  /** Milliseconds of outbound silence on a WebSocket after which an empty binary frame keeps proxies from cutting. */
  idleNudgeMs: 25_000,
  /** Topic aliases a client may define (MQTT 5). */
  maxTopicAliases: 16,
  /** Milliseconds that a client gets to close politely before its socket is destroyed. */
  closeTimeoutMs: 2_000,
}

/** What bounds a client at either edge (R7); reasons beside the defaults. */
export type ClientLimits = Readonly<typeof defaultClientLimits>

/** What bounds the journal (R7). */
export const defaultJournalLimits = {
  /** Records kept in memory per platform: a lift has about 35, so this is a long day of lifting. */
  journalEntries: 10_000,
  /** Bytes of one platform's records in memory. */
  journalBytes: 4 * 1024 * 1024,
  /** Bytes of all platforms' records in memory: a quarter of a small machine's would be too much. */
  journalTotalBytes: 16 * 1024 * 1024,
  /** Bytes of one file; then the next one begins. */
  journalFileBytes: 10_000_000,
  /** Files kept; the oldest goes first. */
  journalFiles: 20,
  /** Bytes that may wait for a slow disk; what comes beyond is not written, and counted. */
  journalWaitingBytes: 1024 * 1024,
  /** Milliseconds after which a disk that failed is tried again. */
  journalRetryMs: 10_000,
}

export type JournalLimits = Readonly<typeof defaultJournalLimits>

/** Every limit of a running bridge. */
export type Limits = HubLimits & ClientLimits & JournalLimits
