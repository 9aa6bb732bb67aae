import type { FromOwlcms, OwlcmsMessage } from '../owlcms/message.ts'
import type { Platform } from '../owlcms/topics.ts'
import { Draft } from './draft.ts'
import type { PlatformState } from './state.ts'
import { beginBreak, ceremony, liftingOrderUpdated, startLifting } from './reduce-breaks.ts'
import { clockStarted, clockStopped, timeAsked, timeRemaining } from './reduce-clock.ts'
import { athleteClock, breakClock } from './reduce-told-clocks.ts'
import { juryMemberDecision, summon } from './reduce-jury.ts'
import { decision, decisionRequest, down, refereesDecision, resetDecisions } from './reduce-lift.ts'

/** A platform of which nothing was heard yet. `jurySize` from owlcms's config, 3 unless known. */
export function initialPlatformState(platform: Platform, jurySize = 3): PlatformState {
  return {
    platform,
    fence: 0,
    phase: { kind: 'idle' },
    clock: { kind: 'unknown' },
    decisions: {},
    down: false,
    summoned: [],
    jury: { size: jurySize, votes: {}, revealed: false },
    owlcms: { state: 'unknown' },
  }
}

/**
 * What a platform shows after one more message (docs/owlcms.md 4). `at`: when it arrived, a moment in
 * milliseconds. The very same object when nothing changed: for most repeats, for messages about other platforms, and
 * for what devices say, since only owlcms's own word counts; which time they asked for is noted. Never throws.
 */
export function reducePlatform(state: PlatformState, message: OwlcmsMessage, at: number): PlatformState {
  if (message.kind === 'clock') return timeAsked(state, message, at)
  if (!isFromOwlcms(message)) return state
  if (message.kind !== 'config' && message.platform !== state.platform) return state
  const draft = new Draft(state, at)
  apply(draft, message)
  return draft.finish()
}

function isFromOwlcms(message: OwlcmsMessage): message is FromOwlcms {
  return Object.hasOwn(handlers, message.kind)
}

type Handlers = {
  readonly [Kind in FromOwlcms['kind']]: (
    draft: Draft,
    message: Extract<FromOwlcms, { readonly kind: Kind }>,
  ) => void
}

const handlers: Handlers = {
  startup: (draft, { on }) => startup(draft, on),
  config: (draft, { config: told }) => config(draft, told),
  clockStarted,
  clockStopped: (draft, { remainingMs }) => clockStopped(draft, remainingMs),
  athleteClock,
  breakClock,
  timeRemaining: (draft, { seconds }) => timeRemaining(draft, seconds),
  decision: (draft, { referee, value }) => decision(draft, referee, value),
  decisionRequest: (draft, { referee, on }) => decisionRequest(draft, referee, on),
  refereesDecision: (draft, { value }) => refereesDecision(draft, value),
  summon: (draft, { official, on }) => summon(draft, official, on),
  juryMemberDecision: (draft, { member, value }) => juryMemberDecision(draft, member, value),
  break: (draft, { breakType }) => beginBreak(draft, breakType),
  juryDeliberation: (draft) => beginBreak(draft, 'JURY'),
  challenge: (draft) => beginBreak(draft, 'CHALLENGE'),
  ceremony: (draft, { ceremony: name, on }) => ceremony(draft, name, on),
  down,
  resetDecisions,
  startLifting,
  liftingOrderUpdated,
}

function apply<K extends FromOwlcms['kind']>(
  draft: Draft,
  message: Extract<FromOwlcms, { readonly kind: K }> & { readonly kind: K },
): void {
  handlers[message.kind](draft, message)
}

/** Each (re)connect of owlcms, said twice: what it did meanwhile, nobody was told (docs/owlcms.md 1.5, 5.4). */
function startup(draft: Draft, on: boolean): void {
  const now = draft.state.owlcms.state
  if (!on) {
    if (now === 'starting') draft.change({ owlcms: { state: 'present' } })
    return
  }
  if (now === 'starting') return
  draft.forgetAttempt()
  // owlcms has forgotten it, too.
  draft.drop('judged')
  draft.forgetVotes()
  draft.forgetSummons()
  draft.enter({ kind: 'idle' })
  draft.change({ clock: { kind: 'unknown' }, owlcms: { state: 'starting' } })
  draft.drop('athleteClock')
  draft.drop('breakClock')
  draft.mark('owlcmsRestarted')
}

/** owlcms says `fop/start` and `fop/stop` since 55.3 (docs/owlcms.md 1.9). */
function config(draft: Draft, { version, jurySize }: { version: string; jurySize?: number }): void {
  const { jury } = draft.state
  if (jurySize !== undefined && jurySize !== jury.size) draft.change({ jury: { ...jury, size: jurySize } })
  const found = /^([0-9]{1,4})(?:\.([0-9]{1,4}))?/.exec(version)
  if (found === null) return
  const major = Number(found[1])
  const announcesClock = major > 55 || (major === 55 && Number(found[2] ?? 0) >= 3)
  if (announcesClock !== draft.tracking.announcesClock) draft.track({ announcesClock })
}
