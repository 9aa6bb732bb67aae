import mqtt, { type MqttClient } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { startSimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock, type Clock } from '../../src/support/clock.ts'
import { startDeviceBroker } from '../../src/trial/device-broker.ts'
import type { TrialReport } from '../../src/trial/finding.ts'
import { reportLines } from '../../src/trial/print.ts'
import { stepsFor } from '../../src/trial/steps.ts'
import { startTrial } from '../../src/trial/trial.ts'
import { laterThanAll } from '../support/later.ts'
import { silentLog } from '../support/silent-log.ts'

/** A trial takes a minute of people's time; sockets and programs are real, and the minute goes faster. */
const faster = 6
const fastClock: Clock = {
  ...systemClock,
  now: () => systemClock.now() * faster,
  setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / faster, callback),
  repeat: (everyMs, callback) => systemClock.repeat(everyMs / faster, callback),
}

const later = laterThanAll()

async function tryMqttJs(queueQoSZero: boolean): Promise<TrialReport> {
  const platform = 'A' as Platform
  const seat = { platform, role: 'referee', number: 2 } as const
  const broker = later(await startDeviceBroker({ port: 0, log: silentLog }))
  const owlcms = later(
    startSimulatedOwlcms({
      address: { transport: 'tcp', host: '127.0.0.1', port: broker.owlcmsPort },
      platforms: [platform],
      announcerConfirmsJury: false,
      clock: fastClock,
      random: () => 0.5,
      log: silentLog,
    }),
  )
  const steps = new Map(stepsFor(seat).map((step) => [step.words, step]))
  const devices: MqttClient[] = []
  const trial = startTrial({
    seat,
    owlcms,
    line: broker.line,
    clock: fastClock,
    random: () => 0.5,
    say(words) {
      const step = steps.get(words)
      if (step === undefined) return
      const payload = step.expected?.payload ?? (step.act === 'cutLine' ? '2 bad' : undefined)
      if (payload === undefined) return
      fastClock.setTimer(600, () => devices[0]?.publish(`owlcms/refbox/decision/${platform}`, payload))
    },
  })
  const device = mqtt.connect(`mqtt://127.0.0.1:${broker.devicePort}`, {
    clientId: 'box-2',
    reconnectPeriod: 100,
    queueQoSZero,
  })
  devices.push(device)
  device.on('error', () => undefined)
  device.subscribe('owlcms/fop/#')
  later({ stop: () => device.endAsync(true) })
  return trial.done
}

describe('a trial over real sockets', { timeout: 60_000 }, () => {
  it.concurrent('finds nothing wrong with MQTT.js whose offline queue is off', async () => {
    const report = await tryMqttJs(false)
    expect(report.findings.filter(({ verdict }) => verdict !== 'right')).toEqual([])
    expect(reportLines(report).at(-1)).toBe('Nothing is wrong with this device.')
  })

  it.concurrent('finds the offline queue that MQTT.js has by itself', async () => {
    const report = await tryMqttJs(true)
    expect(report.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check)).toEqual([
      'late flush',
    ])
  })
})
