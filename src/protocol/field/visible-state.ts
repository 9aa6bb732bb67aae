import { sinceOf, type Since } from './fence.ts'
import { shownClock, type JudgedLift, type Phase, type PlatformState } from './state.ts'

/**
 * What a listener may see of one platform (R5, docs/owlcms.md 7), as numbers of the officials whose messages
 * it hears. The hub derives it from the permission table, so that state and events follow the same rules.
 */
export interface Sight {
  /** Referees whose decision it sees before the lights show them. */
  readonly decisions: ReadonlySet<number>
  /** Referees whose reminder it sees. */
  readonly reminders: ReadonlySet<number>
  /** Officials whose summons it sees; 4 is the technical controller. */
  readonly summonses: ReadonlySet<number>
  /** Jury members whose vote it sees, as far as owlcms has revealed it. */
  readonly votes: ReadonlySet<number>
}

/** Parts that every listener sees alike. */
const openParts = [
  'fence',
  'since',
  'phase',
  'clock',
  'breakClock',
  'down',
  'shown',
  'attempt',
  'owlcms',
] as const
/** Parts of which some listeners see less than others. */
const guardedParts = ['decisions', 'reminded', 'summoned', 'jury', 'reviewed'] as const
/** The parts of a state that clients may see at all; whatever else a reducer notes stays inside. */
const parts = [...openParts, ...guardedParts] as const
type Part = (typeof parts)[number]

/**
 * A platform's state as one listener may see it. When owlcms was last heard is left out for everybody: it would
 * tell a viewer the moment of each secret press.
 */
export type VisibleState = Pick<
  PlatformState,
  'platform' | Exclude<Part, 'owlcms' | 'since' | 'reviewed'>
> & {
  readonly since: Since
  /** The lift that the jury sits over; its single decisions for who sees those. */
  readonly reviewed?: JudgedLift
  readonly owlcms: { readonly state: PlatformState['owlcms']['state'] }
}

/** New values of the parts that changed; `null`: now absent. Laid over a state, they give the next one. */
export type StateChanges = { readonly [P in Part]?: VisibleState[P] | null }

type PartOf = { readonly [P in Part]: (state: PlatformState, sight: Sight) => VisibleState[P] }

/** Each part as one listener may see it; undefined when it is absent. */
const visiblePart: PartOf = {
  fence: ({ fence }) => fence,
  since: sinceOf,
  phase: ({ phase }) => phase,
  clock: shownClock,
  breakClock: ({ breakClock }) => breakClock,
  // Single decisions are everybody's only while owlcms shows the decision: what comes in after it may already
  // belong to the next attempt.
  decisions: ({ phase, decisions }, sight) =>
    phase.kind === 'decisionShown' ? decisions : only(decisions, sight.decisions),
  down: ({ down }) => down,
  shown: ({ shown }) => shown,
  reminded: ({ reminded }, { reminders }) =>
    reminded !== undefined && reminders.has(reminded) ? reminded : undefined,
  summoned: ({ summoned }, { summonses }) => summoned.filter((official) => summonses.has(official)),
  jury: ({ jury }, { votes }) => ({
    size: jury.size,
    votes: only(jury.votes, votes),
    revealed: jury.revealed && votes.size > 0,
  }),
  attempt: ({ attempt }) => attempt,
  reviewed: ({ phase, judged }, sight) =>
    judged === undefined || !isJuryBreak(phase)
      ? undefined
      : { ...judged, decisions: only(judged.decisions, sight.decisions) },
  owlcms: ({ owlcms }) => ({ state: owlcms.state }),
}

/** Whether the jury sits over a lift, so that its votes and its decision count. */
export function isJuryBreak(phase: Phase): boolean {
  return phase.kind === 'break' && (phase.breakType === 'JURY' || phase.breakType === 'CHALLENGE')
}

/** The state without what this listener may not see. */
export function visibleState(state: PlatformState, sight: Sight): VisibleState {
  const visible: Record<string, unknown> = { platform: state.platform }
  for (const part of parts) {
    const value = visiblePart[part](state, sight)
    if (value !== undefined) visible[part] = value
  }
  return visible as VisibleState
}

/** Officials who vote or decide: at most five jury members (docs/owlcms.md 4.6). */
const mostOfficials = 5
const nothingSeen = {}

function only<T extends object>(values: T, numbers: ReadonlySet<number>): T {
  // Who sees all or nothing, as most do, needs no copy.
  if (numbers.size >= mostOfficials) return values
  if (numbers.size === 0) return nothingSeen as T
  return Object.fromEntries(Object.entries(values).filter(([number]) => numbers.has(Number(number)))) as T
}

/** What listeners have to be told to get from one state to the next, as far as it is the same for all; undefined: nothing. */
export function openChanges(before: PlatformState, after: PlatformState): StateChanges | undefined {
  return changesOf(openParts, before, after, nobody)
}

/** The part that depends on who listens. */
export function guardedChanges(
  before: PlatformState,
  after: PlatformState,
  sight: Sight,
): StateChanges | undefined {
  return changesOf(guardedParts, before, after, sight)
}

const nothing: ReadonlySet<number> = new Set()
const nobody: Sight = { decisions: nothing, reminders: nothing, summonses: nothing, votes: nothing }

function changesOf(
  among: readonly Part[],
  before: PlatformState,
  after: PlatformState,
  sight: Sight,
): StateChanges | undefined {
  if (before === after) return undefined
  let changes: Record<string, unknown> | undefined
  for (const part of among) {
    if (!mayDiffer(part, before, after)) continue
    const value = visiblePart[part](after, sight)
    if (same(visiblePart[part](before, sight), value)) continue
    changes ??= {}
    changes[part] = value ?? null
  }
  return changes
}

/** Looks first at what changed at all, since that is little or nothing for most messages. */
function mayDiffer(part: Part, before: PlatformState, after: PlatformState): boolean {
  if (part === 'owlcms') return before.owlcms.state !== after.owlcms.state
  if (part === 'since') return before.tracking !== after.tracking || before.fence !== after.fence
  if (part === 'reviewed') return before.phase !== after.phase || before.judged !== after.judged
  if (before[part] !== after[part]) return true
  if (part === 'clock') return before.athleteClock !== after.athleteClock
  return part === 'decisions' && before.phase !== after.phase
}

/** The next state. Does what a client has to do: lay the changes over the state, take out what is `null`. */
export function applyChanges(state: VisibleState, changes: StateChanges): VisibleState {
  const laidOver = Object.entries({ ...state, ...changes })
  return Object.fromEntries(laidOver.filter(([, value]) => value !== null)) as unknown as VisibleState
}

/** Equality of plain JSON values. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  const others = b as Readonly<Record<string, unknown>>
  return keys.every((key) => Object.hasOwn(b, key) && same((a as typeof others)[key], others[key]))
}
