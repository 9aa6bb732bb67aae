import { until, type Fleet } from './fleet.ts'
import type { Line } from './line.ts'
import { stampedPacket } from './messages.ts'
import { atQos1 } from './packets.ts'

/** What one run of publications came to. */
export interface Traffic {
  readonly published: number
  readonly deliveries: number
  readonly lost: number
  readonly disorder: number
  /** From the first publication to the last delivery. */
  readonly seconds: number
  /** Milliseconds from sending to arrival, sorted. */
  readonly delays: readonly number[]
}

/** A publisher and the subscribers that hear it. */
export interface Stage {
  readonly fleet: Fleet
  readonly publisher: Line
  /** Of what is published; subscribers hear it at QoS 0. */
  readonly qos: 0 | 1
  /** Number of the next publication. */
  sequence: number
}

/** Deliveries that are not there after this long without any progress are lost. */
const giveUpMs = 3_000
/** And in all, so that a server that crawls ends the scenario too: later ones count as lost. */
const drainMs = 8_000

/** Publishes bursts of `burst` publications, `perSecond` publications a second, at fixed times. */
export async function steady(
  stage: Stage,
  shape: { readonly perSecond: number; readonly burst: number; readonly seconds: number },
): Promise<Traffic> {
  const { fleet, publisher } = stage
  const everyMs = (1000 * shape.burst) / shape.perSecond
  const bursts = Math.round((shape.seconds * 1000) / everyMs)
  fleet.reset(stage.sequence)
  const startedAt = performance.now() + 5
  await new Promise<void>((resolve) => {
    let done = 0
    const tick = (): void => {
      for (let now = performance.now(); done < bursts && startedAt + done * everyMs <= now; done += 1) {
        const due = startedAt + done * everyMs
        // A timer's own 2 ms are no delay of the server's; more than that counts, or overload would hide.
        const sentAt = now - due < 2 ? now : due
        publisher.send(burstOf(stage, shape.burst, () => sentAt))
      }
      if (done === bursts) resolve()
      else setTimeout(tick, Math.max(0, startedAt + done * everyMs - performance.now()))
    }
    tick()
  })
  return finish(stage, bursts * shape.burst, startedAt)
}

/** Keeps `inFlight` publications under way for `seconds`: a new one for each that all subscribers have. */
export async function flood(
  stage: Stage,
  shape: { readonly inFlight: number; readonly seconds: number },
): Promise<Traffic> {
  const { fleet, publisher } = stage
  fleet.reset(stage.sequence)
  const startedAt = performance.now()
  const endAt = startedAt + shape.seconds * 1000
  let published = 0
  await new Promise<void>((resolve) => {
    let planned = false
    let progress = startedAt
    const topUp = (): void => {
      planned = false
      progress = performance.now()
      const missing = shape.inFlight - (published - fleet.completed)
      if (progress >= endAt || missing <= 0) return
      published += missing
      publisher.send(burstOf(stage, missing, () => performance.now()))
    }
    fleet.onCompleted = () => {
      if (planned) return
      planned = true
      setImmediate(topUp)
    }
    const watch = setInterval(() => {
      const now = performance.now()
      if (now < endAt && now - progress < giveUpMs) return
      clearInterval(watch)
      resolve()
    }, 10)
    topUp()
  })
  fleet.onCompleted = () => undefined
  return finish(stage, published, startedAt)
}

function burstOf(stage: Stage, count: number, sentAt: () => number): Buffer {
  const packets: Buffer[] = []
  for (let at = 0; at < count; at += 1) {
    const packet = stampedPacket(stage.sequence, sentAt())
    packets.push(stage.qos === 0 ? packet : atQos1(packet, (stage.sequence % 65_535) + 1))
    stage.sequence += 1
  }
  return Buffer.concat(packets)
}

async function finish(stage: Stage, published: number, startedAt: number): Promise<Traffic> {
  const { fleet } = stage
  const wanted = published * fleet.size
  let seen = -1
  let seenAt = performance.now()
  await until(() => {
    if (fleet.delivered !== seen) {
      seen = fleet.delivered
      seenAt = performance.now()
    }
    return seen >= wanted || performance.now() - seenAt > giveUpMs
  }, drainMs)
  return {
    published,
    deliveries: fleet.delivered,
    lost: Math.max(0, wanted - fleet.delivered),
    disorder: fleet.disorder,
    seconds: (seenAt - startedAt) / 1000,
    delays: fleet.delays.toSorted((a, b) => a - b),
  }
}
