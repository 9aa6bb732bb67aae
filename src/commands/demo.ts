import { runDemo } from '../demo/demo.ts'
import { systemClock } from '../support/clock.ts'
import { startLocalBridge } from './local-bridge.ts'
import { openLog, wantedPort, type Program } from './program.ts'
import { runUntilSignal, withoutReport } from './run-until-signal.ts'

/** A whole competition on this computer. */
export async function demo(program: Program): Promise<void> {
  const log = await openLog('warn')
  await runUntilSignal(program, log, async () => {
    const running = await runDemo({
      ...wantedPort(program),
      random: program.random,
      clock: systemClock,
      log,
      startBridge: (settings) => startLocalBridge(program, 'demo', settings, log),
    })
    for (const line of running.lines) program.say(line)
    return withoutReport(running)
  })
}
