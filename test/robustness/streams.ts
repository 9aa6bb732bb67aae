import mqttPacket, { type IConnectPacket, type Packet, type QoS } from 'mqtt-packet'
import type { Random } from './random.ts'
import { password, username } from './rig.ts'

export type Version = 3 | 4 | 5

const topics = [
  'owlcms/refbox/decision/A',
  'owlcms/clock/B',
  'owlcms/jurybox/vote/A',
  'owlcms/decision/A',
  'owlcms/config',
  'owlcms/fop/decision/A',
  'owlcms/bridge/x/state',
  'owlcms/unknown/thing',
  'elsewhere',
  'owlcms/häß/€/𝄞',
] as const
const payloads = ['1 good', '2 bad', '3 maybe', 'start', '', ' ', 'x'.repeat(300)] as const
const filters = ['owlcms/#', 'owlcms/fop/#', '+/+/decision/A', '#', '$SYS/#', 'owlcms/+', '$share/g/a', 'a#']

/** Client IDs are few, so that cases take sessions from each other and resume them. */
function connectPacket(random: Random, version: Version): IConnectPacket {
  const withWill = random.chance(0.3)
  const clean = random.chance(0.6)
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clientId: random.chance(0.1) && clean && version !== 3 ? '' : `fuzz-${random.below(20)}`,
    clean,
    keepalive: random.pick([0, 1, 20, 65_535]),
    username: random.chance(0.03) ? 'nobody' : username,
    password: Buffer.from(password),
    ...(withWill ? { will: willOf(random, version) } : {}),
    ...(version === 5 && random.chance(0.6) ? { properties: connectProperties(random) } : {}),
  }
}

function willOf(random: Random, version: Version): NonNullable<IConnectPacket['will']> {
  return {
    topic: random.pick(topics),
    payload: Buffer.from(random.pick(payloads)),
    qos: random.below(3) as QoS,
    retain: random.chance(0.5),
    ...(version === 5 && random.chance(0.5) ? { properties: { willDelayInterval: random.below(3) } } : {}),
  }
}

function connectProperties(random: Random): NonNullable<IConnectPacket['properties']> {
  return {
    sessionExpiryInterval: random.pick([0, 1, 0xffff_ffff]),
    receiveMaximum: random.pick([1, 10, 65_535]),
    maximumPacketSize: random.pick([20, 256, 100_000]),
    requestProblemInformation: random.chance(0.5),
    topicAliasMaximum: random.below(20),
    ...(random.chance(0.05) ? { authenticationMethod: 'SCRAM' } : {}),
  }
}

function publishPacket(random: Random, version: Version): Packet {
  const qos = random.below(3) as QoS
  const alias = version === 5 && random.chance(0.3)
  return {
    cmd: 'publish',
    topic: alias && random.chance(0.5) ? '' : random.pick(topics),
    payload: random.pick(payloads),
    qos,
    dup: qos > 0 && random.chance(0.2),
    retain: random.chance(0.3),
    ...(qos > 0 ? { messageId: 1 + random.below(5) } : {}),
    ...(alias ? { properties: { topicAlias: random.pick([1, 2, 16, 17]) } } : {}),
  }
}

function subscribePacket(random: Random, version: Version): Packet {
  const options =
    version === 5 ? { nl: random.chance(0.3), rap: random.chance(0.3), rh: random.below(3) } : {}
  return {
    cmd: 'subscribe',
    messageId: 1 + random.below(9),
    subscriptions: Array.from({ length: 1 + random.below(3) }, () => ({
      topic: random.pick(filters),
      qos: random.below(3) as QoS,
      ...options,
    })),
    ...(version === 5 && random.chance(0.3)
      ? { properties: { subscriptionIdentifier: 1 + random.below(300) } }
      : {}),
  }
}

function anyPacket(random: Random, version: Version): Packet {
  const messageId = 1 + random.below(5)
  const kind = random.below(10)
  if (kind < 3) return publishPacket(random, version)
  if (kind < 5) return subscribePacket(random, version)
  if (kind === 5) return { cmd: 'unsubscribe', messageId, unsubscriptions: [random.pick(filters)] }
  if (kind === 6) return { cmd: 'pingreq' }
  if (kind < 9) return { cmd: random.pick(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const), messageId }
  return random.pick<Packet>([
    { cmd: 'disconnect' },
    { cmd: 'pingreq' },
    { cmd: 'pingresp' },
    connectPacket(random, version),
    ...(version === 5 ? [{ cmd: 'auth', reasonCode: 0 } as const] : []),
  ])
}

/** CONNECT and a few packets after it: a client's stream before anything is broken, packet by packet. */
export function validStream(random: Random): Buffer[] {
  const version = random.pick([3, 4, 5] as const)
  const packets = [connectPacket(random, version)]
  const rest = Array.from({ length: random.below(8) }, () => anyPacket(random, version))
  return [...packets, ...rest].map((packet) => mqttPacket.generate(packet, { protocolVersion: version }))
}
