import { networkInterfaces } from 'node:os'
import { openSettingsDesk } from '../bridge/settings-desk.ts'
import { givenSettings, loadConfig, type LoadedConfig } from '../config/config.ts'
import { hallEnvironment, namesBroker } from '../config/hall.ts'
import { readPageFiles } from '../http/shells/page-files.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Command } from './command-line.ts'
import { openPage, pageOpener } from './open-page.ts'
import { venuePort, type Program } from './program.ts'
import { runUntilSignal, type Running } from './run-until-signal.ts'
import { Service, type Served } from './service.ts'
import { ownAddresses } from './terminal-words.ts'

interface VenueParts {
  readonly log: Logger
  /** Where the settings are kept. */
  readonly file: string
  /** The settings as they are now. */
  readonly load: () => LoadedConfig
  readonly serve: (loaded: LoadedConfig, settingsAddress: () => string) => Promise<Served>
}

/**
 * `venue` for somebody who sits at this computer: a page here, and nowhere else, makes the settings and changes them. While nobody
 * has said where owlcms and the devices meet, the page opens by itself and the bridge waits for it; where there is no
 * screen, it serves at once, and the terminal tells the address.
 */
export async function venueWithDesk(
  program: Program,
  { properties }: Extract<Command, { readonly kind: 'start' }>,
  { log, file, load, serve }: VenueParts,
): Promise<void> {
  const { env, nodeOptions, random, version } = program
  const given = () => givenSettings(env, file, nodeOptions).env
  const service = new Service(log, load, (loaded) => serve(loaded, () => address()))
  let address = (): string => ''
  const begin = async (): Promise<Running> => {
    const desk = await openSettingsDesk({
      clock: systemClock,
      random,
      log,
      version,
      file,
      given,
      pageFiles: readPageFiles(program.pageFolder),
      load: (candidate) => loadConfig(hallEnvironment(candidate, properties), properties),
      serving: () => service.serving,
      restart: () => service.restart(),
      reach: () => reachOf(program, load(), service.venuePort),
    })
    address = () => desk.address()
    const undecided = !namesBroker(given(), properties)
    const opener = pageOpener(program.platform, env)
    if (!undecided || opener === undefined) await service.start()
    const asks = undecided || service.serving.kind === 'faulty'
    program.say(`${asks ? 'Make the settings' : 'Settings'}, on this computer only: ${address()}`)
    if (asks && opener !== undefined) openPage(opener(address()), () => log.debug({}, 'no browser opened'))
    return {
      get waitingForBreak() {
        return service.waitingForBreak
      },
      stop: async (options) => {
        const report = await service.stop(options)
        await desk.close()
        return report
      },
    }
  }
  await runUntilSignal(program, log, begin, () => delayOf(load()))
}

const delayOf = (loaded: LoadedConfig): number =>
  loaded.kind === 'valid' ? loaded.config.stopDelaySeconds * 1000 : 0

/** How owlcms and the boxes reach this computer. */
function reachOf(program: Program, loaded: LoadedConfig, inUse: number | undefined) {
  const { host } = loaded.kind === 'valid' ? loaded.config.http : loaded.http
  const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const planned = loaded.kind === 'valid' ? loaded.config.venue?.port : undefined
  return { hosts: ownAddresses(host, found), port: inUse ?? planned ?? venuePort(program) }
}
