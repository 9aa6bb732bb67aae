import { percentile } from './fan-out.ts'
import { openLine, type Door, type Line } from './load/line.ts'
import { publishPacket } from './load/packets.ts'
import type { Server } from './servers.ts'

export interface RoundTrips {
  /** Milliseconds, median: a press from a client of the bridge to another client of it. */
  readonly throughBridgeMs: number
  /** The same between two clients of the broker behind it. */
  readonly brokerAloneMs: number
  readonly lost: number
}

/** Enough for the compiler to know the path: a bridge in a hall has run for hours. */
const warmUp = 500

/** Presses of one platform keep 5 ms from each other, so each round is another platform's. */
const platforms = 32

/**
 * A referee's press and its way back to a subscriber, `count` times through the bridge and directly at
 * its broker, in turn, so that both see the same machine.
 */
export async function roundTrips(bridge: Server, broker: Server, count: number): Promise<RoundTrips> {
  const through = await openPath(bridge.door, 'owlcms/refbox/decision', 'through')
  const alone = await openPath(broker.publisherDoor, 'owlcms/bench/decision', 'alone')
  const times: { through: number[]; alone: number[] } = { through: [], alone: [] }
  let lost = 0
  for (let round = 0; round < count + warmUp; round += 1) {
    const [a, b] = [await through.press(round % platforms), await alone.press(round % platforms)]
    if (round < warmUp) continue
    if (a === undefined || b === undefined) {
      lost += 1
      continue
    }
    times.through.push(a)
    times.alone.push(b)
  }
  through.close()
  alone.close()
  return {
    throughBridgeMs: percentile(
      times.through.toSorted((a, b) => a - b),
      0.5,
    ),
    brokerAloneMs: percentile(
      times.alone.toSorted((a, b) => a - b),
      0.5,
    ),
    lost,
  }
}

interface Path {
  /** Milliseconds until it is back; undefined after a second without it. */
  press(platform: number): Promise<number | undefined>
  close(): void
}

async function openPath(door: Door, topicPrefix: string, name: string): Promise<Path> {
  let heard: () => void = () => undefined
  const subscriber: Line = await openLine({
    door,
    clientId: `bench-${name}-hears`,
    filter: `${topicPrefix}/+`,
    onBytes: () => heard(),
  })
  const publisher: Line = await openLine({ door, clientId: `bench-${name}-presses` })
  const packets = Array.from({ length: platforms }, (_, at) =>
    publishPacket(`${topicPrefix}/P${at}`, Buffer.from('1 good')),
  )
  return {
    press: (platform) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), 1_000)
        const sentAt = performance.now()
        heard = () => {
          clearTimeout(timer)
          resolve(performance.now() - sentAt)
        }
        publisher.send(packets[platform]!)
      }),
    close() {
      publisher.close()
      subscriber.close()
    },
  }
}
