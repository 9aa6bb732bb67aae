#!/usr/bin/env node
import './no-debug-output.ts'
import { readFileSync } from 'node:fs'
import type { Bridge } from './bridge/bridge.ts'
import type { Playback } from './bridge/dependencies.ts'
import type { StopOptions, StopReport } from './bridge/stop.ts'
import { exitCodes, helpText, readCommand, type Command } from './cli.ts'
import { loadConfig, type LoadedConfig } from './config/config.ts'
import type { DemoBridgeSettings } from './demo/demo.ts'
import { closedDoor, type FrontDoor } from './http/door/front-door.ts'
import { readPageFiles } from './http/shells/page-files.ts'
import type { Platform } from './protocol/owlcms/topics.ts'
import { systemClock } from './support/clock.ts'
import { errorCode, errorText } from './support/errors.ts'
import type { ProcessUsage } from './metrics/runtime-metrics.ts'
import type { LogLevel } from './support/log-levels.ts'
import type { Logger } from './support/logger.ts'

/**
 * The only file that touches the process: arguments and environment in, exit codes and signals out. What a command needs
 * is loaded by it, `start` listening first, so that a platform hears at once that the program is alive.
 */

/** Milliseconds to leave in; the platforms kill after 5 s at the earliest (docs/platforms.md 1.1). */
const stopDeadlineMs = 4_500

const checkExitCodes = {
  ok: exitCodes.ok,
  trouble: exitCodes.runTime,
  settings: exitCodes.configuration,
} as const

/** Heroku, npm and some shells send SIGTERM to a process twice within moments (docs/platforms.md 2.3); it counts once. */
const sameSignalMs = 1_000

/** What can be stopped; the parts beyond `stop()` are a running bridge's. */
interface Running {
  stop(options?: StopOptions): Promise<StopReport | undefined>
  readonly waitingForBreak?: boolean
}

const random = Math.random
const version = readVersion()
/** Beside the bundled program (scripts/build-program.mjs). */
const pageFolder = new URL('./console/', import.meta.url)

await run(readCommand(process.argv.slice(2)))

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      console.log(helpText())
      return
    case 'version':
      console.log(version)
      return
    case 'mistake':
      console.error(`${command.message}\n\nowlcms-bridge --help shows what there is.`)
      process.exitCode = exitCodes.configuration
      return
    case 'demo':
      await demo()
      return
    case 'replay':
      await replay(command)
      return
    case 'check':
      await check(command)
      return
    case 'start':
      await start(command)
      return
    default:
      command satisfies never
  }
}

async function start(command: Extract<Command, { readonly kind: 'start' }>): Promise<void> {
  const { strict, venue, properties } = command
  const loaded = loadConfig(venue ? withVenuePort(process.env) : process.env, properties)
  if (loaded.kind === 'faulty' && strict) {
    tellSettings(await openLog(loaded.logLevel), loaded)
    process.exitCode = exitCodes.configuration
    return
  }
  const { http, logLevel } = loaded.kind === 'valid' ? loaded.config : loaded
  const opening = closedDoor(http)
  // Why it failed is told below, when there is a log to tell it.
  await opening.then(breathe, () => undefined)
  const log = await openLog(logLevel)
  tellSettings(log, loaded)
  const begin = async (): Promise<Running> => {
    const door = await opening
    await breathe()
    return loaded.kind === 'valid' ? startPublicBridge(door, loaded, log) : startSetup(door, loaded, log)
  }
  await runUntilSignal(log, begin, loaded.kind === 'valid' ? loaded.config.stopDelaySeconds * 1000 : 0)
}

function tellSettings(log: Logger, loaded: LoadedConfig): void {
  for (const warning of loaded.warnings) log.warn(warning, 'setting')
  if (loaded.kind === 'faulty') for (const fault of loaded.faults) log.error(fault, 'setting')
  else log.info({ version, node: process.version, hosting: loaded.config.hosting }, 'starting')
}

async function startPublicBridge(
  door: FrontDoor,
  { config }: Extract<LoadedConfig, { readonly kind: 'valid' }>,
  log: Logger,
): Promise<Bridge> {
  const { startBridge } = await import('./bridge/bridge.ts')
  const pageFiles = await readPageFiles(pageFolder)
  const dependencies = { clock: systemClock, random, log, version, pageFiles, usage: processUsage }
  return startBridge(config, { ...dependencies, ...flyApp() }, door)
}

/** The log, loaded. */
async function openLog(level: LogLevel): Promise<Logger> {
  const { createLogger } = await import('./support/logger.ts')
  return createLogger(level)
}

/** Lets the event loop take a call, read it and answer it: to load a part of the program is one long turn. */
async function breathe(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** The doctor looks for a second machine there. */
function flyApp(): { readonly flyApp?: string } {
  const name = process.env['FLY_APP_NAME'] ?? ''
  return name === '' ? {} : { flyApp: name }
}

/** Step by step on the terminal, or one JSON document at the end. Exit code 0, 1 (trouble) or 2 (settings). */
async function check({ json, properties }: Extract<Command, { readonly kind: 'check' }>): Promise<void> {
  const { stdout, env } = process
  const { runCheck } = await import('./doctor/check.ts')
  const { findingLines, skippedLines, summaryLines } = await import('./doctor/print.ts')
  const colour = stdout.isTTY && env['NO_COLOR'] === undefined
  // The clock's timers keep no process alive, and a check waits for nothing else at times.
  const alive = setInterval(() => undefined, 1_000)
  try {
    const report = await runCheck(loadConfig(env, properties), {
      clock: systemClock,
      random,
      ...flyApp(),
      progress(progress) {
        if (json) return
        // Steps that were not tried come together at the end.
        // The line of a step under way is overwritten by what it found.
        if (progress.kind === 'begins') stdout.write(stdout.isTTY ? `… ${progress.title}\r` : '')
        else {
          const lines = findingLines(progress.finding, colour)
          if (lines.length > 0) stdout.write(`${stdout.isTTY ? '\u001B[2K' : ''}${lines.join('\n')}\n`)
        }
      },
    })
    const exitCode = checkExitCodes[report.outcome]
    process.exitCode = exitCode
    console.log(
      json
        ? JSON.stringify({ version, exitCode, ...report }, null, 2)
        : [...skippedLines(report.findings, colour), '', ...summaryLines(report)].join('\n'),
    )
  } finally {
    clearInterval(alive)
  }
}

/** Owlcms's own server listens on 1883, so that is where devices look (docs/owlcms.md 1.2). */
function withVenuePort(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wanted = env['BRIDGE_VENUE_PORT']?.trim() ?? ''
  return { ...env, BRIDGE_VENUE_PORT: wanted === '' ? '1883' : wanted }
}

/** With faulty settings: a page that says what to set, instead of a crash loop (R9). */
async function startSetup(
  door: FrontDoor,
  faulty: Extract<LoadedConfig, { readonly kind: 'faulty' }>,
  log: Logger,
): Promise<Running> {
  const { faults, warnings, hosting } = faulty
  const { openSetup } = await import('./bridge/setup.ts')
  openSetup(
    door,
    { faults, warnings, version },
    {
      hosting,
      pageFiles: await readPageFiles(pageFolder),
      onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
    },
  )
  log.warn({ port: door.port }, 'settings are missing or wrong: serving the setup page')
  return { stop: () => door.close().then(() => undefined) }
}

async function demo(): Promise<void> {
  const log = await openLog('warn')
  const wanted = process.env['PORT']?.trim() ?? ''
  const { runDemo } = await import('./demo/demo.ts')
  await runUntilSignal(log, async () => {
    const running = await runDemo({
      ...(wanted === '' ? {} : { port: Number(wanted) }),
      random,
      clock: systemClock,
      log,
      startBridge: async (settings) => {
        const bridge = await startLocalBridge('demo', settings, log)
        return {
          port: bridge.port,
          stop: () => bridge.stop(),
          issueSeat: (platform, number) =>
            bridge.issue({ platform: platform as Platform, role: 'referee', number }, 1),
        }
      },
    })
    for (const line of running.lines) console.log(line)
    return { stop: () => running.stop().then(() => undefined) }
  })
}

/** Something that runs on this computer only: nobody asks how its stop went. */
function withoutReport(running: { stop(): Promise<unknown> }): Running {
  return {
    stop: async () => {
      await running.stop()
      return undefined
    },
  }
}

/** A bridge to a broker in this very process, for the demo and for replays. */
async function startLocalBridge(
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
  const { startBridge } = await import('./bridge/bridge.ts')
  const pageFiles = await readPageFiles(pageFolder)
  return startBridge(loaded.config, {
    clock: systemClock,
    random,
    log,
    version,
    pageFiles,
    usage: processUsage,
    ...(playback === undefined ? {} : { playback }),
  })
}

async function replay({
  file,
  speed,
  platform,
}: Extract<Command, { readonly kind: 'replay' }>): Promise<void> {
  const log = await openLog('warn')
  const { openRecording } = await import('./demo/open-recording.ts')
  const opened = await openRecording(file, platform)
  if (opened.kind === 'faulty') {
    console.error(opened.message)
    process.exitCode = exitCodes.configuration
    return
  }
  if (opened.lastLineCut) console.log('The last line of the file is cut off and left out.')
  const wanted = process.env['PORT']?.trim() ?? ''
  const { runReplay } = await import('./demo/replay.ts')
  await runUntilSignal(log, async () => {
    const running = await runReplay({
      records: opened.records,
      speed,
      ...(wanted === '' ? {} : { port: Number(wanted) }),
      random,
      clock: systemClock,
      log,
      startBridge: (settings, playback) => startLocalBridge('replay', settings, log, playback),
    })
    for (const line of running.lines) console.log(line)
    void running.ended.then((end) => {
      if (end === 'played') console.log('The recording has ended; the pages stay until Ctrl-C.')
    })
    return withoutReport(running)
  })
}

/**
 * Starts, then waits for a signal and stops within the deadline. SIGTERM, a platform's word, may wait `waitMs` for a
 * break; SIGINT, somebody's Ctrl-C, does not. A second signal ends the wait, and one after that everything.
 */
async function runUntilSignal(log: Logger, begin: () => Promise<Running>, waitMs = 0): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.error({ err: errorText(error), stack: error.stack }, 'crash')
    process.exit(exitCodes.runTime)
  })
  const running = await begin().catch((error: unknown) => {
    log.error(
      { err: errorText(error), code: errorCode(error), nextStep: startAdvice(error) },
      'could not start',
    )
    return process.exit(exitCodes.runTime)
  })
  const end = (report: StopReport | undefined, level: 'info' | 'warn', message: string): never => {
    log[level]({ ...report, ...machineFacts() }, message)
    return process.exit(exitCodes.ok)
  }
  const armDeadline = (): void => {
    setTimeout(() => end(undefined, 'warn', 'stopped at the deadline'), stopDeadlineMs).unref()
  }
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first === undefined) {
      first = { signal, at: performance.now() }
      log.info({ signal }, 'stopping')
      const byHand = signal === 'SIGINT'
      const farewell = byHand ? 'shuttingDown' : 'restarting'
      if (running.waitingForBreak === undefined) armDeadline()
      void running
        .stop({ farewell, waitMs: byHand ? 0 : waitMs, leaving: armDeadline })
        .then((report) => end(report, 'info', 'stopped'))
    } else if (
      signal === 'SIGTERM' &&
      first.signal === signal &&
      performance.now() - first.at < sameSignalMs
    ) {
      return
    } else if (running.waitingForBreak === true) {
      void running.stop()
    } else {
      process.exit(exitCodes.runTime)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

function processUsage(): ProcessUsage {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    cpuSeconds: (user + system) / 1e6,
    startedAtSeconds: systemClock.wallTime(performance.timeOrigin) / 1000,
  }
}

/** How this process fared, for its last line. */
function machineFacts(): object {
  const { rss, heapUsed } = process.memoryUsage()
  const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576)
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1_024)
  return {
    uptimeSeconds: Math.round(process.uptime()),
    memoryMegabytes: megabytes(rss),
    peakMegabytes,
    heapMegabytes: megabytes(heapUsed),
  }
}

function startAdvice(error: unknown): string {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return 'Another program uses this port: stop it, or set PORT to a free one (for plain MQTT: BRIDGE_VENUE_PORT).'
    case 'EACCES':
      return 'This port needs more rights: set PORT (or BRIDGE_VENUE_PORT) to one above 1023.'
    case 'ENOENT':
      return 'A part of the program is missing: run npm run build.'
    case undefined:
    default:
      return 'Read the error; if it says nothing to you, report it with this line.'
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}
