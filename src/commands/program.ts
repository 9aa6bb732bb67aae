import { existsSync } from 'node:fs'
import type { Bridge } from '../bridge/bridge.ts'
import type { BridgeDependencies } from '../bridge/dependencies.ts'
import type { Config } from '../config/config.ts'
import { givenSettings, loadConfig, type LoadedConfig } from '../config/config.ts'
import { namesBroker } from '../config/hall.ts'
import { usualPort } from '../config/own-broker.ts'
import { ownSettingsFile } from '../config/own-file.ts'
import type { FrontDoor } from '../http/door/front-door.ts'
import { readPageFiles } from '../http/shells/page-files.ts'
import { systemClock } from '../support/clock.ts'
import type { LogLevel } from '../support/log-levels.ts'
import type { Logger } from '../support/logger.ts'
import type { ProcessUsage } from '../metrics/runtime-metrics.ts'

/** The process, as commands see it; main.ts has the real one. */
export interface Program {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The options given to Node itself. */
  readonly nodeOptions: readonly string[]
  readonly version: string
  /** Of Node, for the log. */
  readonly nodeVersion: string
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** The system, in Node's word: `linux`, `darwin`, `win32`. */
  readonly platform: string
  /** Where the browser's part lies. */
  readonly pageFolder: URL
  readonly terminal: {
    /** Somebody looks on, and lines can be overwritten. */
    readonly isInteractive: boolean
    write(text: string): void
  }
  /** One line or more for the user. */
  say(text: string): void
  complain(text: string): void
  readonly usage: () => ProcessUsage
  /** How this process fared, for its last line. */
  farewellFacts(): object
  /** The code to end with, once there is nothing left to do. */
  endWith(code: number): void
  exit(code: number): never
  /** The clock's timers keep no process alive; this does, until the returned function is called. */
  stayAlive(): () => void
  onSignal(listener: (signal: 'SIGTERM' | 'SIGINT') => void): void
  /** An error that nothing caught. */
  onCrash(listener: (error: Error) => void): void
}

/** The settings from arguments, environment and file; `adapt` has the last word on the latter two. */
export function loadSettings(
  program: Pick<Program, 'env' | 'nodeOptions'>,
  { properties, file }: { readonly properties: readonly string[]; readonly file?: string },
  adapt: (env: Program['env']) => Program['env'] = (env) => env,
): LoadedConfig {
  const { env, warnings } = givenSettings(program.env, file, program.nodeOptions)
  return loadConfig(adapt(env), properties, undefined, warnings)
}

/** Where this computer's user keeps the settings; undefined where there is no such place, or the environment names a broker. */
export function ownFile(
  { env, platform }: Pick<Program, 'env' | 'platform'>,
  { properties }: { readonly properties: readonly string[] },
): string | undefined {
  return namesBroker(env, properties) ? undefined : ownSettingsFile(platform, env)
}

/** The same command with the file whose settings count: the named one, else the user's own if there is one. */
export function withOwnFile<C extends { readonly properties: readonly string[]; readonly file?: string }>(
  program: Pick<Program, 'env' | 'platform'>,
  command: C,
): C {
  const own = ownFile(program, command)
  return command.file !== undefined || own === undefined || !existsSync(own)
    ? command
    : { ...command, file: own }
}

/** The log, loaded when it is needed; as JSON on standard output, or to who tells it in other words. */
export async function openLog(
  level: LogLevel,
  destination?: { readonly write: (line: string) => void },
): Promise<Logger> {
  const { createLogger } = await import('../support/logger.ts')
  return createLogger(level, destination)
}

/** The bridge in this process, loaded when it is needed; rejects when a port can't be had. */
export async function openBridge(
  { random, version, usage, pageFolder }: Program,
  config: Config,
  log: Logger,
  more: Pick<BridgeDependencies, 'flyApp' | 'settingsAddress' | 'playback' | 'demoPlatform'>,
  door?: FrontDoor,
): Promise<Bridge> {
  const { startBridge } = await import('../bridge/bridge.ts')
  const pageFiles = readPageFiles(pageFolder)
  return startBridge(config, { clock: systemClock, random, log, version, pageFiles, usage, ...more }, door)
}

/** The port that somebody wants for a run on this computer; absent: any free one. */
export function wantedPort({ env }: Program): { readonly port?: number } {
  const wanted = env['PORT']?.trim() ?? ''
  return wanted === '' ? {} : { port: Number(wanted) }
}

/** The doctor looks for a second machine there. */
export function flyApp({ env }: Program): { readonly flyApp?: string } {
  const name = env['FLY_APP_NAME'] ?? ''
  return name === '' ? {} : { flyApp: name }
}

/** Where owlcms's own server listens, and so where devices look (docs/owlcms.md 1.2). */
export function venuePort({ env }: Program): number {
  const wanted = env['BRIDGE_VENUE_PORT']?.trim() ?? ''
  return wanted === '' ? usualPort : Number(wanted)
}
