import { seatKey, type Seat } from '../protocol/seat.ts'
import type { Platform } from '../protocol/owlcms.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { deviceId } from './device-id.ts'

/** Milliseconds that a place is kept for who left: a phone that changes its Wi-Fi is back within. */
export const seatGraceMs = 10_000

/**
 * Devices of one seat beyond which those that wait and leave are forgotten at once (R7): a leaked link in a script that
 * comes and goes under ever new names.
 */
export const maxSeatDevices = 8

export type SeatState = 'held' | 'waiting'

/** One connection of a device that wants a seat. */
export interface SeatClient {
  /** Names the device: the same over its reconnects, different for another one; the session's key. */
  readonly key: string
  /** Its state changed after it joined. */
  seatChanged(state: SeatState): void
  /** Another device was preferred: the edge ends the connection, and nobody is to try again. */
  seatTaken(): void
}

/** One device of a seat, as the organiser sees it. */
export interface SeatDevice {
  readonly key: string
  /** Names it in {@link SeatDesk.decide}; tells nothing about it. */
  readonly id: string
  readonly state: SeatState
  readonly connected: boolean
  /** Since when it is connected, or gone. A moment of the clock. */
  readonly since: number
}

export interface SeatView {
  readonly platform: Platform
  /** The seat's word, `referee-2`. */
  readonly seat: string
  /** The one that holds it first, then in the order in which they came. */
  readonly devices: readonly SeatDevice[]
}

interface Device {
  readonly key: string
  readonly clients: Set<SeatClient>
  since: number
  cancelGrace: CancelTimer | undefined
}

interface Place {
  readonly platform: Platform
  readonly seat: string
  /** In the order in which they came; never empty. */
  readonly devices: Map<string, Device>
  holder: string
}

/**
 * Who sits on each seat. The first device holds it; another one waits: it hears what the seat hears and may not press,
 * until the organiser decides for it or the holder has been gone for {@link seatGraceMs}. A device that comes back
 * within that time has its place again at once. Knows no socket; bounded by the connections there are. Each bridge has a desk of its own.
 */
export class SeatDesk {
  readonly #clock: Clock
  readonly #places = new Map<string, Place>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A connection of a device for this seat. Its later changes come by `seatChanged`. */
  join(seat: Seat, client: SeatClient): SeatState {
    const placeKey = keyOf(seat.platform, seatKey(seat))
    let place = this.#places.get(placeKey)
    if (place === undefined) {
      place = { platform: seat.platform, seat: seatKey(seat), devices: new Map(), holder: client.key }
      this.#places.set(placeKey, place)
    }
    const now = this.#clock.now()
    const device = place.devices.get(client.key)
    if (device === undefined) {
      const clients = new Set([client])
      place.devices.set(client.key, { key: client.key, clients, since: now, cancelGrace: undefined })
    } else {
      device.cancelGrace?.()
      device.cancelGrace = undefined
      if (device.clients.size === 0) device.since = now
      device.clients.add(client)
    }
    return stateOf(place, client.key)
  }

  /** The connection is gone; its device's place is kept for a while. */
  leave(seat: Seat, client: SeatClient): void {
    const place = this.#places.get(keyOf(seat.platform, seatKey(seat)))
    const device = place?.devices.get(client.key)
    if (place === undefined || device?.clients.delete(client) !== true || device.clients.size > 0) return
    if (place.holder !== device.key && place.devices.size > maxSeatDevices) {
      place.devices.delete(device.key)
      return
    }
    device.since = this.#clock.now()
    device.cancelGrace = this.#clock.setTimer(seatGraceMs, () => this.#forget(place, device))
  }

  /** The organiser's word: this device holds the seat, the others must go. False: it is not there any more. */
  decide(platform: string, seat: string, keep: string): boolean {
    const place = this.#places.get(keyOf(platform, seat))
    const kept = [...(place?.devices.values() ?? [])].find(({ key }) => deviceId(key) === keep)
    if (place === undefined || kept === undefined) return false
    const others = [...place.devices.values()].filter((device) => device !== kept)
    for (const other of others) {
      other.cancelGrace?.()
      place.devices.delete(other.key)
    }
    this.#give(place, kept)
    for (const other of others) for (const client of [...other.clients]) client.seatTaken()
    return true
  }

  /** Every seat that some device has or waits for. */
  view(): readonly SeatView[] {
    return [...this.#places.values()].map((place) => {
      const devices = [...place.devices.values()].map(({ key, clients, since }) => ({
        key,
        id: deviceId(key),
        state: stateOf(place, key),
        connected: clients.size > 0,
        since,
      }))
      const first = devices.filter(({ state }) => state === 'held')
      const waiting = devices.filter(({ state }) => state === 'waiting')
      return { platform: place.platform, seat: place.seat, devices: [...first, ...waiting] }
    })
  }

  #forget(place: Place, device: Device): void {
    place.devices.delete(device.key)
    if (place.devices.size === 0) {
      this.#places.delete(keyOf(place.platform, place.seat))
      return
    }
    if (place.holder !== device.key) return
    // The one that waits longest and is there; else the one that may come back first.
    const waiting = [...place.devices.values()]
    const next = waiting.find(({ clients }) => clients.size > 0) ?? waiting[0]
    if (next !== undefined) this.#give(place, next)
  }

  #give(place: Place, device: Device): void {
    if (place.holder === device.key) return
    place.holder = device.key
    for (const client of [...device.clients]) client.seatChanged('held')
  }
}

function stateOf(place: Place, key: string): SeatState {
  return place.holder === key ? 'held' : 'waiting'
}

/** A seat's word has no space. */
function keyOf(platform: string, seat: string): string {
  return `${seat} ${platform}`
}
