import type { Hub, Presser } from '../../hub/hub.ts'
import type { Arrival } from '../../hub/people/presence.ts'
import type { SeatClient, SeatPlace } from '../../hub/people/seat-desk.ts'
import type { Clock } from '../../support/clock.ts'

interface House {
  readonly hub: Hub
  readonly clock: Clock
}

/** A client that is known, and where it sits. */
export interface Seated extends Presser {
  /** What its client calls itself, the same over its reconnects. */
  readonly name: string
  place: SeatPlace | undefined
}

/**
 * A client has come: the organiser sees it, and an official's sits down on its seat or waits beside it. A keypad asks for the seat
 * at once; whether an MQTT client ever presses shows only when it does.
 */
export function sitDown(
  { hub, clock }: House,
  client: Seated,
  facts: Omit<Arrival, 'principal'>,
  told: Pick<SeatClient, 'seatChanged' | 'seatTaken'>,
): void {
  const { principal, key, name, via } = client
  if (isListed(client)) hub.presence.connected(key, { ...facts, principal }, clock.now())
  if (principal.kind !== 'seat') return
  const asks = via === 'stream'
  client.place = hub.seats.join(principal, { key, name, asks, ...told })
}

/** Its connection is gone; its place is kept for a while. */
export function getUp({ hub, clock }: House, client: Seated): void {
  client.place?.leave()
  client.place = undefined
  hub.presence.disconnected(client.key, clock.now())
}

/** owlcms is no official's device, and its client ID holds a password of its own (docs/owlcms.md 1.7); the public's phones are many. */
function isListed({ principal, via }: Presser): boolean {
  return principal.kind !== 'owlcms' && (principal.kind !== 'viewer' || via === 'mqtt')
}
