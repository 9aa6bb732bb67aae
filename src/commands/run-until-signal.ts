import type { StopOptions, StopReport } from '../bridge/stop.ts'
import { systemClock } from '../support/clock.ts'
import { errorCode, errorText } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import { exitCodes } from './command-line.ts'
import type { Program } from './program.ts'

/** Milliseconds to leave in; the platforms kill after 5 s at the earliest (docs/platforms.md 1.1). */
const stopDeadlineMs = 4_500

/** Heroku, npm and some shells send SIGTERM to a process twice within moments (docs/platforms.md 2.3); it counts once. */
const sameSignalMs = 1_000

/** What can be stopped; the parts beyond `stop()` are a running bridge's. */
export interface Running {
  stop(options?: StopOptions): Promise<StopReport | undefined>
  readonly waitingForBreak?: boolean | undefined
}

/**
 * Starts, then waits for a signal and stops within the deadline. SIGTERM, a platform's word, may wait `waitMs` for a
 * break; SIGINT, somebody's Ctrl-C, does not. A second signal ends the wait, and one after that everything.
 */
export async function runUntilSignal(
  program: Pick<Program, 'onCrash' | 'onSignal' | 'exit' | 'farewellFacts' | 'stayAlive'>,
  log: Logger,
  begin: () => Promise<Running>,
  waitMs: () => number = () => 0,
): Promise<void> {
  // Until then it lives, also where it only waits to try a broker again.
  program.stayAlive()
  program.onCrash((error) => {
    log.error({ err: errorText(error), stack: error.stack }, 'crash')
    program.exit(exitCodes.runTime)
  })
  let running: Running | undefined
  // Not waited for before signals are listened for below: whoever stops it as it starts is told goodbye as well.
  const started = begin().then(
    (begun) => (running = begun),
    (error: unknown) => {
      log.error(
        { err: errorText(error), code: errorCode(error), nextStep: startAdvice(error) },
        'could not start',
      )
      return program.exit(exitCodes.runTime)
    },
  )
  const end = (report: StopReport | undefined, level: 'info' | 'warn', message: string): never => {
    log[level]({ ...report, ...program.farewellFacts() }, message)
    return program.exit(exitCodes.ok)
  }
  const armDeadline = (): void => {
    systemClock.setTimer(stopDeadlineMs, () => end(undefined, 'warn', 'stopped at the deadline'))
  }
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  program.onSignal((signal) => {
    if (first === undefined) {
      first = { signal, at: systemClock.now() }
      log.info({ signal }, 'stopping')
      const byHand = signal === 'SIGINT'
      const farewell = byHand ? 'shuttingDown' : 'restarting'
      if (running?.waitingForBreak === undefined) armDeadline()
      void started
        .then((begun) => begun.stop({ farewell, waitMs: byHand ? 0 : waitMs(), leaving: armDeadline }))
        .then((report) => end(report, 'info', 'stopped'))
    } else if (
      signal === 'SIGTERM' &&
      first.signal === signal &&
      systemClock.now() - first.at < sameSignalMs
    ) {
      return
    } else if (running?.waitingForBreak === true) {
      void running.stop()
    } else {
      program.exit(exitCodes.runTime)
    }
  })
  await started
}

/** Something that runs on this computer only: nobody asks how its stop went. */
export function withoutReport(running: { stop(): Promise<unknown> }): Running {
  return { stop: () => running.stop().then(() => undefined) }
}

/** What to do when a listener could not be had. */
export function startAdvice(error: unknown): string {
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
