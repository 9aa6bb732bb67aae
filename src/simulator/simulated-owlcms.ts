import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { BrokerAccess } from './broker-link.ts'
import type { FieldOfPlay, FieldOfPlayOptions } from './field-of-play.ts'
import { defaultOwlcmsVersion } from './owlcms-version.ts'
import { SimulatedPlatform } from './simulated-platform.ts'

const configTopic = 'owlcms/fop/config'

type FieldOfPlaySettings = Pick<
  FieldOfPlayOptions,
  'jurySize' | 'announcerConfirmsJury' | 'firstCleanJerkBreakMs'
>

export interface SimulatedOwlcmsOptions extends BrokerAccess, FieldOfPlaySettings {
  /** Names in the order in which they start; the first is the default platform. At least one. */
  readonly platforms: readonly string[]
  /** `69.0.0` unless told. */
  readonly version?: string
  readonly clock: Clock
  readonly log: Logger
}

export interface SimulatedOwlcms {
  /** `started` after the unsolicited config that ends the start-up; `stopped` if that came first. Never rejects. */
  readonly ready: Promise<'started' | 'stopped'>
  /** @throws RangeError for a name that is not among its platforms. */
  fieldOfPlay(platform: string): FieldOfPlay
  /** Closes every connection; a second call does no more. */
  stop(): Promise<void>
}

/**
 * Starts an owlcms that speaks like the real one: one connection per platform, one platform after the
 * other, deaf during each lamp test, config at the end (protocol.md 1.5, 1.8, 4.8). Retries for ever
 * while there is no broker. Every field of play is inactive until somebody loads a session.
 */
export function startSimulatedOwlcms(options: SimulatedOwlcmsOptions): SimulatedOwlcms {
  const { clock, jurySize = 3, version = defaultOwlcmsVersion } = options
  const config = JSON.stringify({ jurySize, platforms: options.platforms, version })
  // Real owlcms uses its start-up time, too; it is a password of its embedded broker, so never logged.
  const startupId = String(Math.floor(clock.now()))
  const { promise: ready, resolve: settle } = deferred<'started' | 'stopped'>()

  const platforms = options.platforms.map((name, index): SimulatedPlatform => {
    const platform: SimulatedPlatform = new SimulatedPlatform({
      ...options,
      startupId,
      fieldOfPlay: { ...options, platform: name, version, jurySize },
      onConfigRequest: () => platform.publish(configTopic, config),
      onStarted: () => startFrom(index + 1),
    })
    return platform
  })
  const startFrom = (index: number): void => {
    const next = platforms[index]
    if (next !== undefined) {
      next.start()
      return
    }
    platforms[0]?.publish(configTopic, config)
    settle('started')
  }
  startFrom(0)

  return {
    ready,
    fieldOfPlay(name) {
      const found = platforms.find(({ fieldOfPlay }) => fieldOfPlay.platform === name)
      if (found === undefined) throw new RangeError('no such platform')
      return found.fieldOfPlay
    },
    async stop() {
      settle('stopped')
      await Promise.all(platforms.map((platform) => platform.stop()))
    },
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
