import { connectAsync, type MqttClient } from 'mqtt'
import { startAedesBroker, type AedesBroker } from '../support/aedes-broker.ts'
import { createLogger } from '../../src/support/logger.ts'

export const log = createLogger('silent')
export const credentials = { username: 'demo', password: 'test-pass-word' }

export async function startBroker(): Promise<AedesBroker> {
  return await startAedesBroker({ ...credentials, log })
}

/** A client that keeps all it hears from owlcms, not from devices, as `topic payload`, and waits for more. */
export class Observer {
  readonly client: MqttClient
  readonly heard: string[] = []
  readonly #waiting: (() => void)[] = []

  private constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, payload) => {
      if (!/^owlcms\/(fop|led|summon|decisionRequest)\//.test(topic)) return
      this.heard.push(`${topic} ${payload.toString()}`.trimEnd())
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  static async connect(port: number, clientId = 'observer'): Promise<Observer> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...credentials,
      clientId,
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    const observer = new Observer(client)
    await client.subscribeAsync('owlcms/#', { qos: 1 })
    return observer
  }

  /** Resolves when so many messages were heard in all; the test's own time limit ends a wait in vain. */
  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.heard.slice(0, count)
  }

  async say(topic: string, payload: string): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1 })
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }
}
