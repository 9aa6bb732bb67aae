/**
 * Every reason for which the bridge hangs up on a WebSocket: code, reason, and whether the same client
 * may simply try again. Each code has one meaning. Those below 4000 are RFC 6455's; ours mirror HTTP's numbers where
 * one fits.
 */
export interface CloseCode {
  readonly code: number
  /** At most 123 bytes of UTF-8 (RFC 6455 section 5.5). */
  readonly reason: string
  readonly retry: boolean
}

/** Every reason to hang up (PROTOCOL.md 7), and whether the same client should try again. */
export const closeCodes = {
  normal: { code: 1000, reason: 'bye', retry: false },
  /** The client broke MQTT or the framing rules. */
  protocolError: { code: 1002, reason: 'protocol error', retry: false },
  /** Text on /mqtt [MQTT-6.0.0-1], or binary on /ws. */
  wrongFrames: { code: 1003, reason: 'binary frames only on /mqtt, text only on /ws', retry: false },
  /** A text that is not UTF-8, or with U+0000 [MQTT-1.5.4-1, 1.5.4-2]. */
  badText: { code: 1007, reason: 'text that is not UTF-8', retry: false },
  tooLarge: { code: 1009, reason: 'message too large', retry: false },
  internalError: { code: 1011, reason: 'internal error', retry: true },
  restarting: { code: 1012, reason: 'bridge restarting', retry: true },
  full: { code: 1013, reason: 'too many clients', retry: true },
  /** Stopped by hand, so that nobody knows whether another process follows. */
  shuttingDown: { code: 4001, reason: 'bridge shutting down', retry: true },
  /** JSON that is not understood: before `start`, or again and again. */
  badMessage: { code: 4400, reason: 'message not understood', retry: false },
  /** At the door: nobody is let in with this. */
  unauthorised: { code: 4401, reason: 'user name, password or token refused', retry: false },
  notYourSeat: { code: 4403, reason: 'not allowed', retry: false },
  wrongSchema: { code: 4406, reason: 'schema version not spoken here', retry: false },
  slowConsumer: { code: 4408, reason: 'too slow to keep up', retry: true },
  takenOver: { code: 4409, reason: 'another client uses this client id', retry: false },
  /** Was let in, and may stay no longer. */
  passEnded: { code: 4410, reason: 'token revoked or expired', retry: false },
  /** The organiser decided for another device. */
  seatTaken: { code: 4423, reason: 'another device has this seat', retry: false },
  tooFast: { code: 4429, reason: 'too many messages', retry: true },
  /** Never said who it is. */
  noStart: { code: 4440, reason: 'no start or CONNECT in time', retry: true },
  jammed: { code: 4441, reason: 'presses of the outage stay unacknowledged, start afresh', retry: true },
  /** Was there, and is heard no more. */
  silent: { code: 4442, reason: 'nothing heard within the keep alive', retry: true },
} as const satisfies Record<string, CloseCode>

export type CloseReason = keyof typeof closeCodes

/** Codes after which the same client need not try again; everything else is worth another try. */
export const finalCodes: ReadonlySet<number> = new Set(
  Object.values<CloseCode>(closeCodes)
    .filter(({ code, retry }) => !retry && code !== closeCodes.normal.code)
    .map(({ code }) => code),
)

/**
 * The same close code with a word on when to come back: `bridge restarting, retry in 1.3 s`. Each client is told
 * another moment, so that a hall does not come back all at once. In tenths of a second.
 */
export function withRetryHint(close: CloseCode, retryInMs: number): CloseCode {
  return { ...close, reason: `${close.reason}, retry in ${(retryInMs / 1000).toFixed(1)} s` }
}

/** Reads {@link withRetryHint} from a close reason: milliseconds, or undefined when it says nothing of the kind. */
export function retryHintMs(reason: string): number | undefined {
  const seconds = /retry in ([0-9]{1,4}(?:\.[0-9]{1,3})?) s$/.exec(reason)?.[1]
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000)
}
