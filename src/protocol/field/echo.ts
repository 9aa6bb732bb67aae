import type { FromDevice, FromOwlcms, OwlcmsMessage } from '../owlcms/message.ts'
import type { PlatformState } from './state.ts'
import { trackingOf } from './tracking.ts'

/** One message of owlcms, by the fields that matter. */
export type EchoPattern = { readonly kind: FromOwlcms['kind'] } & Readonly<
  Record<string, string | number | boolean>
>

/** Which later message of owlcms proves that it took a press; any one of `anyOf` does. */
export type Expectation =
  | { readonly kind: 'echo'; readonly anyOf: readonly EchoPattern[] }
  /**
   * Nothing would prove it, so say `delivered` and never `taken`. `noEcho`: owlcms says nothing to it;
   * `alreadySo`: it changes nothing; `deferred`: owlcms keeps it until the decision was shown.
   */
  | { readonly kind: 'none'; readonly because: 'noEcho' | 'alreadySo' | 'deferred' }

/**
 * How to know that owlcms took a press: docs/owlcms.md 5.4. `before`: what the platform showed when the press went
 * up. Echoes come within a round trip; 1500 ms without one mean that owlcms did not take it.
 */
export function expectedEcho(command: FromDevice, before: PlatformState): Expectation {
  switch (command.kind) {
    case 'refereeDecision':
      return decisionEcho(command, before)
    case 'downEmitted':
      return echo(command, { kind: 'down' })
    case 'clock':
      return clockEcho(command, before)
    case 'juryBreak':
      return breakEcho(command, before)
    case 'juryVote': {
      const { member, value } = command
      const kind = 'juryMemberDecision'
      return echo(command, { kind, member, value: 'hidden' }, { kind, member, value })
    }
    case 'summonRequest': {
      const called = command.who === 0 ? [1, 2, 3] : [command.who]
      return echo(command, ...called.map((official) => ({ kind: 'summon', official, on: true }) as const))
    }
    case 'juryDecision':
    case 'test':
      return none('noEcho')
    case 'configRequest':
      return { kind: 'echo', anyOf: [{ kind: 'config' }] }
    default:
      return command satisfies never
  }
}

/** Whether this message is the echo that was waited for. */
export function provesTaken(expectation: Expectation, message: OwlcmsMessage): boolean {
  if (expectation.kind === 'none') return false
  const fields: Readonly<Record<string, unknown>> = { ...message }
  return expectation.anyOf.some((pattern) =>
    Object.entries(pattern).every(([name, value]) => fields[name] === value),
  )
}

type About<K extends FromDevice['kind']> = Extract<FromDevice, { readonly kind: K }>

function echo(command: { readonly platform: string }, ...patterns: EchoPattern[]): Expectation {
  return { kind: 'echo', anyOf: patterns.map((pattern) => ({ ...pattern, platform: command.platform })) }
}

function none(because: Extract<Expectation, { kind: 'none' }>['because']): Expectation {
  return { kind: 'none', because }
}

/**
 * The referee's own verdict comes back, possibly hidden. One who decides alone shows up as referee 2, with the
 * lights at once (docs/owlcms.md 4.5); before a down signal nothing else can light them within an echo's time.
 */
function decisionEcho(command: About<'refereeDecision'>, before: PlatformState): Expectation {
  const { referee, value } = command
  const shown = { kind: 'refereesDecision', value } as const
  if (referee === 0) return echo(command, shown, { kind: 'decision', referee: 2, value })
  const own: EchoPattern[] = [{ kind: 'decision', referee, value }]
  // A verdict that stands hidden comes again with everybody else's and proves nothing.
  if (before.decisions[referee] !== 'hidden') own.push({ kind: 'decision', referee, value: 'hidden' })
  return echo(command, ...own, ...(before.down ? [] : [shown]))
}

function clockEcho(command: About<'clock'>, before: PlatformState): Expectation {
  const phase = before.phase.kind
  const { announcesClock } = trackingOf(before)
  const started = [{ kind: 'clockStarted' }, { kind: 'resetDecisions' }] as const
  const stopped = { kind: 'clockStopped' } as const
  switch (command.command) {
    case 'start':
      if (!announcesClock) return mayGoOnSilently(before) ? none('noEcho') : echo(command, ...started)
      return phase === 'clockRunning' ? none('alreadySo') : echo(command, ...started)
    case 'stop':
      if (!announcesClock) return none('noEcho')
      return phase === 'clockStopped' ? none('alreadySo') : echo(command, stopped)
    case 'toggle':
      return phase === 'clockRunning' ? echo(command, stopped) : echo(command, ...started)
    case '60':
    case '120':
      // `fop/stop` twice, the old time and the new; none when the clock stands (docs/owlcms.md 4.2).
      return announcesClock && phase !== 'clockStopped' ? echo(command, stopped) : none('noEcho')
    default:
      return command.command satisfies never
  }
}

/**
 * Before 55.3 nobody tells when the clock stops or goes on: one that is said to run may stand, and one that was used
 * in this attempt, also before a break, may go on without a reset (docs/owlcms.md 4.2 note 1).
 */
function mayGoOnSilently(before: PlatformState): boolean {
  const phase = before.phase.kind
  if (phase === 'clockRunning' || phase === 'clockStopped') return true
  const {
    clockRan = 0,
    liftingResumed = 0,
    athleteDisplayed = 0,
    decisionShown = 0,
  } = trackingOf(before).edges
  return liftingResumed > clockRan && clockRan > Math.max(athleteDisplayed, decisionShown)
}

const breaks = {
  technical: ['TECHNICAL', { kind: 'break', breakType: 'TECHNICAL' }],
  deliberation: ['JURY', { kind: 'juryDeliberation' }],
  challenge: ['CHALLENGE', { kind: 'challenge' }],
} as const

function breakEcho(command: About<'juryBreak'>, before: PlatformState): Expectation {
  const { phase } = before
  if (command.command === 'stop') {
    // Outside an interruption owlcms since 61 only resets the lights (docs/owlcms.md 4.6).
    return echo(command, { kind: 'startLifting' }, { kind: 'resetDecisions' })
  }
  const [breakType, pattern] = breaks[command.command]
  if (phase.kind === 'break' && phase.breakType === breakType) return none('alreadySo')
  const deferred = phase.kind === 'downSignal' || phase.kind === 'decisionShown'
  return deferred ? none('deferred') : echo(command, pattern)
}
