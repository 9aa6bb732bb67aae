/** Takes one publication of owlcms; topic and payload as they go to the broker. Must not throw. */
export type Publish = (topic: string, payload: string) => void

/** How one field of play speaks: topics of docs/owlcms.md 2.1, with their twins for boxes of before 35. */
export class Voice {
  readonly #platform: string
  readonly #publish: Publish
  readonly #tellsClocks: boolean

  /** `tellsClocks`: the release publishes what its clocks show. */
  constructor(platform: string, publish: Publish, tellsClocks = false) {
    this.#tellsClocks = tellsClocks
    this.#platform = platform
    this.#publish = publish
  }

  /** Publishes on `owlcms/fop/<message>/<platform>`; most messages carry no payload. */
  fop(message: string, payload = ''): void {
    this.#publish(`owlcms/fop/${message}/${this.#platform}`, payload)
  }

  /** A clock was set, started or stopped; a clock that is set without a time has no end. */
  clock(which: 'athleteClock' | 'breakClock', change: 'set' | 'start' | 'stop', remainingMs = -1): void {
    if (this.#tellsClocks) this.fop(which, `${change} ${remainingMs}`)
  }

  /** Lifting begins or goes on: the athlete is displayed. */
  startLifting(): void {
    this.fop('startLifting')
    this.fop('liftingOrderUpdated')
  }

  /** The lamp test of each (re)connect. */
  startup(word: 'on' | 'off'): void {
    this.fop('startup', word)
    this.#publish(`owlcms/led/${this.#platform}`, word)
  }

  /** Reminds the referee who is the only one missing. */
  decisionRequest(referee: number): void {
    this.fop('decisionRequest', String(referee))
    this.#publish(`owlcms/decisionRequest/${this.#platform}/${referee}`, 'on')
  }

  /** Ends a reminder; there is no `off` on the newer topic. */
  decisionRequestOff(referee: number): void {
    this.#publish(`owlcms/decisionRequest/${this.#platform}/${referee}`, 'off')
  }

  /** Calls one official to the jury; 4 is the technical controller. Never switched off. */
  summon(official: number): void {
    this.fop('summon', String(official))
    this.#publish(`owlcms/summon/${this.#platform}/${official}`, 'on')
  }
}
