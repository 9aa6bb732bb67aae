import type { Parts } from './parts.ts'
import { drain, type Farewell } from '../downstream/guests/drain.ts'
import type { StoppingView } from '../http/views.ts'
import { untilQuiet, type QuietWait } from '../hub/field/quiet.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'

/** How to stop. */
export interface StopOptions {
  /** What clients are told; default: `restarting`. */
  readonly farewell?: Farewell
  /** Milliseconds that it may wait for a break on all platforms before anybody is sent away; default: none. */
  readonly waitMs?: number
  /** Called when waiting is over and the bridge begins to leave. */
  readonly leaving?: () => void
}

/** How it went, for the last line of the log. */
export interface StopReport {
  /** Clients that were here when the bridge began to leave. */
  readonly clients: number
  /** Those that did not close by themselves and were cut. */
  readonly cut: number
  /** Milliseconds spent waiting for a break, and leaving. */
  readonly waitedMs: number
  readonly leftInMs: number
}

/** Milliseconds after the last client was told to go in which they may close by themselves. */
const closeMs = 1_000

/** Milliseconds that the journal's file gets to be written. */
const journalFlushMs = 1_000

/** A server of ours. */
interface Listener {
  /** Takes no new connections; those that are open go on. */
  stopListening(): void
  /** Resolves when the last connection is gone. */
  close(): Promise<void>
}

type Stopped = Pick<
  Parts,
  'upstream' | 'platforms' | 'journalFile' | 'gateway' | 'stream' | 'offline' | 'clockWatch' | 'standstill'
>

/** Stops a bridge once, in order: a break if there is time for it, no new clients, the old ones away, the broker. */
export class BridgeStop {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #parts: Stopped
  readonly #unguard: () => Promise<void>
  readonly #listeners: Listener[] = []
  #wait: (QuietWait & { readonly since: number; readonly until: number }) | undefined
  #stopped: Promise<StopReport> | undefined

  /** `unguard` ends the look at whose token ran out. */
  constructor(
    parts: Stopped,
    unguard: () => Promise<void>,
    { clock, log }: { readonly clock: Clock; readonly log: Logger },
  ) {
    this.#parts = parts
    this.#unguard = unguard
    this.#clock = clock
    this.#log = log
  }

  /** This listener is closed at the stop, too. */
  owns(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** Closes the listeners of a bridge that could not start after all. */
  async abandon(): Promise<void> {
    await this.#unguard()
    this.#parts.clockWatch.stop()
    this.#parts.standstill.stop()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  /** What a page may show of it; undefined while nobody asked to stop, and once it leaves. */
  view(): StoppingView | undefined {
    return this.#wait === undefined ? undefined : { since: this.#wait.since, until: this.#wait.until }
  }

  /** Stops; called again, it waits for a break no longer. */
  stop(options: StopOptions = {}): Promise<StopReport> {
    if (this.#stopped === undefined) this.#stopped = this.#run(options)
    else this.#wait?.cut()
    return this.#stopped
  }

  async #run({ farewell = 'restarting', waitMs = 0, leaving }: StopOptions): Promise<StopReport> {
    const began = this.#clock.now()
    if (waitMs > 0) await this.#untilQuiet(waitMs)
    const leftAt = this.#clock.now()
    leaving?.()
    const { clients, cut } = await this.#leave(farewell)
    return { clients, cut, waitedMs: leftAt - began, leftInMs: this.#clock.now() - leftAt }
  }

  async #untilQuiet(waitMs: number): Promise<void> {
    const since = this.#clock.now()
    const wait = untilQuiet(this.#parts.platforms, this.#clock, waitMs)
    this.#wait = { ...wait, since, until: since + waitMs }
    this.#log.info({ waitMs }, 'will stop at the next break')
    const outcome = await wait.ended
    this.#wait = undefined
    this.#log.info({ outcome, waitedMs: Math.round(this.#clock.now() - since) }, 'stopping now')
  }

  /** The link stays until everybody is gone: a press on its way still gets its answer. */
  async #leave(farewell: Farewell): Promise<{ readonly clients: number; readonly cut: number }> {
    const { gateway, stream, upstream, journalFile, offline } = this.#parts
    const written = this.#unguard()
    for (const listener of this.#listeners) listener.stopListening()
    const leavers = [...gateway.drain(), ...stream.drain()]
    this.#log.info({ clients: leavers.length, farewell }, 'sending clients away')
    await drain(leavers, farewell, this.#clock)
    await this.#untilGone()
    const cut = gateway.connectionCount + stream.connectionCount
    gateway.destroy()
    stream.destroy()
    // A DISCONNECT makes the broker forget the will, so the same is said in person.
    upstream.publish(offline, () => undefined)
    await upstream.stop()
    await journalFile?.stop(journalFlushMs)
    await written
    await this.abandon()
    return { clients: leavers.length, cut }
  }

  #untilGone(): Promise<void> {
    const { gateway, stream } = this.#parts
    const until = this.#clock.now() + closeMs
    return new Promise((resolve) => {
      const look = (): void => {
        if (gateway.connectionCount + stream.connectionCount === 0 || this.#clock.now() >= until) resolve()
        else this.#clock.setTimer(20, look)
      }
      look()
    })
  }
}
