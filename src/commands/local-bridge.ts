import type { Bridge } from '../bridge/bridge.ts'
import { startBridge } from '../bridge/bridge.ts'
import type { Playback } from '../bridge/dependencies.ts'
import { loadConfig } from '../config/config.ts'
import type { DemoBridgeSettings } from '../demo/demo.ts'
import { readPageFiles } from '../http/shells/page-files.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Program } from './program.ts'

/** A bridge to a broker in this very process, for the demo and for replays. */
export async function startLocalBridge(
  { pageFolder, random, usage, version }: Program,
  name: string,
  { brokerPort, username, password, port }: DemoBridgeSettings,
  log: Logger,
  playback?: Playback,
): Promise<Bridge> {
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(brokerPort),
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
  return startBridge(loaded.config, {
    clock: systemClock,
    random,
    log,
    version,
    pageFiles,
    usage,
    ...(playback === undefined ? {} : { playback }),
  })
}
