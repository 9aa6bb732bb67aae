export type Verdict = 'right' | 'wrong' | 'note' | 'not seen'

export interface Finding {
  readonly check: CheckName
  readonly verdict: Verdict
  /** One sentence, with what to do when it is wrong. */
  readonly words: string
}

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

export interface TrialReport {
  readonly seat: string
  /** `right`: nothing is wrong and every button was seen. */
  readonly outcome: 'right' | 'wrong' | 'incomplete'
  readonly findings: readonly Finding[]
  /** Every message of the device, in order, for whoever wants to look. */
  readonly heard: readonly Heard[]
}

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

export function right(check: CheckName, words: string): Finding {
  return { check, verdict: 'right', words }
}

export function wrong(check: CheckName, words: string): Finding {
  return { check, verdict: 'wrong', words }
}

/** Worth knowing, and no fault. */
export function note(check: CheckName, words: string): Finding {
  return { check, verdict: 'note', words }
}

export function notSeen(check: CheckName, words: string): Finding {
  return { check, verdict: 'not seen', words }
}
