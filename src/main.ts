#!/usr/bin/env node
import './no-debug-output.ts'
import { readFileSync } from 'node:fs'
import { startBridge, type Bridge } from './bridge.ts'
import type { Playback } from './bridge-journal.ts'
import { exitCodes, helpText, readCommand, type Command } from './cli.ts'
import { loadConfig, type LoadedConfig } from './config/config.ts'
import type { DemoBridgeSettings } from './demo/demo.ts'
import { runCheck } from './doctor/check.ts'
import { findingLines, skippedLines, summaryLines } from './doctor/print.ts'
import { ownUpgrades } from './downstream/upgrade.ts'
import { createSetupApp } from './http/app.tsx'
import { listen } from './http/listen.ts'
import { readPageScripts } from './http/page-scripts.ts'
import type { Platform } from './protocol/owlcms.ts'
import { systemClock } from './support/clock.ts'
import { errorCode, errorText } from './support/errors.ts'
import { createLogger, type Logger } from './support/logger.ts'

/** The only file that touches the process: arguments and environment in, exit codes and signals out. */

/** Milliseconds; the platforms kill after 5 s at the earliest (platforms.md 1.1). */
const stopDeadlineMs = 4_500

const checkExitCodes = {
  ok: exitCodes.ok,
  trouble: exitCodes.runTime,
  settings: exitCodes.configuration,
} as const

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
  const log = createLogger(loaded.kind === 'valid' ? loaded.config.logLevel : loaded.logLevel)
  for (const warning of loaded.warnings) log.warn(warning, 'setting')
  if (loaded.kind === 'faulty') {
    for (const fault of loaded.faults) log.error(fault, 'setting')
    if (strict) {
      process.exitCode = exitCodes.configuration
      return
    }
    await runUntilSignal(log, () => startSetup(loaded, log))
    return
  }
  log.info({ version, node: process.version, hosting: loaded.config.hosting }, 'starting')
  await runUntilSignal(log, async () =>
    startBridge(loaded.config, {
      clock: systemClock,
      random,
      log,
      version,
      pageScripts: await readPageScripts(pageFolder),
    }),
  )
}

/** Step by step on the terminal, or one JSON document at the end. Exit code 0, 1 (trouble) or 2 (settings). */
async function check({ json, properties }: Extract<Command, { readonly kind: 'check' }>): Promise<void> {
  const { stdout, env } = process
  const colour = stdout.isTTY && env['NO_COLOR'] === undefined
  // The clock's timers keep no process alive, and a check waits for nothing else at times.
  const alive = setInterval(() => undefined, 1_000)
  try {
    const report = await runCheck(loadConfig(env, properties), {
      clock: systemClock,
      random,
      ...(env['FLY_APP_NAME'] === undefined ? {} : { flyApp: env['FLY_APP_NAME'] }),
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

/** Owlcms's own server listens on 1883, so that is where devices look (protocol.md 1.2). */
function withVenuePort(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wanted = env['BRIDGE_VENUE_PORT']?.trim() ?? ''
  return { ...env, BRIDGE_VENUE_PORT: wanted === '' ? '1883' : wanted }
}

/** With faulty settings: a page that says what to set, instead of a crash loop (R9). */
async function startSetup(
  faulty: Extract<LoadedConfig, { readonly kind: 'faulty' }>,
  log: Logger,
): Promise<Pick<Bridge, 'stop'>> {
  const { faults, warnings, hosting } = faulty
  const app = createSetupApp(
    { faults, warnings, version },
    {
      hosting,
      pageScripts: await readPageScripts(pageFolder),
      onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
    },
  )
  const http = await listen(app, faulty.http)
  ownUpgrades(http.server, [])
  log.warn({ port: http.port }, 'settings are missing or wrong: serving the setup page')
  return { stop: () => http.close() }
}

async function demo(): Promise<void> {
  const log = createLogger('warn')
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
    return running
  })
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
  const pageScripts = await readPageScripts(pageFolder)
  return startBridge(loaded.config, {
    clock: systemClock,
    random,
    log,
    version,
    pageScripts,
    ...(playback === undefined ? {} : { playback }),
  })
}

async function replay({
  file,
  speed,
  platform,
}: Extract<Command, { readonly kind: 'replay' }>): Promise<void> {
  const log = createLogger('warn')
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
    return running
  })
}

/** Starts, then waits for SIGTERM or SIGINT and stops within the deadline; a second signal ends at once. */
async function runUntilSignal(log: Logger, begin: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.error({ err: errorText(error), stack: error.stack }, 'crash')
    process.exit(exitCodes.runTime)
  })
  let running: { stop(): Promise<void> }
  try {
    running = await begin()
  } catch (error) {
    log.error(
      { err: errorText(error), code: errorCode(error), nextStep: startAdvice(error) },
      'could not start',
    )
    process.exit(exitCodes.runTime)
  }
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(exitCodes.runTime)
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(exitCodes.ok), stopDeadlineMs).unref()
    void running.stop().then(() => {
      log.info({}, 'stopped')
      process.exit(exitCodes.ok)
    })
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
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
