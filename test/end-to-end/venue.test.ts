import { connect, type Socket } from 'node:net'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import {
  connectDevice,
  hallLogin,
  startTestBridge,
  startTestHall,
  type Device,
} from '../support/running-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const { username, password } = hallLogin
const config = '{"jurySize":3,"platforms":["A"],"version":"69.0.0"}'

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

const hall = (settings: Record<string, string> = {}) =>
  startTestHall(certificates, { BRIDGE_VENUE_PORT: '0', ...settings })

/** A box with PubSubClient: one TCP socket, MQTT 3.1.1, QoS 0, and nothing clever (docs/owlcms.md 3.2, 3.3). */
class Box {
  readonly socket: Socket
  readonly received: Packet[] = []
  closed = false

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    const parser = mqttPacket.parser({ protocolVersion: 4 })
    parser.on('packet', (packet: Packet) => this.received.push(packet))
    this.socket.on('data', (chunk) => parser.parse(chunk))
    this.socket.on('close', () => (this.closed = true))
    this.socket.on('error', () => undefined)
    onTestFinished(() => void this.socket.destroy())
  }

  send(packet: Packet): void {
    this.socket.write(mqttPacket.generate(packet, { protocolVersion: 4 }))
  }

  async connected(
    clientId: string,
    credentials: { username?: string; password?: Buffer } = {},
  ): Promise<Packet> {
    this.send({ cmd: 'connect', clientId, clean: true, keepalive: 20, ...credentials })
    return eventually(
      () =>
        this.received.find((packet) => packet.cmd === 'connack') ?? Promise.reject(new Error('no answer')),
    )
  }

  async subscribed(...topics: string[]): Promise<void> {
    for (const [at, topic] of topics.entries()) {
      this.send({ cmd: 'subscribe', messageId: at + 1, subscriptions: [{ topic, qos: 0 }] })
    }
    await eventually(() =>
      expect(this.received.filter((packet) => packet.cmd === 'suback')).toHaveLength(topics.length),
    )
  }

  get heard(): string[] {
    return this.received.flatMap((packet) =>
      packet.cmd === 'publish' ? [`${packet.topic} ${packet.payload.toString()}`] : [],
    )
  }
}

describe('plain MQTT in the hall', () => {
  it('lets a box in without credentials or with empty ones, takes its press and tells it what owlcms says', async () => {
    const { broker, bridge } = await hall()
    const box = new Box(bridge.venuePort!)
    expect(await box.connected('owlcms-7', { username: '', password: Buffer.from('') })).toMatchObject({
      returnCode: 0,
    })
    await box.subscribed('owlcms/decisionRequest/A/+', 'owlcms/led/#', 'owlcms/summon/#')
    box.send({
      cmd: 'publish',
      topic: 'owlcms/decision/A',
      payload: '2 good',
      qos: 0,
      dup: false,
      retain: false,
    })
    await broker.until(({ publications }) => publications.some(({ payload }) => payload === '2 good'))
    // The technical controller's summons would corrupt the memory of an ESP32 (R11).
    await broker.publish('owlcms/summon/A/4', 'on')
    await broker.publish('owlcms/summon/A/2', 'on')
    await eventually(() => expect(box.heard).toEqual(['owlcms/summon/A/2 on']))
  })

  it('asks for the user name that is set for the hall, which is not the broker’s', async () => {
    const { bridge } = await hall({ BRIDGE_VENUE_USERNAME: 'boxes', BRIDGE_VENUE_PASSWORD: 'let me in' })
    const answers = await Promise.all(
      [
        {},
        { username, password: Buffer.from(password) },
        { username: 'boxes', password: Buffer.from('let me in') },
      ].map((credentials, at) => new Box(bridge.venuePort!).connected(`box ${at}`, credentials)),
    )
    expect(answers).toMatchObject([{ returnCode: 4 }, { returnCode: 4 }, { returnCode: 0 }])
  })

  it('reads a box that sends single bytes, and one that sends all at once', async () => {
    const { broker, bridge } = await hall()
    const packets: Packet[] = [
      { cmd: 'connect', clientId: 'owlcms_ref_A_1', clean: true, keepalive: 60 },
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/led/A', qos: 0 }] },
      { cmd: 'publish', topic: 'owlcms/decision/A', payload: '1 good', qos: 0, dup: false, retain: false },
    ]
    const bytes = Buffer.concat(packets.map((packet) => mqttPacket.generate(packet)))
    for (const cut of [1, bytes.length]) {
      const box = new Box(bridge.venuePort!)
      box.socket.setNoDelay(true)
      for (let at = 0; at < bytes.length; at += cut) {
        await new Promise((resolve) => box.socket.write(bytes.subarray(at, at + cut), resolve))
      }
      await eventually(() => expect(box.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback']))
    }
    await broker.until(
      ({ publications }) => publications.filter(({ payload }) => payload === '1 good').length === 2,
    )
  })

  it('keeps its boxes through an outage of the broker, drops what they press meanwhile, and goes on', async () => {
    const { broker, bridge } = await hall()
    const box = new Box(bridge.venuePort!)
    await box.connected('owlcms-1')
    await box.subscribed('owlcms/led/#')
    await broker.kill()
    await eventually(() => expect(bridge.ready).toBe(false))
    box.send({
      cmd: 'publish',
      topic: 'owlcms/decision/A',
      payload: '1 bad',
      qos: 0,
      dup: false,
      retain: false,
    })
    box.send({ cmd: 'pingreq' })
    await eventually(() => expect(box.received.at(-1)).toMatchObject({ cmd: 'pingresp' }))
    await broker.restart()
    await eventually(() => expect(bridge.ready).toBe(true))
    await broker.publish('owlcms/led/A', 'on')
    await eventually(() => expect(box.heard).toEqual(['owlcms/led/A on']))
    box.send({
      cmd: 'publish',
      topic: 'owlcms/decision/A',
      payload: '1 good',
      qos: 0,
      dup: false,
      retain: false,
    })
    await broker.until(({ publications }) => publications.some(({ payload }) => payload === '1 good'))
    expect([box.closed, broker.publications.some(({ payload }) => payload === '1 bad')]).toEqual([
      false,
      false,
    ])
  })

  it('answers replays’ question for the config from the last reply, without waiting for owlcms', async () => {
    const { broker, bridge } = await hall()
    await broker.publish('owlcms/fop/config', config)
    const status = async (): Promise<string> => (await fetch(`${bridge.url}/status`)).text()
    await eventually(async () => expect(await status()).toContain('69.0.0'))
    const replays = new Box(bridge.venuePort!)
    await replays.connected('replays-monitor-10.0.0.7')
    await replays.subscribed('owlcms/fop/config')
    replays.send({
      cmd: 'publish',
      topic: 'owlcms/config',
      payload: 'requesting configuration',
      qos: 0,
      dup: false,
      retain: false,
    })
    // Nobody plays owlcms here, so only the bridge can have answered.
    await eventually(() => expect(replays.heard).toEqual([`owlcms/fop/config ${config}`]))
  })

  it('works through a bridge in the cloud: box, hall, cloud, broker, and back', async () => {
    const { broker, bridge: cloud } = await hall()
    const relay = later(
      await startTestBridge({
        OWLCMS_MQTTSERVER: `ws://127.0.0.1:${cloud.port}/mqtt`,
        OWLCMS_MQTTUSERNAME: username,
        OWLCMS_MQTTPASSWORD: password,
        BRIDGE_VENUE_PORT: '0',
      }),
    )
    await eventually(() => expect(relay.ready).toBe(true))
    const firmata: Device = later(
      await connectDevice(`mqtt://127.0.0.1:${relay.venuePort}`, {
        username: '',
        password: '',
        subscribe: 'owlcms/fop/#',
      }),
    )
    await firmata.press('owlcms/refbox/decision/A', '3 good')
    expect(broker.publications.filter(({ topic }) => topic === 'owlcms/refbox/decision/A')).toEqual([
      { topic: 'owlcms/refbox/decision/A', payload: '3 good', qos: 1, retain: false, dup: false },
    ])
    await broker.publish('owlcms/fop/decision/A', '3 good', { qos: 1 })
    await eventually(() => expect(firmata.heard).toEqual(['owlcms/fop/decision/A 3 good']))
  })
})
