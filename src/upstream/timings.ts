/** Every duration and bound of the link to the broker, with its unit in the name. */
export interface UpstreamTimings {
  /** From the first packet of TCP to the granted subscription; a venue's network needs a few seconds. */
  readonly connectTimeoutMs: number
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
  /** How long `stop()` waits for acknowledgements and for the broker to hang up. */
  readonly stopTimeoutMs: number
  /** Upper end of the first random delay; doubles with each failure. */
  readonly firstRetryMs: number
  /** Upper end of any random delay: a broker that is back is found again within this time. */
  readonly retryCapMs: number
  /** No delay is shorter, so that a random zero can't make a busy loop. */
  readonly retryFloorMs: number
  /** After a refusal only a person can lift; permissions take 5 minutes to spread (platforms.md 3.3). */
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

export const defaultUpstreamTimings: UpstreamTimings = {
  connectTimeoutMs: 10_000,
  pingAfterSilenceMs: 3_000,
  deadAfterSilenceMs: 8_000,
  probeTickMs: 1_000,
  ackTimeoutMs: 10_000,
  stableAfterMs: 30_000,
  stopTimeoutMs: 1_000,
  firstRetryMs: 500,
  retryCapMs: 15_000,
  retryFloorMs: 50,
  longRetryMs: 300_000,
  longRetryJitter: 0.1,
  keepAliveSeconds: 30,
  refusedPublishCutMs: 5_000,
  maxBufferedBytes: 256 * 1024,
  maxInboundPacketBytes: 256 * 1024,
}
