import { percentile } from './fan-out.ts'
import { pause } from './load/fleet.ts'
import { playRecording, playedPlatforms } from './load/recording.ts'
import { Viewers } from './load/viewers.ts'
import { cpuSeconds, residentBytes } from './machine.ts'
import { mqttDevice, phoneOf, startOwlcms, type Device } from './round-trip.ts'
import type { Server } from './servers.ts'

/** A hall that lifts: what the real owlcms said on two platforms, officials who press on others, viewers. */
export interface HallRun {
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

const officials = 20
/** Between two presses in the hall: many more than there are, for something to be measured in a few seconds. */
const pressEveryMs = 250
/** After a device has connected: nothing it presses from then on looks like an offline queue. */
const settleMs = 3_000

/** Nothing is recorded on these, so that each press there is good for the attempt. */
const pressPlatforms = Array.from({ length: Math.ceil(officials / 3) }, (_, at) => `P${at}`)

/** `bridges` are on one broker: the officials come by the first one, the viewers by each in turn. */
export async function hallRun(
  bridges: readonly [Server, ...Server[]],
  count: number,
  seconds: number,
  meanwhile: (viewers: number) => '/ws' | '/events' = (at) => (at % 10 === 9 ? '/events' : '/ws'),
): Promise<HallRun> {
  const [server] = bridges
  const ports = bridges.map(({ door }) => door.port)
  const total = (value: (pid: number) => number): number =>
    bridges.reduce((sum, { pid }) => sum + value(pid), 0)
  const broker = `mqtt://127.0.0.1:${server.publisherDoor.port}`
  const owlcms = await startOwlcms(broker, [...playedPlatforms, ...pressPlatforms])
  let viewers = new Viewers()
  let devices: readonly Device[] = []
  try {
    devices = await openOfficials(server)
    await pause(1_000)
    const before = total(residentBytes)
    await viewers.open(count, ports, meanwhile)
    await pause(settleMs)
    const bytesPerViewer = (total(residentBytes) - before) / count
    viewers.begin()
    const cpuBefore = total(cpuSeconds)
    const startedAt = performance.now()
    const [pressed] = await Promise.all([
      pressInTurn(devices, seconds),
      playRecording(owlcms, seconds, (topic, payload) => viewers.said(topic, payload)),
    ])
    const cpuMs = ((total(cpuSeconds) - cpuBefore) * 1e6) / (performance.now() - startedAt)
    const resident = total(residentBytes)
    // What is still under way.
    await pause(2_000)
    const { delays, missing, events } = viewers.outcome()
    const lost = viewers.lost
    for (const device of devices) device.close()
    viewers.close()
    await pause(500)
    const brokeAt = performance.now()
    viewers = new Viewers()
    const [again] = await Promise.all([openOfficials(server), viewers.open(count, ports, meanwhile)])
    devices = again
    return {
      viewers: count,
      eventP50Ms: at(delays, 0.5),
      eventP99Ms: at(delays, 0.99),
      events,
      missing: missing + lost,
      pressP50Ms: percentile(pressed.times, 0.5),
      pressP99Ms: percentile(pressed.times, 0.99),
      pressesLost: pressed.lost,
      cpuMs,
      residentBytes: resident,
      bytesPerViewer,
      backMs: performance.now() - brokeAt,
    }
  } finally {
    for (const device of devices) device.close()
    viewers.close()
    owlcms.end(true)
  }
}

/** Keypads and boxes in turn, three on each platform. */
async function openOfficials(server: Server): Promise<readonly Device[]> {
  const gate = `ws://127.0.0.1:${server.door.port}`
  return Promise.all(
    Array.from({ length: officials }, (_, official) => {
      const platform = pressPlatforms[Math.floor(official / 3)] ?? ''
      const referee = ((official % 3) + 1) as 1 | 2 | 3
      return official % 2 === 0 ? phoneOf(gate, platform, referee) : mqttDevice(gate, platform, referee, 1)
    }),
  )
}

async function pressInTurn(
  devices: readonly Device[],
  seconds: number,
): Promise<{ readonly times: readonly number[]; readonly lost: number }> {
  const times: number[] = []
  let lost = 0
  const endAt = performance.now() + seconds * 1000
  for (let turn = 0; performance.now() < endAt; turn += 1) {
    await pause(pressEveryMs)
    const ms = await devices[turn % devices.length]?.press?.()
    if (ms === undefined) lost += 1
    else times.push(ms)
  }
  return { times: times.toSorted((a, b) => a - b), lost }
}

const at = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
