import type { StreamClient } from '../stream/stream-client.ts'
import type { Press } from '../stream/presses.ts'
import { oneAlertMs, type AlertKind, type Alerts } from '../phone/alerts.ts'
import type { DeviceClock } from '../stream/parts.ts'
import { isReminded, isSummoned, officialsOf, seatOf, type PageSeat } from './seat-facts.ts'

/**
 * Decides when a seat is alerted: reminded until it pressed (again, if that press failed), called until lifting resumes, and
 * when the light check tries both. Only what the bridge told counts, beside the press of this very device.
 */
export class AlertControl {
  readonly #client: StreamClient
  readonly #alerts: Alerts
  readonly #clock: DeviceClock
  readonly #changed: () => void
  #remindedAt: number | undefined
  /** By the bridge's clock: a phone that stood still gets the twins of a call long after it. */
  #calledAt = -Infinity
  #wasSummoned = false
  #quiet = false
  #shown = ''

  /** `changed` is called when the set of alerts on the screen changed. */
  constructor(client: StreamClient, alerts: Alerts, clock: DeviceClock, changed: () => void) {
    this.#client = client
    this.#alerts = alerts
    this.#clock = clock
    this.#changed = changed
    client.subscribe(() => this.#look())
    client.onEvent(({ message, at }) => {
      const seat = this.#seat
      if (message.kind !== 'summon' || !message.on || seat === undefined) return
      if (!officialsOf(seat).includes(message.official)) return
      if (Math.abs(at - this.#calledAt) < oneAlertMs) return
      this.#calledAt = at
      // Called once more: as loud as the first time.
      this.#quiet = false
      this.#alerts.start('summon')
      this.#tell()
    })
  }

  /** What flashes now. */
  get active(): readonly AlertKind[] {
    return this.#alerts.active
  }

  /** The official has heard the call; the words stay until lifting resumes. */
  quietSummon(): void {
    this.#quiet = true
    this.#alerts.stop('summon')
    this.#tell()
  }

  get #seat(): PageSeat | undefined {
    const { as } = this.#client.view
    return as === undefined ? undefined : seatOf(as)
  }

  #look(): void {
    const seat = this.#seat
    if (seat === undefined) return
    const { states, drill, press } = this.#client.view
    const state = states[seat.platform]
    const reminded = isReminded(seat, state) || drill?.ask === 'reminder'
    this.#remindedAt = reminded ? (this.#remindedAt ?? this.#clock.now()) : undefined
    this.#set('reminder', this.#remindedAt !== undefined && !answers(press, this.#remindedAt))
    const summoned = isSummoned(seat, state) || drill?.ask === 'summon'
    if (!summoned || !this.#wasSummoned) this.#quiet = false
    this.#wasSummoned = summoned
    this.#set('summon', summoned && !this.#quiet)
    this.#tell()
  }

  #set(kind: AlertKind, on: boolean): void {
    if (on === this.#alerts.active.includes(kind)) return
    if (on) this.#alerts.start(kind)
    else this.#alerts.stop(kind)
  }

  #tell(): void {
    const shown = this.#alerts.active.join(' ')
    if (shown === this.#shown) return
    this.#shown = shown
    this.#changed()
  }
}

/** Whether this press was made for the reminder and has not failed. */
function answers(press: Press | undefined, remindedAt: number): boolean {
  if (press === undefined || press.command.kind !== 'refereeDecision' || press.at < remindedAt) return false
  return press.state.kind !== 'refused' && press.state.kind !== 'notTaken'
}
