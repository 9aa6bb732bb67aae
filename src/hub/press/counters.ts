/** Plain running totals since start; read by the status page and the metrics. */
export interface Counters {
  /** Publications that came down from the broker. */
  received: number
  /** Publications offered to clients, one per client. */
  fannedOut: number
  /** Client publications the broker acknowledged. */
  passedOn: number
  /** Config requests answered from the last reply instead of being passed on. */
  configAnswered: number
  /** Presses dropped because there was no link (R1). */
  droppedOffline: number
  /** Presses whose acknowledgement was lost with the link; unknown whether they arrived. */
  lost: number
  /** Presses refused while owlcms was starting and deaf (R11). */
  droppedDeaf: number
  /** Redeliveries of a command (DUP), never passed on (R3). */
  droppedRedelivered: number
  /** Presses held back since they came in the burst after a CONNECT (R4). */
  heldBack: number
  /** Publications refused: not allowed, or a payload that owlcms would take for a red light. */
  refused: number
  /** Refused because too many waited for their turn, or since their client sends more than it may. */
  tooFast: number
  /** Presses refused since the attempt they were made for is over (R4). */
  tooLate: number
  /** Presses that owlcms's echo proves taken, and those without an echo in time. */
  taken: number
  notTaken: number
  /** Presses kept back by the light check. */
  drilled: number
  /** Publications on topics we don't know, passed on untouched (R6). */
  unknownPassedOn: number
  /** Clients ended because they didn't read fast enough (R7). */
  slowClients: number
}

/** Nothing counted yet. */
export function newCounters(): Counters {
  return {
    received: 0,
    fannedOut: 0,
    passedOn: 0,
    configAnswered: 0,
    droppedOffline: 0,
    lost: 0,
    droppedDeaf: 0,
    droppedRedelivered: 0,
    heldBack: 0,
    refused: 0,
    tooFast: 0,
    tooLate: 0,
    taken: 0,
    notTaken: 0,
    drilled: 0,
    unknownPassedOn: 0,
    slowClients: 0,
  }
}
