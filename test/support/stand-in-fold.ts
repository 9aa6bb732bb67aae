import type { Fold } from '../../src/hub/field/platforms.ts'

/** A reducer that is only big enough to see state move; the real one is protocol/field/reduce.ts. */
export const standInFold: Fold = {
  initial: (platform, jurySize = 3) => ({
    platform,
    fence: 0,
    phase: { kind: 'idle' },
    clock: { kind: 'unknown' },
    decisions: {},
    down: false,
    summoned: [],
    jury: { size: jurySize, votes: {}, revealed: false },
    owlcms: { state: 'unknown' },
  }),
  reduce: (before, message, at) => {
    const state = { ...before, owlcms: { state: 'present' as const, heardAt: at } }
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- a stand-in leaves most out
    switch (message.kind) {
      case 'config':
        return { ...state, jury: { ...state.jury, size: message.config.jurySize ?? 3 } }
      case 'clockStarted': {
        const { remainingMs, attempt } = message
        return {
          ...state,
          phase: { kind: 'clockRunning' },
          clock: { kind: 'running', remainingMs, at },
          attempt,
        }
      }
      case 'decision':
        return { ...state, decisions: { ...state.decisions, [message.referee]: message.value } }
      case 'decisionRequest':
        return { ...state, reminded: message.referee as 1 | 2 | 3 }
      case 'down':
        return { ...state, down: true, phase: { kind: 'downSignal' } }
      case 'refereesDecision':
        return { ...state, shown: message.value, phase: { kind: 'decisionShown' } }
      case 'summon':
        return { ...state, summoned: [...new Set([...state.summoned, message.official])] }
      case 'juryMemberDecision': {
        const votes = { ...state.jury.votes, [message.member]: message.value }
        return { ...state, jury: { ...state.jury, votes, revealed: message.value !== 'hidden' } }
      }
      case 'liftingOrderUpdated':
        return { ...state, fence: state.fence + 1, phase: { kind: 'athleteCalled' } }
      case 'resetDecisions': {
        const { phase, clock, attempt, fence, summoned, jury, owlcms } = state
        return {
          ...standInFold.initial(state.platform, jury.size),
          ...{ phase, clock, fence, summoned, owlcms },
          ...(attempt === undefined ? {} : { attempt }),
        }
      }
      default:
        return state
    }
  },
}
