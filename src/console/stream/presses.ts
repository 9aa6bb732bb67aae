import type {
  ErrorReason,
  Receipt,
  ServerMessage,
  StreamCommand,
} from '../../protocol/contract/stream-message.ts'
import type { DeviceClock } from './parts.ts'

/** What is known of a press; only what the bridge or owlcms said, never a guess. */
export type PressState =
  /** On its way to the bridge. */
  | { readonly kind: 'sending' }
  /** The broker has it; owlcms's echo is awaited. */
  | { readonly kind: 'acked' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'notTaken' }
  /** The broker has it, and owlcms says nothing to such a press. */
  | { readonly kind: 'delivered'; readonly because: Extract<Receipt, { outcome: 'delivered' }>['because'] }
  /** The light check has it; owlcms never will. */
  | { readonly kind: 'drill' }
  /** `offline` also when this device refused it; `lost`: nobody knows whether it arrived. */
  | { readonly kind: 'refused'; readonly reason: ErrorReason }

export interface Press {
  readonly id: string
  /** Counts the presses of this page. */
  readonly number: number
  readonly platform: string
  readonly command: StreamCommand
  /** On this device's clock. */
  readonly at: number
  readonly state: PressState
}

/** The broker answers within 0.5 s or not at all; a slow phone line gets the rest. */
const ackTimeoutMs = 3_000
/** The bridge says so itself after 1.5 s without an echo. */
const receiptTimeoutMs = 4_000
/** Presses whose answers are still recognised. */
const keptPresses = 20

/**
 * The presses of this device and what became of them. A press that gets no answer in time, or whose line broke, is `lost`:
 * it is never sent again (R1), since it would be late.
 */
export class Presses {
  readonly #clock: DeviceClock
  readonly #changed: (press: Press) => void
  readonly #known = new Map<string, Press>()
  readonly #timers = new Map<string, () => void>()
  #count = 0

  constructor(clock: DeviceClock, changed: (press: Press) => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Notes a press that was just sent. */
  sent(id: string, platform: string, command: StreamCommand): Press {
    const press = this.#made(id, platform, command, { kind: 'sending' })
    this.#forgetOldest()
    this.#set(press)
    this.#expect(id, ackTimeoutMs)
    return press
  }

  /** Notes a press that this device refused to send. */
  refused(id: string, platform: string, command: StreamCommand, reason: ErrorReason): Press {
    const press = this.#made(id, platform, command, { kind: 'refused', reason })
    this.#forgetOldest()
    this.#set(press)
    return press
  }

  /** Takes the bridge's word on a press; others' are left alone. */
  hear(message: Extract<ServerMessage, { type: 'ack' | 'receipt' | 'error' }>): void {
    const press = message.id === undefined ? undefined : this.#known.get(message.id)
    if (press === undefined) return
    this.#timers.get(press.id)?.()
    this.#timers.delete(press.id)
    const state = stateAfter(message)
    if (state.kind === 'acked') this.#expect(press.id, receiptTimeoutMs)
    this.#set({ ...press, state })
  }

  /** The line broke: what was on its way may have arrived or not. */
  lineLost(): void {
    for (const id of [...this.#timers.keys()]) this.#lose(id)
  }

  #made(id: string, platform: string, command: StreamCommand, state: PressState): Press {
    this.#count += 1
    return { id, number: this.#count, platform, command, at: this.#clock.now(), state }
  }

  #expect(id: string, timeoutMs: number): void {
    this.#timers.set(
      id,
      this.#clock.setTimer(timeoutMs, () => this.#lose(id)),
    )
  }

  #lose(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
    const press = this.#known.get(id)
    if (press !== undefined) this.#set({ ...press, state: { kind: 'refused', reason: 'lost' } })
  }

  #set(press: Press): void {
    this.#known.set(press.id, press)
    this.#changed(press)
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys()
    if (oldest === undefined || this.#known.size < keptPresses) return
    this.#timers.get(oldest)?.()
    this.#timers.delete(oldest)
    this.#known.delete(oldest)
  }
}

function stateAfter(message: Extract<ServerMessage, { type: 'ack' | 'receipt' | 'error' }>): PressState {
  switch (message.type) {
    case 'ack':
      return message.outcome === 'drill' ? { kind: 'drill' } : { kind: 'acked' }
    case 'receipt':
      return message.outcome === 'delivered'
        ? { kind: 'delivered', because: message.because }
        : { kind: message.outcome }
    case 'error':
      return { kind: 'refused', reason: message.reason }
    default:
      return message satisfies never
  }
}
