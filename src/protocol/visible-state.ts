import type { PlatformState } from './platform-state.ts'

/**
 * What a listener may see of one platform (R5, users.md 5 "Secrecy"), as numbers of the officials whose messages
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

/** The parts of a state that clients may see at all; whatever else a reducer notes stays inside. */
const parts = [
  'fence',
  'phase',
  'clock',
  'decisions',
  'down',
  'shown',
  'reminded',
  'summoned',
  'jury',
  'attempt',
  'owlcms',
] as const
type Part = (typeof parts)[number]

/**
 * A platform's state as one listener may see it. When owlcms was last heard is left out for everybody: it would
 * tell a viewer the moment of each secret press.
 */
export type VisibleState = Pick<PlatformState, 'platform' | Exclude<Part, 'owlcms'>> & {
  readonly owlcms: { readonly state: PlatformState['owlcms']['state'] }
}

/** New values of the parts that changed; `null`: now absent. Laid over a state, they give the next one. */
export type StateChanges = { readonly [P in Part]?: VisibleState[P] | null }

type PartOf = { readonly [P in Part]: (state: PlatformState, sight: Sight) => VisibleState[P] }

/** Each part as one listener may see it; undefined when it is absent. */
const visiblePart: PartOf = {
  fence: ({ fence }) => fence,
  phase: ({ phase }) => phase,
  clock: ({ clock }) => clock,
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
  owlcms: ({ owlcms }) => ({ state: owlcms.state }),
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

function only<T extends object>(values: T, numbers: ReadonlySet<number>): T {
  const officials = Object.keys(values)
  if (officials.every((number) => numbers.has(Number(number)))) return values
  return Object.fromEntries(Object.entries(values).filter(([number]) => numbers.has(Number(number)))) as T
}

/**
 * What this listener has to be told to get from one state to the next; undefined when it sees no difference.
 * Looks first at what changed at all, since that is little or nothing for most messages.
 */
export function visibleChanges(
  before: PlatformState,
  after: PlatformState,
  sight: Sight,
): StateChanges | undefined {
  if (before === after) return undefined
  let changes: Record<string, unknown> | undefined
  for (const part of parts) {
    const mayDiffer = before[part] !== after[part] || (part === 'decisions' && before.phase !== after.phase)
    if (!mayDiffer) continue
    const value = visiblePart[part](after, sight)
    if (same(visiblePart[part](before, sight), value)) continue
    changes ??= {}
    changes[part] = value ?? null
  }
  return changes
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
