import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import type { LoadedConfig } from '../config/config.ts'
import { hallEnvironment } from '../config/hall.ts'
import { closedDoor, type FrontDoor } from '../http/door/front-door.ts'
import { readPageFiles } from '../http/shells/page-files.ts'
import { systemClock } from '../support/clock.ts'
import type { LogLevel } from '../support/log-levels.ts'
import { errorText } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import { exitCodes, type Command } from './command-line.ts'
import { flyApp, loadSettings, openBridge, openLog, ownFile, withOwnFile, type Program } from './program.ts'
import { runUntilSignal } from './run-until-signal.ts'
import type { Served } from './service.ts'
import { ownAddresses, TerminalWords } from './terminal-words.ts'
import { defined } from '../protocol/defined.ts'

type Faulty = Extract<LoadedConfig, { readonly kind: 'faulty' }>

/**
 * `start` and `venue`. It listens before it loads the rest, so that a platform hears at once that the program is alive,
 * and with faulty settings it serves a page that says what to set, instead of a crash loop (R9).
 */
export async function start(
  program: Program,
  command: Extract<Command, { readonly kind: 'start' }>,
): Promise<void> {
  const { strict, venue, properties } = command
  const adapt = venue ? (env: Program['env']) => hallEnvironment(env, properties) : undefined
  const load = (): LoadedConfig =>
    loadSettings(program, venue ? withOwnFile(program, command) : command, adapt)
  const loaded = load()
  if (loaded.kind === 'faulty' && strict) {
    tellSettings(program, await openStartLog(program, loaded), loaded)
    program.endWith(exitCodes.configuration)
    return
  }
  const desk = placeToKeep(program, command)
  if (desk !== undefined) {
    const log = await openStartLog(program, loaded)
    const { venueWithDesk } = await import('./venue-with-desk.ts')
    await venueWithDesk(program, command, {
      log,
      load,
      file: desk,
      serve: (now, settingsAddress) => serve(program, now, log, closedDoor(httpOf(now)), settingsAddress),
    })
    return
  }
  const opening = closedDoor(httpOf(loaded))
  // Why it failed is told below, when there is a log to tell it.
  await opening.then(breathe, () => undefined)
  const log = await openStartLog(program, loaded)
  const waitMs = loaded.kind === 'valid' ? loaded.config.stopDelaySeconds * 1000 : 0
  await runUntilSignal(
    program,
    log,
    () => serve(program, loaded, log, opening),
    () => waitMs,
  )
}

/** Where somebody who sits at this computer keeps the settings of `venue`: there they are asked for, and may be changed. */
function placeToKeep(
  program: Program,
  command: Extract<Command, { readonly kind: 'start' }>,
): string | undefined {
  if (!command.venue || command.strict || !program.terminal.isInteractive) return undefined
  const own = ownFile(program, command)
  return own === undefined ? undefined : resolve(command.file ?? own)
}

const httpOf = (loaded: LoadedConfig) => (loaded.kind === 'valid' ? loaded.config.http : loaded.http)

/** The bridge with these settings, or the page that says what is wrong with them. */
async function serve(
  program: Program,
  loaded: LoadedConfig,
  log: Logger,
  opening: Promise<FrontDoor>,
  settingsAddress?: () => string,
): Promise<Served> {
  tellSettings(program, log, loaded)
  const door = await opening
  await breathe()
  return loaded.kind === 'valid'
    ? openBridge(program, loaded.config, log, { ...flyApp(program), ...defined({ settingsAddress }) }, door)
    : startSetup(program, door, loaded, log)
}

/** JSON for who collects it; in words on a terminal, unless somebody wants each detail. */
function openStartLog({ terminal }: Program, loaded: LoadedConfig): Promise<Logger> {
  const { logLevel, http, publicOrigin } =
    loaded.kind === 'valid' ? loaded.config : { ...loaded, publicOrigin: undefined }
  const wordless: readonly LogLevel[] = ['debug', 'silent']
  if (!terminal.isInteractive || wordless.includes(logLevel)) return openLog(logLevel)
  const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
  const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const words = new TerminalWords({
    addresses: ownAddresses(http.host, found),
    time: () => clockTime.format(systemClock.wallTime()),
    ...defined({ publicUrl: publicOrigin }),
  })
  return openLog(logLevel, { write: (line) => terminal.write(words.tell(line)) })
}

function tellSettings({ version, nodeVersion }: Program, log: Logger, loaded: LoadedConfig): void {
  for (const { setting, what } of loaded.warnings) log.warn({ setting, what }, 'setting')
  if (loaded.kind === 'faulty')
    for (const { setting, problem, what, why, nextStep } of loaded.faults)
      log.error({ setting, problem, what, why, nextStep }, 'setting')
  else log.info({ version, node: nodeVersion, hosting: loaded.config.hosting }, 'starting')
}

async function startSetup(
  program: Program,
  door: FrontDoor,
  { faults, warnings, hosting }: Faulty,
  log: Logger,
): Promise<Served> {
  const { pageFolder, version } = program
  const { openSetup } = await import('../bridge/setup.ts')
  openSetup(
    door,
    { faults, warnings, version },
    {
      hosting,
      ...flyApp(program),
      pageFiles: readPageFiles(pageFolder),
      onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
    },
  )
  log.warn({ port: door.port }, 'settings are missing or wrong: serving the setup page')
  return { port: door.port, stop: () => door.close().then(() => undefined) }
}

/** Lets the event loop take a call, read it and answer it: to load a part of the program is one long turn. */
async function breathe(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => systemClock.endOfTurn(resolve))
}
