import type { PressOutcome } from '../../hub/hub.ts'
import type { PublishDenial } from '../../hub/people/permissions.ts'
import type { ErrorReason } from '../../protocol/contract/stream-message.ts'

/** An outcome that is no: everything but what arrived where it was meant to. */
export type Refusal = Exclude<PressOutcome, { readonly kind: 'delivered' | 'drill' }>

const deniedText: Readonly<Record<PublishDenial, string>> = {
  reserved: 'only owlcms may publish there',
  outsideOwlcms: 'only topics under owlcms/ are passed on',
  unsafeTopic: 'brokers cut the line for this topic (a control character, or too deep): check the platform',
  notYourSeat: 'this seat may not press that',
  seatWaiting: 'another device holds this seat: not passed on, ask the organiser which one counts',
}

/** The words of a refusal, the same at both edges: one for programs, and an official's. */
export function outcomeWords(outcome: Refusal): { readonly reason: ErrorReason; readonly text: string } {
  switch (outcome.kind) {
    case 'offline': {
      const cause =
        outcome.why === 'noOwlcms' ? 'owlcms is not connected to this bridge' : 'no link to the broker'
      return { reason: 'offline', text: `${cause}: not passed on, nothing is kept` }
    }
    case 'lost': {
      const text = 'the link broke before the broker answered: unknown whether it arrived, never sent again'
      return { reason: 'lost', text }
    }
    case 'deaf':
      return { reason: 'deaf', text: 'owlcms has just reconnected and does not listen yet: press again' }
    case 'tooLate':
      return { reason: 'tooLate', text: 'too late for what it was made for: not passed on' }
    case 'redelivered':
      return { reason: 'held', text: 'an old press sent again: not passed on' }
    case 'held': {
      const text = 'arrived right after connecting, perhaps an old press: not passed on, press again'
      return { reason: 'held', text }
    }
    case 'tooFast':
      return { reason: 'tooFast', text: 'too many presses on this platform at once' }
    case 'denied':
      return {
        reason: outcome.why === 'seatWaiting' ? 'seatWaiting' : 'notAllowed',
        text: deniedText[outcome.why],
      }
    case 'invalid':
      return { reason: 'invalid', text: 'owlcms would not read this payload as meant' }
    case 'refused':
      return { reason: 'refused', text: 'refused by the broker' }
    default:
      return outcome satisfies never
  }
}
