import { connect } from 'mqtt'
import { Lines } from './lines.ts'
import { password, user } from './hivemq.ts'

/** The other end: connected to the broker itself, says what owlcms says and notes what reaches the broker. */
export interface OtherEnd {
  /** `TOPIC PAYLOAD` of everything published on the broker, in its order, the bridge's own questions left out. */
  readonly heard: Lines
  /** Publishes as owlcms does: QoS 1, not retained (docs/owlcms.md 1.2). Waits for the broker. */
  say(topic: string, payload: string): Promise<void>
  /** Resolves once it is connected and subscribed again after the broker was away. */
  back(): Promise<void>
  stop(): Promise<void>
}

/** Connects to the broker over TLS and subscribes to everything of owlcms. Rejects when it is refused. */
export async function connectOtherEnd(port: number, ca: string, secret = password): Promise<OtherEnd> {
  const client = connect(`mqtts://127.0.0.1:${port}`, {
    ...{ username: user, password: secret, ca, clientId: 'other-end' },
    ...{ reconnectPeriod: 100, resubscribe: false, queueQoSZero: false },
  })
  const heard = new Lines()
  const link = new Lines()
  client.on('message', (topic, payload) => {
    const line = `${topic} ${payload.toString()}`
    if (line !== 'owlcms/config owlcms-bridge') heard.add(line)
  })
  client.on('connect', () => {
    client.subscribe('owlcms/#', { qos: 1 }, (error) => link.add(error === null ? 'up' : 'refused'))
  })
  client.on('close', () => link.add('down'))
  const back = (): Promise<void> => link.until((lines) => lines.at(-1) === 'up')
  const refused = (error: Error): void => void client.end(true, {}, () => link.add(error.message))
  client.once('error', refused)
  await link.until((lines) => lines.some((line) => line !== 'down'), 'an answer of the broker')
  client.off('error', refused)
  if (!link.all.includes('up')) throw new Error(link.all.join(', '))
  return {
    ...{ heard, back },
    say: async (topic, payload) => {
      // The library would wait for the broker, however long.
      if (!client.connected) throw new Error('the broker is away')
      await client.publishAsync(topic, payload, { qos: 1 })
    },
    stop: async () => {
      await client.endAsync(true)
    },
  }
}
