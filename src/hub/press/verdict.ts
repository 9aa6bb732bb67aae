import type { PressVerdict } from '../../protocol/contract/press-report.ts'
import type { PressOutcome } from '../people/session.ts'

type Failed = Exclude<PressOutcome, { readonly kind: 'delivered' }>

/** What a press that did not reach the broker is called in reports. */
export function verdictOf({ kind }: Failed): PressVerdict {
  switch (kind) {
    case 'offline':
    case 'lost':
    case 'tooLate':
    case 'drill':
      return kind
    case 'refused':
    case 'denied':
    case 'invalid':
    case 'deaf':
    case 'redelivered':
    case 'held':
    case 'tooFast':
      return 'refused'
    default:
      return kind satisfies never
  }
}

/** A fixed word for logs and the journal. */
export function reasonOf(outcome: Failed): string | undefined {
  switch (outcome.kind) {
    case 'denied':
    case 'invalid':
      return outcome.why
    case 'tooLate':
      return outcome.why.kind === 'edge' ? outcome.why.edge : outcome.why.kind
    case 'deaf':
    case 'redelivered':
    case 'held':
    case 'tooFast':
      return outcome.kind
    case 'refused':
      return 'brokerRefused'
    case 'offline':
      return outcome.why
    case 'lost':
    case 'drill':
      return undefined
    default:
      return outcome satisfies never
  }
}
