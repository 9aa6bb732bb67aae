import { seatKey } from '../../protocol/contract/seat.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import { deviceId } from './device-id.ts'
import type { Principal } from './permissions.ts'
import { keyOf, type LocalHolder } from './shared-seats.ts'

/** What other bridges have to say about a seat; without it this bridge decides alone. */
export interface SharedDesk {
  /** Whether our holder of this seat may press. */
  mayHold(platform: string, seat: string): boolean
  /** Whether another bridge claims the seat for this device, with better right than we have for our holder. */
  isAheadElsewhere(platform: string, seat: string, device: string): boolean
  /** Whom this desk would seat, or nobody; `fresh` when it has just connected. */
  hold(platform: Platform, seat: string, holder: LocalHolder | undefined, fresh: boolean): void
}

/** Milliseconds that a place is kept for who left: a phone that changes its Wi-Fi is back within. */
export const seatGraceMs = 10_000

/**
 * Devices of one seat beyond which those that wait and leave are forgotten at once (R7): a leaked link in a script that
 * comes and goes under ever new names.
 */
export const maxSeatDevices = 8

/** `held`: it may press. `waiting`: it only hears. */
export type SeatState = 'held' | 'waiting'

/** Who sits on a seat. */
export type SeatPrincipal = Extract<Principal, { readonly kind: 'seat' }>

/** One connection of a device that is there for a seat. */
export interface SeatClient {
  /** Names the device in the organiser's list; the session's key. Connections that share it are one device, as two tabs are. */
  readonly key: string
  /** What the device calls itself, the same over its reconnects. Of two keys with one name the newest counts. */
  readonly name: string
  /** Whether it wants the seat from the start, as a keypad does; others ask with their first press. */
  readonly asks: boolean
  /** Its state changed after it joined; for those that can be told. */
  seatChanged?(state: SeatState): void
  /** Another device was preferred: the edge ends the connection, and nobody is to try again. */
  seatTaken(): void
}

/** What a connection has of its seat. */
export interface SeatPlace {
  readonly state: SeatState
  /**
   * It presses, and nothing else speaks against it: whether it may. The seat may become its own by this. `madeAt` is a moment of the
   * clock, not in the future. `overtaken`: its device has pressed since, on a line that it opened later.
   */
  press(madeAt: number): SeatState | 'overtaken'
  /** The connection is gone; its device's place is kept for a while. */
  leave(): void
}

/** One device of a seat, as the organiser sees it. */
export interface SeatDevice {
  readonly key: string
  /** Names it in {@link SeatDesk.decide}; tells nothing about it. */
  readonly id: string
  readonly state: SeatState
  /** Whether it wants to press, as far as anybody can tell; who only listens is in nobody's way. */
  readonly asks: boolean
  readonly connected: boolean
  /** Since when it is connected, or gone. A moment of the clock. */
  readonly since: number
}

/** A seat that somebody has or wants. */
export interface SeatView {
  readonly platform: Platform
  /** The seat's word, `referee-2`. */
  readonly seat: string
  /** The one that holds it first, then in the order in which they came. */
  readonly devices: readonly SeatDevice[]
}

interface Device {
  readonly key: string
  readonly name: string
  /** The short names of both (device-id.ts), made once, since each press asks. */
  readonly id: string
  readonly nameId: string
  /** Its turn among those who came. */
  readonly order: number
  readonly clients: Map<SeatClient, SeatPrincipal>
  /** Whose it is, or was when it left. */
  principal: SeatPrincipal
  asks: boolean
  since: number
  cancelGrace: CancelTimer | undefined
  /** Its last press: when it was made, and on which of its lines, later ones being higher. */
  pressed: { readonly line: number; readonly madeAt: number } | undefined
}

interface Place {
  readonly platform: Platform
  readonly seat: string
  /** In the order in which they came; never empty. */
  readonly devices: Map<string, Device>
  holder: Device
  /** False: it is a keypad's that has not pressed yet, and others were here before, of which none had asked. */
  settled: boolean
}

/**
 * Who sits on each seat. It belongs to who presses: a keypad has it as soon as it comes, a box with its first press, and
 * until then it keeps nobody from it (Firmata's second client never presses). Another device that asks waits: it hears
 * what the seat hears and may not press, until the organiser decides for it or the holder has been gone for
 * {@link seatGraceMs}. A device that comes back, even before its old line is known to be dead, has its place again at
 * once. Knows no socket; bounded by the connections there are. Each bridge has a desk of its own; who sits on a seat among
 * those of several bridges is agreed in shared-seats.ts.
 */
export class SeatDesk {
  readonly #clock: Clock
  readonly #places = new Map<string, Place>()
  readonly #shared: SharedDesk | undefined
  #arrivals = 0
  #lines = 0
  /** Whoever asks the other bridges tells its clients itself. */
  #telling = false

  constructor(clock: Clock, shared?: SharedDesk) {
    this.#clock = clock
    this.#shared = shared
  }

  /** Whether the seat may be ours has changed: its holder here hears it. */
  reconsider(platform: string, seat: string): void {
    const place = this.#places.get(keyOf(platform, seat))
    if (place === undefined || this.#telling) return
    const state = this.#stateOf(place, place.holder)
    for (const client of [...place.holder.clients.keys()]) client.seatChanged?.(state)
  }

  /** A connection of a device for this seat. Later changes of its state come by `seatChanged`. */
  join(principal: SeatPrincipal, client: SeatClient): SeatPlace {
    const placeKey = keyOf(principal.platform, seatKey(principal))
    const before = this.#places.get(placeKey)
    const device = before?.devices.get(client.key) ?? this.#arrival(before, principal, client)
    const place = before ?? {
      platform: principal.platform,
      seat: seatKey(principal),
      devices: new Map<string, Device>(),
      holder: device,
      settled: device.asks,
    }
    this.#places.set(placeKey, place)
    place.devices.set(device.key, device)
    device.cancelGrace?.()
    device.cancelGrace = undefined
    if (device.clients.size === 0) device.since = this.#clock.now()
    const { holder } = place
    if (holder !== device && (holder.name === device.name || (device.asks && !holder.asks))) {
      this.#give(place, device, holder.name === device.name && place.settled)
    } else if (holder !== device && this.#bringsSeat(place, device)) this.#give(place, device, true)
    for (const old of [...place.devices.values()]) {
      if (old === device || old.name !== device.name) continue
      // It has handed on what it asked for; should it press after all, it is a second box, and shows.
      old.asks = false
      if (old.clients.size === 0) remove(place, old)
    }
    this.#tell(place, place.holder === device)
    // Last, since it learns its state from the answer.
    device.clients.set(client, principal)
    const line = (this.#lines += 1)
    const state = (): SeatState => this.#stateOf(place, device)
    return {
      get state() {
        return state()
      },
      press: (madeAt) => this.#press(place, device, { line, madeAt }),
      leave: () => this.#leave(place, device, client),
    }
  }

  /** Whether this device is here for this seat. */
  has(platform: string, seat: string, id: string): boolean {
    const devices = this.#places.get(keyOf(platform, seat))?.devices.values() ?? []
    return [...devices].some((device) => device.id === id)
  }

  /** The organiser's word: this device holds the seat, the others must go. False: it is not there any more. */
  decide(platform: string, seat: string, keep: string): boolean {
    const place = this.#places.get(keyOf(platform, seat))
    const kept = [...(place?.devices.values() ?? [])].find(({ id }) => id === keep)
    if (place === undefined || kept === undefined) return false
    const others = [...place.devices.values()].filter((device) => device !== kept)
    for (const other of others) remove(place, other)
    kept.asks = true
    this.#give(place, kept, true)
    this.#tell(place)
    for (const other of others) for (const client of [...other.clients.keys()]) client.seatTaken()
    return true
  }

  /** The organiser's word, for a device of another bridge: whoever is here for this seat must go. */
  yield(platform: string, seat: string): void {
    const place = this.#places.get(keyOf(platform, seat))
    if (place === undefined) return
    const all = [...place.devices.values()]
    for (const device of all) remove(place, device)
    this.#refill(place)
    for (const device of all) for (const client of [...device.clients.keys()]) client.seatTaken()
  }

  /** Whoever must go has lost its place at once, also who has left already and might come back. */
  expel(mustGo: (principal: SeatPrincipal) => boolean): void {
    for (const place of [...this.#places.values()]) {
      for (const device of [...place.devices.values()]) {
        const wasGone = device.clients.size === 0
        for (const [client, principal] of [...device.clients]) {
          if (mustGo(principal)) device.clients.delete(client)
        }
        if (device.clients.size === 0 && (!wasGone || mustGo(device.principal))) remove(place, device)
      }
      this.#refill(place)
    }
  }

  /** Every seat that some device has or waits for. */
  view(): readonly SeatView[] {
    return [...this.#places.values()].map((place) => {
      const devices = [...place.devices.values()].map((device) => ({
        key: device.key,
        id: device.id,
        state: this.#stateOf(place, device),
        asks: device.asks,
        connected: device.clients.size > 0,
        since: device.since,
      }))
      const first = devices.filter(({ state }) => state === 'held')
      const waiting = devices.filter(({ state }) => state === 'waiting')
      return { platform: place.platform, seat: place.seat, devices: [...first, ...waiting] }
    })
  }

  /** Who comes under a name that is here already has that one's rights. */
  #arrival(place: Place | undefined, principal: SeatPrincipal, { key, name, asks }: SeatClient): Device {
    const same = [...(place?.devices.values() ?? [])].filter((device) => device.name === name)
    this.#arrivals += 1
    return {
      key,
      name,
      id: deviceId(key),
      nameId: deviceId(name),
      principal,
      clients: new Map<SeatClient, SeatPrincipal>(),
      since: this.#clock.now(),
      cancelGrace: undefined,
      pressed: undefined,
      order: Math.min(this.#arrivals, ...same.map(({ order }) => order)),
      asks: asks || same.some((device) => device.asks),
    }
  }

  /** Whether it had the seat at another bridge, or would have: then who waits here for that goes on waiting. */
  #bringsSeat({ platform, seat }: Place, { asks, nameId }: Device): boolean {
    const shared = this.#shared
    return (
      asks && shared?.mayHold(platform, seat) === false && shared.isAheadElsewhere(platform, seat, nameId)
    )
  }

  #press(
    place: Place,
    device: Device,
    press: { readonly line: number; readonly madeAt: number },
  ): SeatState | 'overtaken' {
    if (place.devices.get(device.key) !== device) return 'waiting'
    const { pressed } = device
    // A line that stood still brings what it held behind what its device has sent on a new one since.
    if (pressed !== undefined && press.line < pressed.line && press.madeAt < pressed.madeAt)
      return 'overtaken'
    device.pressed = press
    const { holder, settled } = place
    device.asks = true
    if (holder === device) place.settled = true
    // What an old line of the same device still holds is an old press.
    else if (holder.name === device.name) return 'waiting'
    else if (!holder.asks || (!settled && device.order < holder.order)) this.#give(place, device, true)
    if (place.holder === device) this.#tell(place)
    return this.#stateOf(place, device)
  }

  #leave(place: Place, device: Device, client: SeatClient): void {
    const principal = device.clients.get(client)
    if (principal === undefined) return
    device.clients.delete(client)
    if (device.clients.size > 0 || place.devices.get(device.key) !== device) return
    device.principal = principal
    if (place.holder !== device && place.devices.size > maxSeatDevices) {
      remove(place, device)
      return
    }
    device.since = this.#clock.now()
    device.cancelGrace = this.#clock.setTimer(seatGraceMs, () => {
      remove(place, device)
      this.#refill(place)
    })
  }

  /** After somebody was removed: the seat goes to who asks and has waited longest, or is free. */
  #refill(place: Place): void {
    const left = [...place.devices.values()]
    if (left.includes(place.holder)) return
    const here = left.filter(({ clients }) => clients.size > 0)
    const next = here.find(({ asks }) => asks) ?? here[0] ?? left.find(({ asks }) => asks) ?? left[0]
    if (next === undefined) {
      this.#places.delete(keyOf(place.platform, place.seat))
      this.#shared?.hold(place.platform, place.seat, undefined, false)
    } else this.#give(place, next, next.asks)
  }

  #give(place: Place, device: Device, settled: boolean): void {
    const before = place.holder
    place.holder = device
    place.settled = settled
    if (before === device) return
    this.#tell(place)
    const state = this.#stateOf(place, device)
    if (state === 'held') for (const client of [...device.clients.keys()]) client.seatChanged?.(state)
    if (place.devices.get(before.key) !== before) return
    for (const client of [...before.clients.keys()]) client.seatChanged?.('waiting')
  }

  #stateOf(place: Place, device: Device): SeatState {
    if (place.holder !== device || place.devices.get(device.key) !== device) return 'waiting'
    return this.#shared?.mayHold(place.platform, place.seat) === false ? 'waiting' : 'held'
  }

  #tell(place: Place, fresh = false): void {
    if (this.#shared === undefined) return
    const { key, id, nameId, asks } = place.holder
    const holder = { device: nameId, id, key, asks }
    this.#telling = true
    this.#shared.hold(place.platform, place.seat, holder, fresh)
    this.#telling = false
  }
}

function remove(place: Place, device: Device): void {
  device.cancelGrace?.()
  device.cancelGrace = undefined
  place.devices.delete(device.key)
}
