import type { Playback } from '../bridge/dependencies.ts'
import { loadConfig } from '../config/config.ts'
import type { DemoBridgeSettings } from '../demo/demo.ts'
import type { ReplayedBridge } from '../demo/replay.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import type { Logger } from '../support/logger.ts'
import { openBridge, type Program } from './program.ts'
import { defined } from '../protocol/defined.ts'

/** A bridge that is the broker itself, on this computer only, for the demo and for replays. */
export async function startLocalBridge(
  program: Program,
  name: string,
  { username, password, port, demoPlatform }: DemoBridgeSettings,
  log: Logger,
  playback?: Playback,
): Promise<ReplayedBridge> {
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
  const more = defined({ playback, demoPlatform: demoPlatform as Platform | undefined })
  const bridge = await openBridge(program, loaded.config, log, more)
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
