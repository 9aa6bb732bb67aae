import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { scryptKey } from '../src/access/signing-keys.ts'
import { errorText } from '../src/support/errors.ts'
import { mustReach } from './bars.ts'
import { deployedMemory } from './deployed-memory.ts'
import { Audience, type Pace, type Scenario } from './fan-out.ts'
import { hallRun, type HallRun } from './hall.ts'
import { idleMemory } from './idle-memory.ts'
import { choosePinning, cpuSeconds, machineWords, othersShare, openFilesLimit, pinSelf } from './machine.ts'
import { Results, resultTables, stadiumPlot, withHalls } from './report.ts'
import { pause } from './load/fleet.ts'
import { roundTrips, type Contest, type Way } from './round-trip.ts'
import { smallestMachine } from './smallest-machine.ts'
import { startUps } from './start-up.ts'
import {
  Servers,
  serverLabels,
  serverNames,
  shippedProgram,
  type Server,
  type ServerName,
} from './servers.ts'
import { measureStream, streamLoads } from './stream.ts'

const usage = `npm run bench [-- --quick] [--write] [--repetitions=N] [--only=bridges|fan-out|guess|idle|memory|round-trip|smallest|stadium|start|stream|three-bridges]
    [--servers=bridge,limit] [--sizes=500,2000] [--scenarios=single,burst,flood,overload] [--against=<commit>] [--profile]
--write: RESULTS.md is written anew; with --only= one of the halls its rows and bars take the place of those there, and all others stay.
--against=<commit>: builds that commit's program in a temporary folder, and it takes turns with today's in fan-out.
--profile: the bridge and the stream's probe leave CPU profiles in artifacts/profiles (then its figures count for nothing).

Servers take turns at each scenario, so that a change of the machine's mood hits all of them. Exits 0 when it ran through, whatever the figures say.`
const words = process.argv.slice(2)
const options = readOptions()
const quick = options.quick === true
const repetitions = quick ? 1 : Number(options.repetitions ?? 3)
const only = options.only
const pace: Pace = quick
  ? { warmUpSeconds: 0.4, steadySeconds: 1, floodSeconds: 1 }
  : { warmUpSeconds: 0.4, steadySeconds: 2.2, floodSeconds: 1.6 }
/** When the whole must be done, in seconds; with `--only` there is no haste. */
const budgetSeconds = only !== undefined ? 3_600 : quick ? 120 : 720
let beganAt = 0

const sizesOfStadium = [100, 1_000, 10_000].filter((size) => chosen('sizes', String(size)))

/** Starts are short and vary much. */
const startsAtOnce = quick ? 2 : 5

/** What bars need first, should the time run out. */
const plan: readonly {
  readonly size: number
  readonly scenarios: readonly Scenario[]
  /** For no bar: in the first repetition only. */
  readonly once?: readonly Scenario[]
}[] = quick
  ? [
      { size: 100, scenarios: ['single'] },
      { size: 2_000, scenarios: ['single'] },
      { size: 500, scenarios: ['flood', 'burst', 'overload'] },
    ]
  : [
      { size: 100, scenarios: ['single'], once: ['burst', 'flood'] },
      { size: 2_000, scenarios: ['single'], once: ['burst'] },
      { size: 500, scenarios: ['flood', 'burst', 'overload'] },
    ]

const resultsFile = new URL('../../bench/RESULTS.md', import.meta.url)
const plotFile = new URL('../../bench/stadium.svg', import.meta.url)
const pinning = choosePinning()
const profile = options.profile === true
const against = options.against
const servers = new Servers(pinning, profile, against)
const results = new Results()
/** No bar needs them. */
const peers: readonly ServerName[] = ['hivemq', 'own', 'plain', 'aedes']
const usable = serverNames
  .filter((name) => chosen('servers', name) && (name !== 'earlier' || against !== undefined))
  .filter((name) => available(name))
  .filter(
    (name) => options.servers !== undefined || !peers.includes(name) || (!quick && against === undefined),
  )
/** Whose idle clients are weighed: one bridge stands for all. */
const weighed: readonly ServerName[] = quick ? ['bridge', 'limit'] : ['bridge', 'mosquitto', 'limit', 'aedes']
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/** A part of the bench, and the seconds that it needs: one that would end too late isn't begun, and stands under "Missing". */
type Part = readonly [name: string, seconds: number, measure: (repetition: number) => Promise<void>]

/** In each repetition. */
const repeated: readonly Part[] = [
  ['stream', quick ? 6 : 12, measureStreams],
  ['guess', 4, measureGuess],
  ['start', quick ? 4 : 9, measureStart],
  ['fan-out', quick ? 40 : 115, measureFanOut],
]

/** Long ones, once, whatever the number of repetitions. */
const once: readonly Part[] = [
  ['round-trip', quick ? 25 : 90, measureRoundTrip],
  ['idle', quick ? 25 : 60, measureIdles],
  ['memory', quick ? 8 : 35, measureDeployed],
  // A look at a few seconds of them says little.
  ...(quick && only === undefined
    ? []
    : ([
        ['smallest', 55, measureSmallest],
        ['stadium', 80, measureStadiums],
        ['bridges', 50, measureBridges],
      ] satisfies readonly Part[])),
  // Takes minutes.
  ...(only === 'three-bridges'
    ? ([['three-bridges', 90, measureThreeBridges]] satisfies readonly Part[])
    : []),
]
const all = [...Array.from({ length: repetitions }, () => repeated).flat(), ...once]

await main()

async function main(): Promise<void> {
  if (against !== undefined) servers.buildEarlier()
  beganAt = performance.now()
  pinSelf(pinning)
  const othersBefore = await othersShare()
  const left = all.filter(([name]) => only === undefined || only === name)
  for (const [at, [name, seconds, measure]] of left.entries()) {
    const repetition = 1 + left.slice(0, at).filter(([before]) => before === name).length
    const endsAt = (performance.now() - beganAt) / 1000 + seconds
    if (endsAt > budgetSeconds) results.missing.push(`${name}, repetition ${repetition}: no time left`)
    else await attempt(name, repetition, () => measure(repetition))
  }
  await servers.stop()
  const others = [othersBefore, await othersShare()] as const
  const report = [head(others), mustReach(results), resultTables(results), tail()].join('\n')
  console.log(`\n${report}`)
  if (options.write !== true) return
  const before = readFileSync(resultsFile, 'utf8')
  writeFileSync(
    resultsFile,
    only === undefined ? `${report}\n${propertiesOf(before)}` : withHalls(before, report),
  )
  const plot = stadiumPlot(results)
  if (plot !== undefined) writeFileSync(plotFile, plot)
}

/** The section of properties, which is written by hand and stays. */
function propertiesOf(before: string): string {
  const at = before.indexOf('## Properties\n')
  return at === -1 ? '' : before.slice(at)
}

function available(name: ServerName): boolean {
  if (Servers.hasMosquitto() || (name !== 'bridge' && name !== 'mosquitto')) return true
  results.missing.push(`${serverLabels[name]}: needs the mosquitto broker (Debian: apt install mosquitto)`)
  return false
}

/** One part; a failure is told and the rest goes on. */
async function attempt(what: string, repetition: number, part: () => Promise<void>): Promise<void> {
  const startedAt = performance.now()
  try {
    await part()
    console.error(
      `${repetition}/${repetitions} ${what}: ${Math.round((performance.now() - startedAt) / 100) / 10} s`,
    )
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    results.missing.push(`${what}, repetition ${repetition}: ${String(error)}${cause}`)
    console.error(results.missing.at(-1))
  }
}

async function measureStreams(): Promise<void> {
  for (const load of quick ? (['usual'] as const) : streamLoads) {
    results.streams.push(await measureStream(load, quick ? 0.7 : 1.5, pinning, profile))
  }
}

/** With the very function that the bridge uses. All threads counted, so that a busy machine changes little. */
async function measureGuess(): Promise<void> {
  for (let time = 0; time < 5; time += 1) {
    const before = process.cpuUsage()
    await scryptKey(`guess ${time}`, 'owlcms-bridge links\0hall')
    const { user, system } = process.cpuUsage(before)
    results.guesses.push((user + system) / 1000)
  }
}

async function measureStart(): Promise<void> {
  await servers.upstream()
  const { server, liveMs, readyMs } = await servers.startBridge([process.execPath], shippedProgram)
  results.starts.push({ liveMs, readyMs })
  await server.stop()
  for (let time = 0; time < startsAtOnce; time += 1) results.startUps.push(await startUps())
}

async function measureRoundTrip(repetition: number): Promise<void> {
  const contests: Contest[] = []
  const started: Server[] = []
  // Where the bridge runs, so that it is as far from the devices.
  const start = async (name: ServerName): Promise<Server> => {
    const server = await servers.start(name)
    started.push(server)
    return server
  }
  const add = (way: Way, broker: () => Promise<Server>): Promise<void> =>
    attempt(`press to echo, ${serverLabels[way]}`, repetition, async () => {
      contests.push({ way, bridge: await start(way), broker: await broker() })
    })
  try {
    await add('bridge', () => servers.upstream())
    if (!quick) await add('hivemq', () => servers.hivemq())
    await add('own', () => start('mosquitto'))
    results.roundTrips.push(
      ...(await roundTrips(contests, quick ? { presses: 6, warmUp: 60 } : { presses: 16, warmUp: 300 })),
    )
  } finally {
    for (const server of started) await server.stop()
  }
}

/**
 * All servers are up at once, each with its audience, and take turns at each scenario: what is compared was measured within a few
 * seconds, on the same machine in the same mood.
 */
async function measureFanOut(repetition: number): Promise<void> {
  const fielded = new Map<ServerName, Server>()
  for (const name of usable) {
    // It takes 5 s to start; what it costs the bridge to have it behind shows in one repetition.
    if (name === 'hivemq' && repetition > 1) continue
    await attempt(`start of ${serverLabels[name]}`, repetition, async () => {
      fielded.set(name, await servers.start(name))
    })
  }
  for (const { size, scenarios, once = [] } of plan) {
    if (!chosen('sizes', String(size))) continue
    const audiences = [...fielded].map(([name, server]) => ({ name, audience: new Audience(server, size) }))
    if (size === plan[0]?.size) {
      for (const { audience } of audiences) await audience.warmUp()
      if (repetition === 1 && !quick && options.scenarios === undefined) await measureQuiet(fielded)
    }
    for (const scenario of repetition === 1 ? [...scenarios, ...once] : scenarios) {
      if (!chosen('scenarios', scenario)) continue
      for (const { name, audience } of audiences) {
        if (leftOut(name, size, scenario)) continue
        await attempt(`${scenario}, ${size}, ${serverLabels[name]}`, repetition, async () => {
          const run = await audience.run(scenario, pace)
          results.fanOut.push({ server: name, size, scenario, repetition, run })
        })
      }
      // The next one first: nobody is always the first after a rest.
      audiences.push(...audiences.splice(0, 1))
    }
    for (const { audience } of audiences) audience.close()
  }
  for (const server of fielded.values()) await server.stop()
}

/** What each takes while its 100 clients are silent: all at the same time. */
async function measureQuiet(fielded: ReadonlyMap<ServerName, Server>): Promise<void> {
  const seconds = 6
  await pause(12_000)
  const before = [...fielded].map(([server, { pid }]) => ({ server, pid, cpu: cpuSeconds(pid) }))
  await pause(seconds * 1000)
  for (const { server, pid, cpu } of before) {
    results.quiet.push({ server, cpuMs: ((cpuSeconds(pid) - cpu) * 1000) / seconds })
  }
}

/** Peers that no bar needs tell their story in a few rows; aedes can't follow a large audience, and would take the time of all to show it. */
function leftOut(name: ServerName, size: number, scenario: Scenario): boolean {
  // Who can't follow takes 11 s to show it, and only the bridge is held to a bar there.
  if (quick && scenario === 'overload') return name !== 'bridge'
  if (name === 'aedes') return size > 500 || scenario !== 'single'
  if (name === 'hivemq') return scenario !== 'single' && !(size === 500 && scenario === 'flood')
  const isPeer = name === 'own' || name === 'plain'
  return isPeer && !(scenario === 'single' || (size === 500 && scenario !== 'overload'))
}

async function measureIdles(): Promise<void> {
  const clients = 10_000
  const limit = openFilesLimit()
  if (clients + 200 > limit) throw new Error(`only ${limit} open files are allowed here; raise "ulimit -n"`)
  for (const name of usable) {
    if (!weighed.includes(name)) continue
    const collectable = name !== 'mosquitto'
    const server = await servers.start(name, { collectable })
    try {
      results.idle.push({ server: name, clients, memory: await idleMemory(server, clients, collectable) })
    } finally {
      await server.stop()
    }
  }
}

async function measureSmallest(): Promise<void> {
  results.smallest.push(await smallestMachine(servers, quick ? 8 : 20))
}

async function measureStadiums(): Promise<void> {
  for (const viewers of sizesOfStadium) {
    const server = await servers.start('bridge')
    try {
      // The bars are held at the largest.
      const seconds = quick ? 5 : viewers === sizesOfStadium.at(-1) ? 15 : 8
      results.stadium.push(await hallRun([server], viewers, { seconds, everyMs: 100 }))
    } finally {
      await server.stop()
    }
  }
}

/** One bridge, then six on one broker, with 500 viewers each. */
async function measureBridges(): Promise<void> {
  for (const count of [1, 6]) results.bridges.push(await onOneBroker(count, 500 * count, 10))
}

/** Three bridges that share a stadium, of 30,000 unless `--sizes` says otherwise. */
async function measureThreeBridges(): Promise<void> {
  results.bridges.push(await onOneBroker(3, Number(options.sizes ?? 30_000), 15))
}

async function onOneBroker(count: number, viewers: number, seconds: number): Promise<HallRun> {
  const bridges: Server[] = []
  try {
    for (let at = 0; at < count; at += 1) {
      const { server } = await servers.startBridge(undefined, undefined, { BRIDGE_NAME: `bridge-${at}` })
      bridges.push(server)
    }
    const [first, ...others] = bridges
    if (first === undefined) throw new Error('there is one at least')
    return await hallRun([first, ...others], viewers, { seconds, everyMs: 100 })
  } finally {
    await Promise.all(bridges.map((bridge) => bridge.stop()))
  }
}

async function measureDeployed(): Promise<void> {
  results.deployed.push(await deployedMemory(servers, pace, quick ? 2 : 20))
}

function head([before, after]: readonly [number, number]): string {
  const command = ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ')
  return [
    '# Bench results',
    '',
    `${new Date().toISOString().slice(0, 10)}, \`${command}\`, medians of ${repetitions} repetition(s).`,
    '',
    `- ${machineWords()}`,
    `- other work on the machine: ${percent(before)} of its processors in the second before, ${percent(after)} in the second after`,
    `- ${pinning.words}`,
    '- publications: MQTT packets of 64 bytes, sent at QoS 1 to the stock brokers (the bridge’s and the others), at QoS 0 to the limit programs',
    '- load busy: share of its processor that the load generator used; near 100 % it is the limit itself',
    ...(against === undefined ? [] : [`- earlier: ${commitWords(against)}`]),
    `- node ${process.version}, ${mosquittoVersion()}, aedes ${versionOf('aedes')}, ws ${versionOf('ws')}`,
    '',
  ].join('\n')
}

/** The commit's hash, day and subject. */
function commitWords(commit: string): string {
  const words = ['log', '-1', '--format=%h, %ad, %s', '--date=short', commit]
  return spawnSync('git', words, { encoding: 'utf8' }).stdout.trim()
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function tail(): string {
  if (results.missing.length === 0) return ''
  return ['## Missing', '', ...results.missing.map((line) => `- ${line}`), ''].join('\n')
}

function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}

function mosquittoVersion(): string {
  const help = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto']
    .map((program) => spawnSync(program, ['-h'], { encoding: 'utf8' }))
    .find(({ error }) => error === undefined)
  return help?.stdout.split('\n', 1)[0]?.replace(' version', '') ?? 'no mosquitto'
}

function chosen(name: 'servers' | 'sizes' | 'scenarios', value: string): boolean {
  return options[name]?.split(',').includes(value) ?? true
}

/** Ends the program with what it takes where that was asked for, or something else was said. */
function readOptions() {
  const [flag, text] = [{ type: 'boolean' }, { type: 'string' }] as const
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        ...{ quick: flag, write: flag, profile: flag, help: flag },
        ...{ repetitions: text, only: text, servers: text, sizes: text, scenarios: text, against: text },
      },
    })
    if (values.help !== true) return values
  } catch (error) {
    console.error(`${errorText(error)}\n\n${usage}`)
    process.exit(2)
  }
  console.log(usage)
  process.exit(0)
}
