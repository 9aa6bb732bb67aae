import type { PlatformState, Tracking } from './state.ts'

const nothingYet: Tracking = { phaseAt: 0, announcesClock: true, raised: 0, edges: {} }

/** The reducer's notes on a platform; those of a fresh state when it has none. */
export function trackingOf(state: { readonly tracking?: PlatformState['tracking'] | undefined }): Tracking {
  return state.tracking ?? nothingYet
}
