import { sameEventMs } from '../../protocol/field/state.ts'
import type { Since } from '../../protocol/field/fence.ts'
import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import type { Press } from './presses.ts'
import { hindranceOf, isSilent, type SaidPress, type StreamView } from './stream-view.ts'

/** Why a press was refused is shown for so long at least, in milliseconds, should its cause be over at once. */
export const leastShownMs = 2_000

/** A press whose state was told now. */
export function said(press: Press, view: StreamView, now: number): SaidPress {
  const { drill, states } = view
  return { ...press, said: { at: now, fence: states[press.platform]?.fence, drill } }
}

/** The view without a press that is over: what is said of it would be read as said of what is on now. */
export function withoutOver(view: StreamView, now: number): StreamView {
  const { press, ...rest } = view
  if (press === undefined) return view
  const fence = view.states[press.platform]?.fence
  // What it brought about comes right after the answer, and is no later event (docs/owlcms.md 1.6).
  const isCause = press.command.kind !== 'refereeDecision' && press.command.kind !== 'juryVote'
  const isOwnEcho = isCause && press.state.kind === 'taken' && now - press.said.at < sameEventMs
  if (isOwnEcho && fence !== press.said.fence) {
    return { ...rest, press: { ...press, said: { ...press.said, fence } } }
  }
  return isOver(press, view, now) ? rest : view
}

/**
 * Whether what a page says of a press is over: the lift, votes, break or light check it was about has ended, or what
 * hindered it. Only a press whose end is known can be over.
 */
function isOver(press: SaidPress, view: StreamView, now: number): boolean {
  const { command, state, said: then, platform } = press
  const field = view.states[platform]
  if (state.kind === 'sending' || state.kind === 'acked') return false
  if (then.drill?.ask !== view.drill?.ask || (then.drill === undefined) !== (view.drill === undefined)) {
    return true
  }
  const hindrance = state.kind === 'refused' ? hindrances[state.reason] : undefined
  if (hindrance !== undefined && now - then.at >= leastShownMs && !hindrance(view, platform)) return true
  if (field === undefined || then.fence === undefined) return false
  if (command.kind === 'juryVote' && field.jury.revealed) return true
  const { since } = field
  const { fence } = then
  return endedBy[command.kind].some((what) => since[what] > fence)
}

/** What has to begin anew for a press to be over. */
const endedBy: Readonly<Record<StreamCommand['kind'], readonly (keyof Since)[]>> = {
  refereeDecision: ['lift', 'started'],
  downEmitted: ['lift', 'started'],
  clock: ['lift', 'started', 'stopped'],
  juryVote: ['votes'],
  juryDecision: ['lift', 'pause'],
  juryBreak: ['lift', 'pause'],
  summonRequest: ['lift', 'pause'],
}

/** Whether that which a press was refused for hinders the next one, too. */
const hindrances: Readonly<Partial<Record<string, (view: StreamView, platform: string) => boolean>>> = {
  offline: (view, platform) => view.line.kind !== 'live' || !view.ready || isSilent(view, platform),
  unknownPlatform: (view, platform) => hindranceOf(view, platform) === 'noPlatform',
  seatWaiting: ({ seat }) => seat === 'waiting',
  deaf: ({ states }, platform) => states[platform]?.owlcms.state === 'starting',
}
