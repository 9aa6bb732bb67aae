import { startShow } from '../simulator/show.ts'
import { systemClock } from '../support/clock.ts'
import type { BrokerAccess } from '../simulator/broker-link.ts'
import { startDeviceBroker } from '../trial/device-broker.ts'
import { exitCodes, type Command } from './command-line.ts'
import { loadSettings, openLog, venuePort, type Program } from './program.ts'
import { runUntilSignal, withoutReport } from './run-until-signal.ts'

/** Plays owlcms: on the broker of the four settings, or on one of its own where there are none. */
export async function simulate(
  program: Program,
  command: Extract<Command, { readonly kind: 'simulate' }>,
): Promise<void> {
  const { platforms, version, jurySize, people, properties, file } = command
  const log = await openLog('warn')
  const { env, random } = program
  const isTold =
    properties.length > 0 || file !== undefined || (env['OWLCMS_MQTTSERVER']?.trim() ?? '') !== ''
  const loaded = isTold ? loadSettings(program, command) : undefined
  if (loaded?.kind === 'faulty') {
    for (const { what, nextStep } of loaded.faults) program.complain(`${what} ${nextStep}`)
    program.endWith(exitCodes.configuration)
    return
  }
  await runUntilSignal(program, log, async () => {
    const own = loaded === undefined ? await startDeviceBroker({ port: venuePort(program), log }) : undefined
    const access: BrokerAccess =
      loaded?.config.broker ??
      ({ address: { transport: 'tcp', host: '127.0.0.1', port: own?.owlcmsPort ?? 0 } } as const)
    const show = startShow({
      platforms: Object.fromEntries(platforms.map((name) => [name, people ? 'humans' : 'robots'])),
      version,
      jurySize,
      owlcms: access,
      devices: access,
      clock: systemClock,
      random,
      log,
    })
    const { host, port } =
      own === undefined ? access.address : { host: 'this computer', port: own.devicePort }
    program.say(
      `A simulated owlcms ${version} is running on ${host}, port ${port}. Platforms: ${platforms.join(', ')}.`,
    )
    program.say(
      people
        ? 'You are the referees and the jury; the clock runs by itself. Ctrl-C stops it.'
        : 'Everything runs by itself, referees and jury included. Ctrl-C stops it.',
    )
    return withoutReport({
      stop: () => show.stop().then(() => own?.stop()),
    })
  })
}
