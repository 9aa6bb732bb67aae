import type { LoadedConfig } from '../config/config.ts'
import type { Serving } from '../protocol/contract/desk.ts'
import { errorCode, errorText } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import type { StopOptions, StopReport } from '../bridge/stop.ts'
import { startAdvice, type Running } from './run-until-signal.ts'
import { defined } from '../protocol/defined.ts'

/** A bridge or the setup page, with the port of its pages. */
export interface Served extends Running {
  readonly port: number
  /** The port for boxes, if there is one. */
  readonly venuePort?: number | undefined
}

/** A bridge whose settings may be changed: it ends and starts again within this program. */
export class Service implements Running {
  readonly #log: Logger
  readonly #load: () => LoadedConfig
  readonly #serve: (loaded: LoadedConfig) => Promise<Served>
  #served: Served | undefined
  #serving: Serving = { kind: 'waiting' }
  #work: Promise<unknown> = Promise.resolve()
  #leaving = false

  constructor(log: Logger, load: () => LoadedConfig, serve: (loaded: LoadedConfig) => Promise<Served>) {
    this.#log = log
    this.#load = load
    this.#serve = serve
  }

  get serving(): Serving {
    return this.#serving
  }

  get venuePort(): number | undefined {
    return this.#served?.venuePort
  }

  get waitingForBreak(): boolean | undefined {
    return this.#served?.waitingForBreak
  }

  /** Rejects when it can't be started. */
  async start(): Promise<void> {
    const loaded = this.#load()
    this.#served = await this.#serve(loaded)
    this.#serving = { kind: loaded.kind === 'valid' ? 'serving' : 'faulty', port: this.#served.port }
  }

  /** Ends what runs, and starts it with the settings as they are now. Never rejects: what came of it is told. */
  restart(): Promise<Serving> {
    const restarted = this.#work.then(() => this.#restart())
    this.#work = restarted
    return restarted
  }

  async #restart(): Promise<Serving> {
    if (this.#leaving) return this.#serving
    await this.#served?.stop()
    this.#served = undefined
    try {
      await this.start()
    } catch (error) {
      const port = portOf(error)
      const code = String(errorCode(error) ?? errorText(error))
      this.#serving = { kind: 'failed', code, ...defined({ port }) }
      this.#log.error({ err: errorText(error), code, nextStep: startAdvice(error) }, 'could not start')
    }
    return this.#serving
  }

  async stop(options?: StopOptions): Promise<StopReport | undefined> {
    this.#leaving = true
    await this.#work
    return this.#served?.stop(options)
  }
}

/** Of a listener that could not be had. */
function portOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('port' in error)) return undefined
  return typeof error.port === 'number' ? error.port : undefined
}
