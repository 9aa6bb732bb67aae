import { startSimulatedOwlcms } from '../simulator/simulated-owlcms.ts'
import { systemClock } from '../support/clock.ts'
import { startDeviceBroker } from '../trial/device-broker.ts'
import { reportLines } from '../trial/print.ts'
import { startTrial } from '../trial/trial.ts'
import { exitCodes, type Command } from './command-line.ts'
import { openLog, venuePort, type Program } from './program.ts'
import { runUntilSignal, withoutReport } from './run-until-signal.ts'

/**
 * Tries one device: owlcms and its server on this computer, a person who does what is said, and a report. Ctrl-C
 * ends it early, with a report of what was seen. Exit code 1 when something is wrong or was not seen.
 */
export async function tryDevice(
  program: Program,
  { seat, version, json }: Extract<Command, { readonly kind: 'tryDevice' }>,
): Promise<void> {
  const log = await openLog('warn')
  const tell = json ? (text: string) => program.complain(text) : (text: string) => program.say(text)
  await runUntilSignal(program, log, async () => {
    const broker = await startDeviceBroker({ port: venuePort(program), log })
    const owlcms = startSimulatedOwlcms({
      address: { transport: 'tcp', host: '127.0.0.1', port: broker.owlcmsPort },
      platforms: [seat.platform],
      version,
      announcerConfirmsJury: false,
      clock: systemClock,
      random: program.random,
      log: log.child({ part: 'simulated owlcms' }),
    })
    tell(
      `Connect the device to this computer, port ${broker.devicePort}: plain MQTT, no password, platform "${seat.platform}". ` +
        'Connect nothing else.',
    )
    const trial = startTrial({
      seat,
      owlcms,
      line: broker.line,
      clock: systemClock,
      random: program.random,
      say: (words) => tell(`→ ${words}`),
    })
    const stop = async (): Promise<void> => {
      trial.stop()
      await owlcms.stop()
      await broker.stop()
    }
    void trial.done.then(async (report) => {
      program.say(json ? JSON.stringify(report, null, 2) : ['', ...reportLines(report)].join('\n'))
      await stop()
      program.exit(report.outcome === 'right' ? exitCodes.ok : exitCodes.runTime)
    })
    return withoutReport({ stop })
  })
}
