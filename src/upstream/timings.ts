/** Every duration and bound of the link to the broker, with its unit in the name. */
export interface UpstreamTimings {
  /** From the first packet of TCP to the granted subscription, without the second connection; a venue's network needs a few seconds. */
  readonly connectTimeoutMs: number
  /**
   * After a link that worked, each step of a try (TCP, TLS, CONNACK, SUBACK) gets this long: a step is one way there and
   * back, and a try that hangs in a black hole would keep the bridge from the next one.
   */
  readonly stepTimeoutMs: number
  /** Every so many failures one try has only the limit for the whole: the network may have become very slow. */
  readonly patientTryEvery: number
  /** Silence after which a PINGREQ asks whether the broker is still there. */
  readonly pingAfterSilenceMs: number
  /** Silence after which the link counts as half-open; with one tick on top it stays within 10 s. */
  readonly deadAfterSilenceMs: number
  /** How often silence is looked at. */
  readonly probeTickMs: number
  /** A broker that answers pings but leaves a PUBLISH unacknowledged this long is as good as gone. */
  readonly ackTimeoutMs: number
  /** A link that lived this long was good: the next loss starts again with the shortest delay. */
  readonly stableAfterMs: number
  /**
   * A broker that cuts so many links in a row, each within this time of having two connections, may not want two. The next
   * links have one, until one was good.
   */
  readonly briefPairs: number
  readonly briefPairMs: number
  /** How long `stop()` waits for acknowledgements and for the broker to hang up. */
  readonly stopTimeoutMs: number
  /** Upper end of the first random delay; doubles with each failure. */
  readonly firstRetryMs: number
  /** Upper end of the random delays at first: a broker that is back is found again within 3 s, with the way there. */
  readonly quickRetryCapMs: number
  /** How many failures in a row count as "at first": about three minutes, since somebody is at work on it then. */
  readonly quickRetries: number
  /** Upper end of any random delay: a long outage costs the broker four tries a minute. */
  readonly retryCapMs: number
  /** No delay is shorter, so that a random zero can't make a busy loop. */
  readonly retryFloorMs: number
  /**
   * Refused logins in a row that are repeated as quickly as a lost link: a password is changed on two sides, one
   * after the other, and the bridge is back as soon as both agree. After that the delay doubles up to the long one.
   */
  readonly quickRefusals: number
  /** After a refusal only a person can lift; permissions take 5 minutes to spread (docs/platforms.md 3.3). */
  readonly longRetryMs: number
  /** Share by which the long delay varies in both directions. */
  readonly longRetryJitter: number
  /** Told to the broker in CONNECT, in seconds; our own pings keep well below it. */
  readonly keepAliveSeconds: number
  /** A broker that hangs up this soon after refusing a PUBLISH did it because of that PUBLISH. */
  readonly refusedPublishCutMs: number
  /** Bytes that may wait in our socket; beyond it a publication is refused, not stored (R1, R7). */
  readonly maxBufferedBytes: number
  /** Largest packet we accept from an MQTT 5 broker; owlcms's are below one kilobyte. */
  readonly maxInboundPacketBytes: number
}

/** Back within 3 s of a repair, and no hammering (docs/decisions.md). */
export const defaultUpstreamTimings: UpstreamTimings = {
  connectTimeoutMs: 10_000,
  stepTimeoutMs: 1_500,
  patientTryEvery: 20,
  pingAfterSilenceMs: 3_000,
  deadAfterSilenceMs: 8_000,
  probeTickMs: 1_000,
  ackTimeoutMs: 10_000,
  stableAfterMs: 30_000,
  briefPairs: 2,
  briefPairMs: 5_000,
  stopTimeoutMs: 1_000,
  firstRetryMs: 500,
  quickRetryCapMs: 1_500,
  quickRetries: 150,
  retryCapMs: 15_000,
  retryFloorMs: 50,
  quickRefusals: 20,
  longRetryMs: 300_000,
  longRetryJitter: 0.1,
  keepAliveSeconds: 30,
  refusedPublishCutMs: 5_000,
  maxBufferedBytes: 256 * 1024,
  maxInboundPacketBytes: 256 * 1024,
}
