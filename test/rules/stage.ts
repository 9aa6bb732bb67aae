import type { Packet } from 'mqtt-packet'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { firstWordMs } from '../../src/downstream/mqtt-gateway/offline-queue.ts'
import type { FrameFormat } from '../../src/hub/routing/fan-out.ts'
import { Hub, type Circumstances, type PressOutcome, type Session } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { Outbox } from '../../src/hub/routing/outbox.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { QoS } from '../../src/protocol/publication.ts'
import { parseTopicFilter, type TopicFilter } from '../../src/protocol/topic.ts'
import {
  defaultClientLimits,
  defaultHubLimits,
  type ClientLimits,
  type HubLimits,
} from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, line, publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { recordingLog } from '../support/silent-log.ts'

/** A hub with its gateway on a clock that the test moves, above a link that records. */
export interface Stage {
  readonly clock: FakeClock
  readonly upstream: FakeUpstream
  readonly hub: Hub
  readonly platforms: Platforms
  readonly gateway: MqttGateway
  readonly logLines: readonly string[]
  /** The link goes or comes, as bridge.ts tells it. */
  link(up: boolean): void
  /** A connected client, past the time in which presses are held back. */
  client(version?: 3 | 4 | 5, options?: Parameters<MemoryClient['connect']>[0]): MemoryClient
}

export function setStage(limits: Partial<ClientLimits & HubLimits> = {}): Stage {
  const upstream = new FakeUpstream()
  const stage = stageAbove(upstream, new FakeClock(), limits)
  upstream.settleAll()
  return { ...stage, upstream }
}

/** The same on any clock, above any link; it is up. */
export function stageAbove(
  upstream: UpstreamLink & { ready: boolean },
  clock: FakeClock,
  limits: Partial<ClientLimits & HubLimits> = {},
): Omit<Stage, 'upstream'> {
  const platforms = new Platforms({ clock, random: () => 0.5 })
  const hub = new Hub({ clock, upstream, platforms, limits: { ...defaultHubLimits, ...limits } })
  const { log, lines } = recordingLog()
  const gateway = new MqttGateway({
    hub,
    clock,
    log,
    limits: { ...defaultClientLimits, ...limits },
    random: () => 0.5,
    authenticate: deviceAuthenticator('hall', 'secret'),
  })
  const link = (up: boolean): void => {
    upstream.ready = up
    hub.linkChanged(up)
    if (up) gateway.linkBack()
  }
  link(true)
  return {
    ...{ clock, hub, platforms, gateway, link, logLines: lines },
    client(version = 4, options = {}) {
      const client = new MemoryClient(gateway, clock, version)
      client.connect(options)
      clock.advance(firstWordMs)
      return client
    },
  }
}

let made = 0

/** A session that is no MQTT client: for principals that no MQTT login gives yet. */
export class PlainSession implements Session {
  readonly key: string
  readonly principal: Principal
  readonly via = 'mqtt'
  readonly outbox: Outbox
  readonly format: FrameFormat = { encode: (each) => new TextEncoder().encode(`${line(each)}\n`) }
  readonly heard: string[] = []
  readonly bufferedBytes = 0

  constructor(hub: Hub, principal: Principal = { kind: 'device' }) {
    this.principal = principal
    this.key = `session ${(made += 1)}`
    this.outbox = hub.createOutbox(this)
    hub.open(this)
  }
  write(frames: Uint8Array): void {
    this.heard.push(...new TextDecoder().decode(frames).split('\n').slice(0, -1))
  }
  deliver(): 'queued' {
    throw new Error('only QoS 0 here')
  }
  slow(): void {
    throw new Error('nobody is slow here')
  }
  taken(done: (taken: boolean) => void): void {
    this.outbox.whenTaken(done)
  }
  cut(): void {
    this.outbox.close()
  }
}

export const fresh: Circumstances = { redelivered: false, flushed: false }

/** Everything that the press was answered with, filled as answers come; one in the end. */
export function press(
  hub: Hub,
  session: Session,
  topic: string,
  payload: string,
  circumstances = fresh,
): PressOutcome[] {
  const outcomes: PressOutcome[] = []
  hub.publish(session, publication(topic, payload), circumstances, (outcome) => outcomes.push(outcome))
  return outcomes
}

export function filter(text: string): TopicFilter {
  const parsed = parseTopicFilter(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

export function subscribe(client: MemoryClient, topic: string, qos: QoS = 0): void {
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic, qos, nl: false, rap: false, rh: 0 }],
  })
  client.take()
}

export function publish(
  client: MemoryClient,
  topic: string,
  payload: string | Buffer,
  options: {
    readonly qos?: QoS
    readonly id?: number
    readonly dup?: boolean
    readonly retain?: boolean
  } = {},
): void {
  const { qos = 0, id = 7, dup = false, retain = false } = options
  client.send({ cmd: 'publish', topic, payload, qos, dup, retain, ...(qos > 0 ? { messageId: id } : {}) })
}

/** `topic payload` of each publication among the packets. */
export function heard(packets: readonly Packet[]): string[] {
  return packets.flatMap((packet) =>
    packet.cmd === 'publish' ? [`${packet.topic} ${packet.payload.toString()}`] : [],
  )
}
