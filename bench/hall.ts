import mqtt from 'mqtt'
import { percentile } from './fan-out.ts'
import { pause } from './load/fleet.ts'
import { Officials, type Presses } from './load/officials.ts'
import { playRecording, playedPlatforms } from './load/recording.ts'
import { Crowd } from './load/crowd.ts'
import { cpuSeconds, residentBytes } from './machine.ts'
import type { Server } from './servers.ts'

/** A hall that lifts: what the real owlcms said on two platforms, officials who press on others, viewers. */
export interface HallRun {
  readonly bridges: number
  readonly viewers: number
  /** Milliseconds from owlcms's word to a viewer. */
  readonly eventP50Ms: number
  readonly eventP99Ms: number
  readonly events: number
  /** Events that some viewer was not told, and viewers whose line broke. */
  readonly missing: number
  /** Milliseconds from an official's press to its echo. */
  readonly pressP50Ms: number
  readonly pressP99Ms: number
  readonly pressesLost: number
  /** Milliseconds of processor time a second while it lifts; of all bridges. */
  readonly cpuMs: number
  readonly residentBytes: number
  readonly bytesPerViewer: number
  /** Milliseconds until all viewers and officials are back, after all lines broke at once. */
  readonly backMs: number
}

/**
 * `bridges` are on one broker: the officials come by the first one, the viewers by each in turn. The first `settleSeconds` don't count:
 * until the last who came has settled.
 */
export async function hallRun(
  bridges: readonly [Server, ...Server[]],
  count: number,
  presses: Presses,
  settleSeconds = 3,
): Promise<HallRun> {
  const [server] = bridges
  const total = (value: (pid: number) => number): number =>
    bridges.reduce((sum, { pid }) => sum + value(pid), 0)
  const brokerPort = server.publisherDoor.port
  const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${brokerPort}`)
  const officials = new Officials({ brokerPort, bridgePort: server.door.port, platforms: playedPlatforms })
  const viewers = new Crowd(
    count,
    bridges.map(({ door }) => door.port),
  )
  try {
    await officials.open()
    await pause(1_000)
    const before = total(residentBytes)
    await viewers.open()
    // Not counted: a hall is on for hours, and what nobody has used for a while is slow.
    await Promise.all([
      officials.press({ ...presses, seconds: settleSeconds }),
      playRecording(owlcms, settleSeconds),
    ])
    await pause(500)
    const bytesPerViewer = (total(residentBytes) - before) / count
    await viewers.begin()
    const cpuBefore = total(cpuSeconds)
    const startedAt = performance.now()
    const [pressed] = await Promise.all([
      officials.press(presses),
      playRecording(owlcms, presses.seconds, (topic, payload) => viewers.said(topic, payload)),
    ])
    const cpuMs = ((total(cpuSeconds) - cpuBefore) * 1e6) / (performance.now() - startedAt)
    const resident = total(residentBytes)
    // What is still under way.
    await pause(2_000)
    const { delays, missing, events } = await viewers.outcome()
    await officials.close()
    await viewers.close()
    await pause(500)
    const backMs = await untilBack(officials, viewers)
    return {
      bridges: bridges.length,
      viewers: count,
      eventP50Ms: at(delays, 0.5),
      eventP99Ms: at(delays, 0.99),
      events,
      missing,
      pressP50Ms: percentile(pressed.times, 0.5),
      pressP99Ms: percentile(pressed.times, 0.99),
      pressesLost: pressed.lost,
      cpuMs,
      residentBytes: resident,
      bytesPerViewer,
      backMs,
    }
  } finally {
    viewers.end()
    owlcms.end(true)
    await officials.end()
  }
}

/** Milliseconds until all are in; NaN, and a line on standard error, when somebody did not get in within a minute. */
async function untilBack(officials: Officials, viewers: Crowd): Promise<number> {
  const brokeAt = performance.now()
  try {
    await Promise.all([officials.open(), viewers.open()])
    return performance.now() - brokeAt
  } catch (error) {
    console.error(error)
    return NaN
  }
}

const at = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
