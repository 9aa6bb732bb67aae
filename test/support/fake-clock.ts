import type { CancelTimer, Clock } from '../../src/support/clock.ts'
import { until } from './eventually.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that moves only when told to. Timers due at the same time fire in the order they were set. */
export class FakeClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Timer>()
  #turn: (() => void)[] = []
  #setByMs = 0
  #sleeps: { readonly at: number; readonly ms: number }[] = []

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  wallTime(moment: number = this.#now): number {
    const slept = this.#sleeps.reduce((sum, { at, ms }) => (moment < at ? sum : sum + ms), 0)
    return moment + this.#setByMs + slept
  }

  /** Somebody, or a time server, sets the machine's clock forward, or back by a negative number of milliseconds. */
  setWallClock(byMs: number): void {
    this.#setByMs += byMs
  }

  /** The machine sleeps: its clock goes on, and nothing else does. */
  sleep(ms: number): void {
    this.#now += 1
    this.#sleeps.push({ at: this.#now, ms })
  }

  /** The process stands still: time goes on, and no timer fires before the next {@link advance}. */
  stall(ms: number): void {
    this.#now += ms
  }

  setTimer(delayMs: number, callback: () => void): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  repeat(everyMs: number, callback: () => void): CancelTimer {
    let cancel: CancelTimer
    const again = (): void => {
      cancel = this.setTimer(everyMs, () => {
        again()
        callback()
      })
    }
    again()
    return () => cancel()
  }

  endOfTurn(callback: () => void): void {
    this.#turn.push(callback)
  }

  /** How many timers wait; for tests that nothing is left behind. */
  get pending(): number {
    return this.#timers.size
  }

  /** Ends the current turn of the event loop: runs what asked for it, and what that asked for in turn. */
  finishTurn(): void {
    while (this.#turn.length > 0) {
      const callbacks = this.#turn
      this.#turn = []
      for (const callback of callbacks) callback()
    }
  }

  /** Moves time forward, firing each timer at its own time, and ends the turn after each. */
  advance(ms: number): void {
    const until = this.#now + ms
    this.finishTurn()
    for (;;) {
      const next = [...this.#timers]
        .filter((timer) => timer.at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order)
        .at(0)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      this.finishTurn()
    }
    this.#now = until
  }

  /** Lets seconds go by until this has come about. */
  async advanceUntil(outcome: Promise<unknown>): Promise<void> {
    let isOver = false
    void outcome.then(() => (isOver = true))
    await until(() => {
      this.advance(1_000)
      return isOver
    })
  }

  /** Moves time forward as fast as it really goes by, for what is judged by others who have the real time. */
  async keepPace(ms: number): Promise<void> {
    let [left, before] = [ms, performance.now()]
    await until(() => {
      const step = Math.min(Math.floor(performance.now() - before), left)
      before += step
      left -= step
      this.advance(step)
      return left === 0
    })
  }
}
