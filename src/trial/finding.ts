/** `not seen`: its button was never pressed, so nothing is known. */
export type Verdict = 'right' | 'wrong' | 'note' | 'not seen'

/** What came out of one check. */
export interface Finding {
  readonly check: CheckName
  readonly verdict: Verdict
  /** One sentence, with what to do when it is wrong. */
  readonly words: string
}

/** What is looked at in a device. */
export type CheckName =
  | 'topic'
  | 'platform'
  | 'payload'
  | 'right button'
  | 'once'
  | 'retain'
  | 'QoS'
  | 'listens'
  | 'silence'
  | 'restart of owlcms'
  | 'comes back'
  | 'late flush'
  | 'client ID'

/** What came out of a trial. */
export interface TrialReport {
  readonly seat: string
  /** `right`: nothing is wrong and every button was seen. */
  readonly outcome: 'right' | 'wrong' | 'incomplete'
  readonly findings: readonly Finding[]
  /** Every message of the device, in order, for whoever wants to look. */
  readonly heard: readonly Heard[]
}

/** One message of the device, and when it came. */
export interface Heard {
  readonly step: string
  /** Moment, in milliseconds of this run. */
  readonly atMs: number
  /** Milliseconds since the step began. */
  readonly afterMs: number
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
}

/** As owlcms wants it. */
export function right(check: CheckName, words: string): Finding {
  return { check, verdict: 'right', words }
}

/** Something to be changed in the device; the words say what. */
export function wrong(check: CheckName, words: string): Finding {
  return { check, verdict: 'wrong', words }
}

/** Worth knowing, and no fault. */
export function note(check: CheckName, words: string): Finding {
  return { check, verdict: 'note', words }
}

/** Nothing came that could be looked at. */
export function notSeen(check: CheckName, words: string): Finding {
  return { check, verdict: 'not seen', words }
}
