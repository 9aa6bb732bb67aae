#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { exitCodes, helpText, readCommand, type Command } from './commands/command-line.ts'
import type { Program } from './commands/program.ts'
import { start } from './commands/start.ts'
import { systemClock } from './support/clock.ts'

/**
 * The only file that touches the process: arguments and environment in, exit codes and signals out. What a command needs
 * is loaded by it; `start` alone is here from the beginning, so that it listens at once.
 */
const program: Program = {
  env: process.env,
  nodeOptions: process.execArgv,
  version: readVersion(),
  nodeVersion: process.version,
  random: Math.random,
  platform: process.platform,
  /** Beside the bundled program (scripts/build-program.mjs). */
  pageFolder: new URL('./console/', import.meta.url),
  terminal: {
    isInteractive: process.stdout.isTTY,
    write: (text) => void process.stdout.write(text),
  },
  say: (text) => console.log(text),
  complain: (text) => console.error(text),
  usage() {
    const { rss, heapUsed, external } = memoryUsage()
    const { user, system } = process.cpuUsage()
    return {
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      cpuSeconds: (user + system) / 1e6,
      startedAtSeconds: systemClock.wallTime(performance.timeOrigin) / 1000,
    }
  },
  farewellFacts() {
    const { rss, heapUsed } = memoryUsage()
    const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576)
    return {
      uptimeSeconds: Math.round(process.uptime()),
      memoryMegabytes: megabytes(rss),
      peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1_024),
      heapMegabytes: megabytes(heapUsed),
    }
  },
  endWith(code) {
    process.exitCode = code
  },
  exit: (code) => process.exit(code),
  stayAlive() {
    const timer = setInterval(() => undefined, 1_000)
    return () => clearInterval(timer)
  },
  onSignal(listener) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => listener(signal))
    if (process.platform !== 'win32') return
    // There they say that the window was closed, or Ctrl-Break; elsewhere SIGHUP keeps its meaning, for nohup.
    for (const signal of ['SIGHUP', 'SIGBREAK'] as const) process.on(signal, () => listener('SIGINT'))
  },
  onCrash: (listener) => void process.on('uncaughtException', listener),
}

await run(readCommand(process.argv.slice(2)))

/** Node reads the resident size from /proc, which a bare chroot or a small container may lack; the peak is known there, too. */
function memoryUsage(): { readonly rss: number; readonly heapUsed: number; readonly external: number } {
  try {
    return process.memoryUsage()
  } catch {
    const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics()
    return { rss: process.resourceUsage().maxRSS * 1_024, heapUsed, external }
  }
}

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      program.say(helpText())
      return
    case 'version':
      program.say(program.version)
      return
    case 'mistake':
      program.complain(`${command.message}\n\nowlcms-bridge --help shows what there is.`)
      program.endWith(exitCodes.configuration)
      return
    case 'demo':
      return (await import('./commands/demo.ts')).demo(program)
    case 'replay':
      return (await import('./commands/replay.ts')).replay(program, command)
    case 'simulate':
      return (await import('./commands/simulate.ts')).simulate(program, command)
    case 'tryDevice':
      return (await import('./commands/try-device.ts')).tryDevice(program, command)
    case 'check':
      return (await import('./commands/check.ts')).check(program, command)
    case 'start':
      return start(program, command)
    default:
      command satisfies never
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}
