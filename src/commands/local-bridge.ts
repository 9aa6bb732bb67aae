import type { Bridge } from '../bridge/bridge.ts'
import { startBridge } from '../bridge/bridge.ts'
import type { Playback } from '../bridge/dependencies.ts'
import { loadConfig } from '../config/config.ts'
import type { DemoBridgeSettings } from '../demo/demo.ts'
import { readPageFiles } from '../http/shells/page-files.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Program } from './program.ts'
import { defined } from '../protocol/defined.ts'

/** What is used of it. */
export interface LocalBridge extends Pick<Bridge, 'port' | 'ready'> {
  readonly owlcmsPort: number
  stop(): Promise<unknown>
}

/** A bridge that is the broker itself, on this computer only, for the demo and for replays. */
export async function startLocalBridge(
  { pageFolder, random, usage, version }: Program,
  name: string,
  { username, password, port, demoPlatform }: DemoBridgeSettings,
  log: Logger,
  playback?: Playback,
): Promise<LocalBridge> {
  const loaded = loadConfig(
    {
      BRIDGE_BROKER: 'own',
      BRIDGE_BROKER_PORT: '0',
      OWLCMS_MQTTUSERNAME: username,
      OWLCMS_MQTTPASSWORD: password,
      BRIDGE_NAME: name,
      PORT: String(port),
      HOST: '127.0.0.1',
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error(loaded.faults.map(({ what }) => what).join(' '))
  const pageFiles = await readPageFiles(pageFolder)
  const bridge = await startBridge(loaded.config, {
    clock: systemClock,
    random,
    log,
    version,
    pageFiles,
    usage,
    ...defined({ playback, demoPlatform: demoPlatform as Platform | undefined }),
  })
  const { port: webPort, owlcmsPort } = bridge
  if (owlcmsPort === undefined) throw new Error('a bridge that is the broker has a port for owlcms')
  return {
    port: webPort,
    owlcmsPort,
    get ready() {
      return bridge.ready
    },
    stop: () => bridge.stop(),
  }
}
