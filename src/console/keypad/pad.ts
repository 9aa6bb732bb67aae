import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import { hindranceOf, type StreamView } from '../stream/stream-view.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { isIdle, type PageSeat } from './seat-facts.ts'

/** What every keypad is drawn from. */
export interface Pad {
  readonly client: StreamClient
  readonly view: StreamView
  readonly seat: PageSeat
  readonly state: VisibleState | undefined
  readonly texts: KeypadTexts
  /** White is on the left: the link says so. */
  readonly isWhiteLeft: boolean
  /** Sends a command with the fence that stands on the screen now. */
  readonly press: (command: StreamCommand) => void
}

/**
 * How the keys look. They work in each case, since what the page believes must take nobody's key away: a press that can't be
 * taken is refused in words.
 */
export function looksOfKeys({ view, seat, state }: Pad): {
  readonly 'data-keys': 'usual' | 'idle' | 'shut'
  readonly 'aria-disabled': 'true' | 'false'
} {
  const isShut = view.seat === 'waiting' || hindranceOf(view, seat.platform) !== undefined
  if (isShut) return { 'data-keys': 'shut', 'aria-disabled': 'true' }
  const isAtRest = view.drill === undefined && isIdle(seat, state)
  return { 'data-keys': isAtRest ? 'idle' : 'usual', 'aria-disabled': 'false' }
}

/** Two touches of one button within this time are one: fingers bounce (in milliseconds). */
const bounceMs = 250

/**
 * The pad's `press`: with the fence of the state that was drawn, which is the one the official saw. A bounce, the same command
 * again at once, is left out.
 */
export function presser(
  client: StreamClient,
  seat: PageSeat,
  state: VisibleState | undefined,
  now: () => number,
): Pad['press'] {
  return (command) => {
    const last = client.view.press
    const same = last !== undefined && JSON.stringify(last.command) === JSON.stringify(command)
    if (same && last.state.kind !== 'refused' && now() - last.at < bounceMs) return
    client.press(seat.platform, command, state?.fence)
  }
}

/** Whether the latest press was this one and is still on its way. */
export function isUnderWay({ view }: Pad, command: StreamCommand): boolean {
  const { press } = view
  if (press === undefined || JSON.stringify(press.command) !== JSON.stringify(command)) return false
  return press.state.kind === 'sending' || press.state.kind === 'acked'
}
