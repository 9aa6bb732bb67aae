import mqtt, { type MqttClient } from 'mqtt'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Platform } from '../src/protocol/owlcms/topics.ts'
import { percentile } from './fan-out.ts'
import { pause } from './load/fleet.ts'
import { tokenOf } from './load/tokens.ts'
import type { Server } from './servers.ts'

const atBridge = ['/mqtt, QoS 0', '/mqtt, QoS 1', '/ws', 'hall'] as const
const ownBroker = 'its own broker: '
/** Through a bridge in front of the broker, and through one that is the broker itself. */
export const trips = [...atBridge, ...atBridge.map((trip) => `${ownBroker}${trip}` as const)] as const
export const isOwn = (trip: Trip): boolean => trip.startsWith(ownBroker)
export type Trip = (typeof trips)[number]

export interface RoundTrips {
  readonly trip: Trip
  /** Milliseconds, median: from a press of a device at the bridge to owlcms's echo at the same device. */
  readonly throughBridgeMs: number
  /** The same for a device connected to the broker behind it, which hears on a connection of its own. */
  readonly atBrokerMs: number
  readonly lost: number
}

/** Presses are further apart than a delayed acknowledgement takes (40 ms), as people's are. */
const apartMs = 130

/** After a device has connected: nothing it presses from then on looks like an offline queue. */
const settleMs = 3_000

const platforms = ['P0', 'P1', 'P2', 'P3']
const viewers = 50

/**
 * Presses and their echoes, `count` on each way: through the bridge and at its broker in turn, so that both see the same
 * machine. The broker runs as Debian configures it; a stand-in for owlcms answers each decision at QoS 1, as owlcms does. A bridge
 * that is a broker itself has a stand-in of its own.
 */
export async function roundTrips(bridge: Server, broker: Server, count: number): Promise<RoundTrips[]> {
  const at = `mqtt://127.0.0.1:${broker.publisherDoor.port}`
  const isBroker = bridge.publisherDoor.port !== broker.publisherDoor.port
  const named = (trip: (typeof atBridge)[number]): Trip => (isBroker ? `${ownBroker}${trip}` : trip)
  const owlcms = [await startOwlcms(at)]
  if (isBroker) owlcms.push(await startOwlcms(`mqtt://127.0.0.1:${bridge.publisherDoor.port}`))
  const opened: Device[] = []
  const open = async (device: Promise<Device>): Promise<Device> => {
    opened.push(await device)
    return opened.at(-1)!
  }
  const gate = `ws://127.0.0.1:${bridge.door.port}`
  try {
    const direct = [await open(directDevice(at, 0)), await open(directDevice(at, 1))] as const
    const qos0 = await open(mqttDevice(gate, 'P0', 2, 0))
    const qos1 = await open(mqttDevice(gate, 'P0', 3, 1))
    const phone = await open(phoneOf(gate, 'P1', 1))
    const rows: RoundTrips[] = [
      await measure(named('/mqtt, QoS 0'), [qos0], direct[0], count),
      await measure(named('/mqtt, QoS 1'), [qos1], direct[1], count),
      await measure(named('/ws'), [phone], direct[1], count),
    ]
    for (const platform of platforms.slice(2)) {
      await open(phoneOf(gate, platform, 1))
      await open(mqttDevice(gate, platform, 2, 0))
      await open(mqttDevice(gate, platform, 3, 1))
    }
    for (let viewer = 0; viewer < viewers; viewer += 1) await open(viewerOf(gate))
    const hall = opened.filter((device) => device.press !== undefined && !direct.includes(device))
    rows.push(await measure(named('hall'), hall, direct[1], count))
    return rows
  } finally {
    for (const device of opened) device.close()
    for (const each of owlcms) each.end(true)
  }
}

async function measure(
  trip: Trip,
  devices: readonly Device[],
  direct: Device,
  count: number,
): Promise<RoundTrips> {
  const times: { through: number[]; direct: number[] } = { through: [], direct: [] }
  let lost = 0
  await pause(settleMs)
  for (let round = 0; round < count; round += 1) {
    for (const way of ['through', 'direct'] as const) {
      await pause(apartMs)
      const device = way === 'direct' ? direct : devices[round % devices.length]
      const ms = await device?.press?.()
      if (ms === undefined) lost += 1
      else times[way].push(ms)
    }
  }
  const middle = (list: number[]) =>
    percentile(
      list.toSorted((a, b) => a - b),
      0.5,
    )
  return { trip, throughBridgeMs: middle(times.through), atBrokerMs: middle(times.direct), lost }
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

/** The quickest there can be: it presses on one connection and hears on another. */
async function directDevice(at: string, qos: 0 | 1): Promise<Device> {
  const platform = `direct${qos}`
  const [sends, hears] = [await mqtt.connectAsync(at), await mqtt.connectAsync(at)]
  return mqttPress(sends, hears, { platform, referee: 1, qos })
}

/** One connection, as a referee's box has it. */
export async function mqttDevice(
  gate: string,
  platform: string,
  referee: number,
  qos: 0 | 1,
): Promise<Device> {
  const client = await mqtt.connectAsync(`${gate}/mqtt`, { clientId: `bench-${platform}-${referee}` })
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
