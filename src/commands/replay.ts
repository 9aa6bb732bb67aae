import { openRecording } from '../demo/open-recording.ts'
import { runReplay } from '../demo/replay.ts'
import { systemClock } from '../support/clock.ts'
import { exitCodes, type Command } from './command-line.ts'
import { startLocalBridge } from './local-bridge.ts'
import { openLog, wantedPort, type Program } from './program.ts'
import { runUntilSignal, withoutReport } from './run-until-signal.ts'

/** A recording, played in owlcms's place on this computer. */
export async function replay(
  program: Program,
  { file, speed, platform }: Extract<Command, { readonly kind: 'replay' }>,
): Promise<void> {
  const log = await openLog('warn')
  const opened = await openRecording(file, platform)
  if (opened.kind === 'faulty') {
    program.complain(opened.message)
    program.endWith(exitCodes.configuration)
    return
  }
  if (opened.lastLineCut) program.say('The last line of the file is cut off, so it is left out.')
  await runUntilSignal(program, log, async () => {
    const running = await runReplay({
      records: opened.records,
      speed,
      ...wantedPort(program),
      random: program.random,
      clock: systemClock,
      log,
      startBridge: (settings, playback) => startLocalBridge(program, 'replay', settings, log, playback),
    })
    for (const line of running.lines) program.say(line)
    void running.ended.then((end) => {
      if (end === 'played') program.say('The recording has ended. The pages stay until Ctrl-C.')
    })
    return withoutReport(running)
  })
}
