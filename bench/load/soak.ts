import type { MqttClient } from 'mqtt'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { startMosquitto } from '../../test/support/mosquitto.ts'
import { freePort, startProgram, type Program } from '../../test/support/program.ts'
import { cpuSeconds, residentBytes } from '../machine.ts'
import { startAttack, type Attack, type Attackers } from './attacks.ts'
import { pause, until } from './fleet.ts'
import { benchSecret, tokenOf } from './tokens.ts'
import { owlcmsAt, PlayedPlatform, recordedSession, type Figures, type Venue } from './session.ts'

export interface SoakOptions {
  readonly seconds: number
  /** How many times as fast as it was the session is played. */
  readonly speed: number
  readonly platforms: readonly string[]
  /** Milliseconds between two pings of a platform's keypads. */
  readonly pingEveryMs: number
  /** It goes on until so many presses and pings were answered, however slow the machine is; or until one was not. */
  readonly atLeast?: number
  /** Called so often while it goes on, with the bytes that the bridge has in RAM. */
  readonly everySeconds?: number
  readonly told?: (seconds: number, bytes: number) => void
}

/** What the officials of a soak saw, and what it cost the bridge. */
export interface Soaked {
  readonly figures: Figures
  /** Most bytes in RAM. */
  readonly peakBytes: number
  /** By how much the event loop was late, p99 in milliseconds. */
  readonly loopP99Ms: number
  /** Share of a processor. */
  readonly cpu: number
  /** Connections of the attackers. */
  readonly connections: number
}

const username = 'hall'
const password = 'planted-Secret-8472'

/** After a device has connected nothing that it presses looks like an offline queue any more. */
const settleMs = 1_500
const sampleMs = 100

/** What goes on beside the officials. */
export type Beside = (venue: Venue) => Promise<Attackers>

/** An attack, with the tokens that it needs. */
export const attackedBy =
  ([, script]: Attack): Beside =>
  async ({ bridgePort: port, hallPort }) => {
    const viewer = await tokenOf({ purpose: 'viewer' })
    const place = { platform: 'A' as Platform, role: 'juryMember', number: 5 } as const
    const seat = await tokenOf({ purpose: 'seat', seat: place })
    return startAttack(script({ port, hallPort, viewer, seat, username, password }), port)
  }

/** The shipped program and a broker; officials who play a recorded session over and over, and what goes on beside them. */
export async function soak(beside: Beside, options: SoakOptions): Promise<Soaked> {
  const broker = await startMosquitto({
    transport: 'tcp',
    users: { [username]: password },
    // What a stock one holds back is not what this is about (bench/NOTES.md).
    settings: ['set_tcp_nodelay true'],
  })
  const [port, metricsPort, hallPort] = [await freePort(), await freePort(), await freePort()]
  const program = startProgram({
    ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(broker.port) },
    ...{ OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password, BRIDGE_SECRET: benchSecret },
    ...{ PORT: String(port), BRIDGE_METRICS_PORT: String(metricsPort), BRIDGE_LOG_LEVEL: 'error' },
    BRIDGE_VENUE_PORT: String(hallPort),
  })
  const venue: Venue = {
    ...{ bridgePort: port, hallPort, brokerPort: broker.port, username, password },
    tokenOf: (seat) => tokenOf({ purpose: 'seat', seat }),
  }
  const figures: Figures = { answers: [], echoes: [], pings: [], refused: [] }
  const played: PlayedPlatform[] = []
  let owlcms: MqttClient | undefined
  try {
    owlcms = await owlcmsAt(venue, options.platforms)
    const ready = `http://127.0.0.1:${port}/readyz`
    await answered(ready)
    for (const name of options.platforms) played.push(await PlayedPlatform.open(name, venue, owlcms, figures))
    await pause(settleMs)
    await loopP99Ms(metricsPort)
    return await watched(program, metricsPort, await beside(venue), played, figures, options)
  } finally {
    for (const platform of played) platform.close()
    owlcms?.end(true)
    await program.kill()
    await broker.stop()
  }
}

async function watched(
  { pid }: Program,
  metricsPort: number,
  attackers: Attackers,
  played: readonly PlayedPlatform[],
  figures: Figures,
  { seconds, speed, pingEveryMs, atLeast = 0, everySeconds = seconds, told = () => undefined }: SoakOptions,
): Promise<Soaked> {
  const [began, cpuBefore] = [performance.now(), cpuSeconds(pid)]
  const ends = began + seconds * 1000
  let peakBytes = 0
  let nextTold = everySeconds
  const timer = setInterval(() => {
    const bytes = residentBytes(pid)
    peakBytes = Math.max(peakBytes, bytes)
    if ((performance.now() - began) / 1000 < nextTold) return
    told(nextTold, bytes)
    nextTold += everySeconds
  }, sampleMs)
  try {
    const lines = recordedSession()
    const { answers, pings, refused } = figures
    const isOver = (): boolean =>
      performance.now() >= ends && (refused.length > 0 || Math.min(answers.length, pings.length) >= atLeast)
    await Promise.all(
      played.flatMap((one) => [one.play(lines, speed, isOver), one.ping(pingEveryMs, isOver)]),
    )
    const cpu = (cpuSeconds(pid) - cpuBefore) / ((performance.now() - began) / 1000)
    return {
      ...{ figures, peakBytes, cpu, connections: attackers.connections },
      loopP99Ms: await loopP99Ms(metricsPort),
    }
  } finally {
    clearInterval(timer)
    await attackers.stop()
  }
}

/** Since it was last asked. */
async function loopP99Ms(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const seconds = /event_loop_delay_seconds\{quantile="0\.99"\} (\S+)/.exec(text)?.[1]
  return Number(seconds) * 1000
}

async function answered(url: string): Promise<void> {
  let good = false
  const look = (): void => {
    fetch(url).then(
      ({ ok }) => (good ||= ok),
      () => undefined,
    )
  }
  const came = await until(() => {
    if (!good) look()
    return good
  }, 15_000)
  if (!came) throw new Error(`no good answer from ${url}`)
}
