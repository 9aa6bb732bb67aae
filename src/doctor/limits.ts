/** How long each step of a check may take, in milliseconds, with its reason. */
export interface CheckLimits {
  /** All steps together: somebody stands in front of the screen and waits. */
  readonly totalMs: number
  /** Node's resolver asks twice, 2.5 s each, where a name server stays silent. */
  readonly lookupMs: number
  /** Three SYN packets; who doesn't answer those doesn't answer. */
  readonly tcpMs: number
  readonly tlsMs: number
  /** Each of the two MQTT versions gets this long from TCP to the granted subscription. */
  readonly mqttMs: number
  /** Our own message there and back; a slow link takes a second. */
  readonly returnMs: number
  /** A broker that cuts the connection over a publication does it right after refusing it. */
  readonly cutMs: number
  /** owlcms answers within milliseconds when it is there (docs/owlcms.md 1.8); a busy one takes a second. */
  readonly owlcmsMs: number
  /** After the first answer: each platform answers once, and so does a second owlcms. */
  readonly moreAnswersMs: number
  /** Whether a stranger speaks HTTP shows at once. */
  readonly strangerMs: number
  /** Fly.io's own name service is on the same machine. */
  readonly machinesMs: number
  /** A round trip above this is told; officials notice (docs/owlcms.md 7). */
  readonly slowTripMs: number
  /** Days; certificates that renew themselves do so with 30 days left. */
  readonly certificateDays: number
}

/** Half a minute in all: who waits looks on. */
export const defaultCheckLimits: CheckLimits = {
  totalMs: 30_000,
  lookupMs: 6_000,
  tcpMs: 5_000,
  tlsMs: 5_000,
  mqttMs: 6_000,
  returnMs: 4_000,
  cutMs: 200,
  owlcmsMs: 4_000,
  moreAnswersMs: 600,
  strangerMs: 1_500,
  machinesMs: 1_000,
  slowTripMs: 400,
  certificateDays: 14,
}
