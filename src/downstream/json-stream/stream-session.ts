import type { FrameFormat } from '../../hub/routing/fan-out.ts'
import type { Session } from '../../hub/hub.ts'
import type { OfferOutcome } from '../../hub/routing/outbox.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { SeatPlace } from '../../hub/people/seat-desk.ts'

const nothing = new Uint8Array()
const neverAsked: FrameFormat = { encode: () => nothing }

/**
 * A client of the stream as the hub knows it: somebody who presses. It holds no subscription, since it hears
 * through the broadcast, so nothing is ever delivered here.
 */
export class StreamSession implements Session {
  readonly key: string
  readonly principal: Principal
  readonly via = 'stream'
  place: SeatPlace | undefined
  readonly format = neverAsked
  readonly outbox = { offer: (): OfferOutcome => 'queued' }

  constructor(key: string, principal: Principal) {
    this.key = key
    this.principal = principal
  }

  deliver(): OfferOutcome {
    return 'queued'
  }

  slow(): void {
    throw new Error('a session without subscriptions is never slow')
  }
}
