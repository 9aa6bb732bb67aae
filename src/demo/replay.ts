import type { Playback } from '../bridge/dependencies.ts'
import type { JournalRecord } from '../protocol/journal/record.ts'
import { BrokerLink } from '../simulator/broker-link.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { makePassword, stopWithin, type DemoBridge, type DemoBridgeSettings } from './demo.ts'
import { configTopic, Player, type PlayerEnd, type Speed } from './player.ts'

export interface ReplayOptions {
  /** At least one, in the order of their times. */
  readonly records: readonly JournalRecord[]
  readonly speed: Speed
  /** Port of the bridge; a free one unless told. */
  readonly port?: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly clock: Clock
  readonly log: Logger
  /** Resolves when the bridge, which is the broker, listens. */
  readonly startBridge: (settings: DemoBridgeSettings, playback: Playback) => Promise<ReplayedBridge>
}

export interface ReplayedBridge extends DemoBridge {
  /** It has its broker, which takes a moment. */
  readonly ready: boolean
}

export interface Replay {
  /** What to print for the user. Contains the password of this run, which is good for nothing else. */
  readonly lines: readonly string[]
  /** Resolves when the recording has been played, or with `stopped`; the pages stay until {@link stop}. */
  readonly ended: Promise<PlayerEnd>
  /** Ends everything in order; never rejects, and a second call does no more. */
  stop(): Promise<unknown>
}

const username = 'replay'

/** Milliseconds between two looks at whether the bridge has its broker, which takes a moment. */
const lookMs = 20

/**
 * Plays a recording in owlcms's place: the bridge, which is the broker, and the messages of then. Connects to nothing
 * outside.
 * @throws what `startBridge` throws.
 */
export async function runReplay(options: ReplayOptions): Promise<Replay> {
  const { clock, log, random, records } = options
  const password = makePassword(random)
  const player = new Player({ ...options, publish: (topic, payload) => link.publish(topic, payload, 1) })
  const settings = { username, password, port: options.port ?? 0 }
  const bridge = await options.startBridge(settings, player)
  const link = new BrokerLink({
    address: { transport: 'tcp', host: '127.0.0.1', port: bridge.owlcmsPort },
    username,
    password,
    clock,
    log,
    clientId: 'recording',
    // Everything, since this bridge passes a press on only to an owlcms that listens to it.
    onConnected: () => link.subscribe(['owlcms/#']),
    // Whoever asks for owlcms's config gets the recorded one, as from owlcms itself.
    onMessage: (topic) => {
      if (topic === 'owlcms/config' && player.config !== undefined)
        link.publish(configTopic, player.config, 1)
    },
    onLost: () => undefined,
  })
  const stopAll = async (): Promise<void> => {
    player.stop()
    const connection = { stop: () => link.close() }
    for (const part of [connection, bridge]) await stopWithin(clock, part, log)
  }
  const ended = whenReady(clock, () => bridge.ready && link.connected).then(() => player.play())
  let stopped: Promise<void> | undefined
  return {
    lines: describe(bridge.port, password, records),
    ended,
    stop: () => (stopped ??= stopAll()),
  }
}

async function whenReady(clock: Clock, isReady: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (isReady()) resolve()
      else clock.setTimer(lookMs, look)
    }
    look()
  })
}

function describe(port: number, password: string, records: readonly JournalRecord[]): string[] {
  const platforms = [...new Set(records.map(({ platform }) => platform as string))]
  const [first] = platforms
  return [
    `The recording plays: ${records.length} records of ${platforms.length === 1 ? 'platform' : 'platforms'} ${platforms.join(', ')}.`,
    '',
    `  Open               http://localhost:${port}/`,
    `  Its journal        http://localhost:${port}/journal/${encodeURIComponent(first ?? '')}   password ${password}`,
    '  Stop               Ctrl-C',
  ]
}
