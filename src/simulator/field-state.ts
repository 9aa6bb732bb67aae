import type { BreakType } from './breaks.ts'

/** owlcms's own names; docs/owlcms.md 4. */
export type FieldOfPlayState =
  | 'INACTIVE'
  | 'BREAK'
  | 'CURRENT_ATHLETE_DISPLAYED'
  | 'TIME_RUNNING'
  | 'TIME_STOPPED'
  | 'DOWN_SIGNAL_VISIBLE'
  | 'DECISION_VISIBLE'

/** `refused` shows an error to owlcms's operator and `ignored` nothing; neither is seen on MQTT. */
export type InputOutcome = 'accepted' | 'refused' | 'ignored'

/** The state that all parts of one field of play share, and who watches it. */
export class FieldState {
  readonly #watchers = new Set<() => void>()
  #now: FieldOfPlayState = 'INACTIVE'
  #breakType: BreakType | undefined

  get now(): FieldOfPlayState {
    return this.#now
  }

  /** Undefined outside BREAK. */
  get breakType(): BreakType | undefined {
    return this.#breakType
  }

  is(...states: FieldOfPlayState[]): boolean {
    return states.includes(this.#now)
  }

  /** Whether the down signal or the lights are on: breaks wait for their end (docs/owlcms.md 4.2 note 6). */
  showsLights(): boolean {
    return this.is('DOWN_SIGNAL_VISIBLE', 'DECISION_VISIBLE')
  }

  enter(state: Exclude<FieldOfPlayState, 'BREAK'>): void {
    this.#change(state, undefined)
  }

  enterBreak(type: BreakType): void {
    this.#change('BREAK', type)
  }

  /** Calls back after each change, from inside the change; returns how to stop that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #change(state: FieldOfPlayState, breakType: BreakType | undefined): void {
    this.#now = state
    this.#breakType = breakType
    for (const watcher of this.#watchers) watcher()
  }
}
