import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { BrokerLink, type BrokerAccess } from './broker-link.ts'
import type { FieldOfPlay } from './field-of-play.ts'
import { defaultOwlcmsVersion } from './owlcms-version.ts'
import { defaultRules, type Rules } from './rules.ts'
import { SimulatedPlatform } from './simulated-platform.ts'
import type { OpenWire } from './wire.ts'

const configTopic = 'owlcms/fop/config'

/** The rules are those of `defaultRules` unless told. */
export interface OwlcmsOptions extends Partial<Readonly<Rules>> {
  /** Names in the order in which they start; the first is the default platform. At least one. */
  readonly platforms: readonly string[]
  /** `69.0.0` unless told. */
  readonly version?: string
  readonly clock: Clock
  readonly log: Logger
  /** From 0 up to, not including, 1; decides how messages swap. Always 0.5, which keeps their order, unless told. */
  readonly random?: () => number
}

export interface SimulatedOwlcmsOptions extends BrokerAccess, OwlcmsOptions {}

/**
 * Starts an owlcms that speaks like the real one: one connection per platform, one platform after the
 * other, deaf during each lamp test, config at the end (docs/owlcms.md 1.5, 1.8, 4.8). Retries for ever
 * while there is no broker. Every field of play is inactive until somebody loads a session.
 */
export function startSimulatedOwlcms(options: SimulatedOwlcmsOptions): SimulatedOwlcms {
  return startOwlcmsOn((events) => new BrokerLink({ ...options, ...events }), options)
}

/** The same on connections of any kind, such as those of a `MemoryBroker`. */
export function startOwlcmsOn(openWire: OpenWire, options: OwlcmsOptions): SimulatedOwlcms {
  return new SimulatedOwlcms(openWire, options)
}

/** An owlcms that runs. */
export class SimulatedOwlcms {
  /** `started` after the unsolicited config that ends the start-up; `stopped` if that came first. Never rejects. */
  readonly ready: Promise<'started' | 'stopped'>
  readonly #openWire: OpenWire
  readonly #options: OwlcmsOptions
  readonly #settle: (outcome: 'started' | 'stopped') => void
  /** Real owlcms uses its start-up time, too; it is a password of its embedded broker, so never logged. */
  readonly #startupId: string
  readonly #platforms: SimulatedPlatform[]
  #stopped = false

  constructor(openWire: OpenWire, options: OwlcmsOptions) {
    this.#openWire = openWire
    this.#options = options
    const { promise, resolve } = deferred<'started' | 'stopped'>()
    this.ready = promise
    this.#settle = resolve
    this.#startupId = String(Math.floor(options.clock.now()))
    this.#platforms = options.platforms.map((name, index) => this.#make(name, () => this.#start(index + 1)))
    this.#start(0)
  }

  /** @throws RangeError for a name that is not among its platforms. */
  fieldOfPlay(name: string): FieldOfPlay {
    return this.platform(name).fieldOfPlay
  }

  /** Its connection, and its fault knobs. @throws RangeError as above. */
  platform(name: string): SimulatedPlatform {
    const found = this.#platforms.find(({ fieldOfPlay }) => fieldOfPlay.platform === name)
    if (found === undefined) throw new RangeError('no such platform')
    return found
  }

  /** Closes every connection; a second call does no more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#settle('stopped')
    await Promise.all(this.#platforms.map((platform) => platform.stop()))
  }

  #make(name: string, onStarted: () => void): SimulatedPlatform {
    const { clock, log, random = () => 0.5, version = defaultOwlcmsVersion } = this.#options
    return new SimulatedPlatform({
      openWire: this.#openWire,
      startupId: this.#startupId,
      clock,
      random,
      log,
      fieldOfPlay: { ...this.#options, platform: name, version },
      config: () => ({ topic: configTopic, payload: this.#config() }),
      onStarted,
    })
  }

  #start(index: number): void {
    if (this.#stopped) return
    const next = this.#platforms[index]
    if (next !== undefined) {
      next.start()
      return
    }
    this.#tellConfig()
    this.#settle('started')
  }

  /** Unsolicited, by one client, once. */
  #tellConfig(): void {
    this.#platforms[0]?.publish(configTopic, this.#config())
  }

  /** docs/owlcms.md 2.3. */
  #config(): string {
    const { version = defaultOwlcmsVersion, jurySize = defaultRules.jurySize, platforms } = this.#options
    return JSON.stringify({ jurySize, platforms, version })
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
