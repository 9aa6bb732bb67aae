import mqtt, { type MqttClient } from 'mqtt'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Platform } from '../src/protocol/owlcms/topics.ts'
import { percentile } from './fan-out.ts'
import { pause } from './load/fleet.ts'
import { tokenOf } from './load/tokens.ts'
import type { Server, ServerName } from './servers.ts'

/** Through a bridge in front of a stock broker, and through one that is the broker itself. */
export const ways = ['bridge', 'hivemq', 'own'] as const satisfies readonly ServerName[]
export type Way = (typeof ways)[number]

export const deviceNames = [
  'mqtt, QoS 0',
  'mqtt, QoS 1',
  '/mqtt, QoS 0',
  '/mqtt, QoS 1',
  '/ws',
  'hall',
] as const
export type DeviceName = (typeof deviceNames)[number]

/** Milliseconds from a press to owlcms's echo at the same device. */
interface Times {
  readonly p50: number
  readonly p99: number
}

/** Presses of one kind of device at a bridge, and in turn with them those of two devices at a stock broker without any bridge. */
export interface RoundTrips {
  readonly way: Way
  readonly device: DeviceName
  readonly through: Times
  /** The device as clubs have it: one connection (TCP), which presses and hears. */
  readonly same: Times
  /** The quickest that there can be: it presses on one connection and hears on another. */
  readonly quickest: Times
  readonly lost: number
}

/** A bridge, and the stock broker beside it: the one behind it, or for one that is a broker itself one that runs where the bridge does. */
export interface Contest {
  readonly way: Way
  readonly bridge: Server
  readonly broker: Server
}

/** Presses are further apart than a delayed acknowledgement takes (40 ms), as people's are; a device's own by as many times as there are devices. */
const apartMs = 60

/** After a device has connected: nothing it presses from then on looks like an offline queue. */
const settleMs = 3_000

/** More than the bridge keeps between two messages of a platform. */
const warmUpApartMs = 6

const platforms = ['P0', 'P1', 'P2', 'P3']
const viewers = 50

/** Devices that press in each other's stead, and how long it took. */
interface Lane {
  readonly devices: readonly Device[]
  readonly times: number[]
  lost: number
}

interface Row {
  readonly way: Way
  readonly device: DeviceName
  readonly lanes: Readonly<Record<'through' | 'same' | 'quickest', Lane>>
}

type Open = <T extends { close(): void }>(made: Promise<T>) => Promise<T>

/**
 * Presses and their echoes, `presses` of each lane after so many to `warmUp`, all lanes of all contests in turn, so that all see the same machine. The brokers run
 * as they are installed; a stand-in for owlcms at each answers each decision at QoS 1, as owlcms does.
 */
export async function roundTrips(
  contests: readonly Contest[],
  { presses, warmUp }: { readonly presses: number; readonly warmUp: number },
): Promise<RoundTrips[]> {
  const opened: { close(): void }[] = []
  const open: Open = async (made) => {
    const one = await made
    opened.push(one)
    return one
  }
  try {
    const ports = contests.flatMap(({ bridge, broker }) => [
      bridge.publisherDoor.port,
      broker.publisherDoor.port,
    ])
    for (const port of new Set(ports)) {
      const owlcms = await startOwlcms(`mqtt://127.0.0.1:${port}`)
      opened.push({ close: () => void owlcms.end(true) })
    }
    const alone = await inTurn(contests, (contest) => openAlone(contest, open))
    await pause(settleMs)
    await Promise.all(
      contests.map(({ way }) =>
        warm(
          alone.filter((row) => row.way === way),
          warmUp,
        ),
      ),
    )
    await press(alone, presses)
    const hall = await inTurn(contests, (contest) => openHall(contest, open))
    await pause(settleMs)
    await press(hall, presses)
    return [...alone, ...hall].map(({ way, device, lanes: { through, same, quickest } }) => {
      const lost = through.lost + same.lost + quickest.lost
      return {
        way,
        device,
        through: timesOf(through),
        same: timesOf(same),
        quickest: timesOf(quickest),
        lost,
      }
    })
  } finally {
    for (const each of opened) each.close()
  }
}

async function inTurn<T, R>(list: readonly T[], make: (one: T) => Promise<readonly R[]>): Promise<R[]> {
  const made: R[] = []
  for (const one of list) made.push(...(await make(one)))
  return made
}

/** One device of each kind. */
async function openAlone({ way, bridge, broker }: Contest, open: Open): Promise<Row[]> {
  const gate = `ws://127.0.0.1:${bridge.door.port}`
  const beside = [await openBeside(broker, 0, open), await openBeside(broker, 1, open)] as const
  const row = async (device: DeviceName, qos: 0 | 1, made: Promise<Device>): Promise<Row> => ({
    ...{ way, device },
    lanes: { through: laneOf([await open(made)]), ...beside[qos] },
  })
  const rows = [
    await row('/mqtt, QoS 0', 0, mqttDevice(`${gate}/mqtt`, 'P0', 2, 0)),
    await row('/mqtt, QoS 1', 1, mqttDevice(`${gate}/mqtt`, 'P0', 3, 1)),
    await row('/ws', 0, phoneOf(gate, 'P0', 1)),
  ]
  if (bridge.tcpPort === undefined) return rows
  const port = `mqtt://127.0.0.1:${bridge.tcpPort}`
  return [
    await row('mqtt, QoS 0', 0, mqttDevice(port, 'P1', 2, 0)),
    await row('mqtt, QoS 1', 1, mqttDevice(port, 'P1', 3, 1)),
    ...rows,
  ]
}

/** Keypads and boxes on two platforms, and viewers. */
async function openHall({ way, bridge, broker }: Contest, open: Open): Promise<Row[]> {
  const gate = `ws://127.0.0.1:${bridge.door.port}`
  const devices: Device[] = []
  for (const platform of platforms.slice(2)) {
    devices.push(await open(phoneOf(gate, platform, 1)))
    devices.push(await open(mqttDevice(`${gate}/mqtt`, platform, 2, 0)))
    devices.push(await open(mqttDevice(`${gate}/mqtt`, platform, 3, 1)))
  }
  for (let viewer = 0; viewer < viewers; viewer += 1) await open(viewerOf(gate))
  return [
    { way, device: 'hall', lanes: { through: laneOf(devices), ...(await openBeside(broker, 0, open)) } },
  ]
}

async function openBeside(broker: Server, qos: 0 | 1, open: Open): Promise<{ same: Lane; quickest: Lane }> {
  const at = `mqtt://127.0.0.1:${broker.publisherDoor.port}`
  directs += 1
  return {
    same: laneOf([await open(mqttDevice(at, `same${directs}`, 1, qos))]),
    quickest: laneOf([await open(quickestDevice(at, `quick${directs}`, qos))]),
  }
}

/** Each on a platform of its own. */
let directs = 0

const laneOf = (devices: readonly Device[]): Lane => ({ devices, times: [], lost: 0 })

/** A hall is on for hours and has thousands of messages: until then all that is called once a message has been compiled, here and in Java. */
async function warm(rows: readonly Row[], presses: number): Promise<void> {
  for (const { lanes } of rows) {
    for (let time = 0; time < presses; time += 1) {
      for (const { devices } of [lanes.through, lanes.quickest]) await devices[0]?.press?.()
      await pause(warmUpApartMs)
    }
  }
}

const lanesOf = (rows: readonly Row[]): readonly Lane[] => [
  ...new Set(rows.flatMap((row) => Object.values(row.lanes))),
]

async function press(rows: readonly Row[], count: number): Promise<void> {
  const lanes = lanesOf(rows)
  for (let round = 0; round < count; round += 1) {
    for (const lane of lanes) {
      await pause(apartMs)
      const ms = await lane.devices[round % lane.devices.length]?.press?.()
      if (ms === undefined) lane.lost += 1
      else lane.times.push(ms)
    }
  }
}

function timesOf({ times }: Lane): Times {
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}

export interface Device {
  /** Milliseconds until owlcms's echo is here; undefined after a second without it. Absent for a viewer. */
  readonly press?: () => Promise<number | undefined>
  close(): void
}

/** Answers the bridge's question and each decision. */
export async function startOwlcms(at: string, names: readonly string[] = platforms): Promise<MqttClient> {
  const owlcms = await mqtt.connectAsync(at, { clientId: 'P_owlcms_bench' })
  await owlcms.subscribeAsync(['owlcms/refbox/decision/+', 'owlcms/config'], { qos: 0 })
  const config = JSON.stringify({ jurySize: 3, platforms: names, version: '64.0.0' })
  owlcms.on('message', (topic, payload) => {
    if (topic === 'owlcms/config') owlcms.publish('owlcms/fop/config', config, { qos: 1 })
    else owlcms.publish(topic.replace('refbox', 'fop'), payload, { qos: 1 })
  })
  owlcms.publish('owlcms/fop/config', config, { qos: 1 })
  return owlcms
}

/** It presses on one connection and hears on another. */
async function quickestDevice(at: string, platform: string, qos: 0 | 1): Promise<Device> {
  const [sends, hears] = [await mqtt.connectAsync(at), await mqtt.connectAsync(at)]
  return mqttPress(sends, hears, { platform, referee: 1, qos })
}

/** One connection, as a referee's box has it. */
export async function mqttDevice(at: string, platform: string, referee: number, qos: 0 | 1): Promise<Device> {
  const client = await mqtt.connectAsync(at, { clientId: `bench-${platform}-${referee}` })
  return mqttPress(client, client, { platform, referee, qos })
}

async function mqttPress(
  sends: MqttClient,
  hears: MqttClient,
  { platform, referee, qos }: { readonly platform: string; readonly referee: number; readonly qos: 0 | 1 },
): Promise<Device> {
  let heard: (payload: string) => void = () => undefined
  await hears.subscribeAsync(`owlcms/fop/decision/${platform}`, { qos })
  hears.on('message', (_topic, payload) => heard(payload.toString()))
  const press = `${referee} good`
  return {
    press: () =>
      timed(
        (echoed) => (heard = (payload) => payload === press && echoed()),
        () => sends.publish(`owlcms/refbox/decision/${platform}`, press, { qos }),
      ),
    close() {
      sends.end(true)
      hears.end(true)
    },
  }
}

/** A keypad: presses and hears on /ws. */
export async function phoneOf(gate: string, platform: string, referee: 1 | 2 | 3): Promise<Device> {
  const seat = { platform: platform as Platform, role: 'referee', number: referee } as const
  const token = await tokenOf({ purpose: 'seat', seat })
  const { socket, onMessage } = await startStream(gate, { token, platforms: [platform] })
  let presses = 0
  return {
    press() {
      presses += 1
      const command = { kind: 'refereeDecision', referee, value: 'good' }
      const message = { type: 'press', id: String(presses), platform, command }
      return timed(
        (echoed) =>
          onMessage((said) => {
            if (said.type === 'error') throw new Error(`press refused: ${JSON.stringify(said)}`)
            if (said.type === 'event' && said.topic === `owlcms/fop/decision/${platform}`) echoed()
          }),
        () => socket.send(JSON.stringify(message)),
      )
    },
    close: () => socket.terminate(),
  }
}

async function viewerOf(gate: string): Promise<Device> {
  const { socket } = await startStream(gate, { platforms: 'all' })
  return { close: () => socket.terminate() }
}

interface Said {
  readonly type: string
  readonly topic?: string
}

async function startStream(
  gate: string,
  start: object,
): Promise<{ readonly socket: WebSocket; readonly onMessage: (listener: (said: Said) => void) => void }> {
  const socket = new WebSocket(`${gate}/ws`)
  let listener: (said: Said) => void = () => undefined
  const snapshot = new Promise<void>((resolve, reject) => {
    socket.once('close', (code) => reject(new Error(`/ws closed with ${code}`)))
    listener = ({ type }) => {
      if (type === 'hello') socket.send(JSON.stringify({ type: 'start', schema: 1, ...start }))
      if (type === 'snapshot') resolve()
    }
  })
  socket.on('message', (data: Buffer) => listener(JSON.parse(data.toString()) as Said))
  await once(socket, 'open')
  await snapshot
  return { socket, onMessage: (next) => (listener = next) }
}

function timed(listen: (echoed: () => void) => void, press: () => void): Promise<number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), 1_000)
    const sentAt = performance.now()
    listen(() => {
      clearTimeout(timer)
      resolve(performance.now() - sentAt)
    })
    press()
  })
}
