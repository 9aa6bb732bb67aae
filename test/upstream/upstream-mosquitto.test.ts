import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { adviceFor } from '../../src/protocol/link/advice.ts'
import type { Topic } from '../../src/protocol/topic.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { password, startLink, userName } from './start-link.ts'

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

const acl = [`user ${userName}`, 'topic readwrite owlcms/#']

async function start(options: Partial<MosquittoOptions> = {}): Promise<Mosquitto> {
  const users = { [userName]: password }
  const broker = await startMosquitto({
    transport: 'tls',
    certificate: certificates.valid,
    users,
    acl,
    ...options,
  })
  onTestFinished(() => broker.stop())
  return broker
}

const credentials = (): { username: string; password: string; ca: string } => ({
  ...{ username: userName, password, ca: certificates.ca },
})

describeIf(requirement('mosquitto'))('a link to Mosquitto', () => {
  it.each(['tls', 'wss'] as const)(
    'speaks MQTT 5 over %s and hears its own publications back',
    async (transport) => {
      const broker = await start({ transport })
      expect(String(broker.port)).toMatch(/^8/)
      const link = startLink({ port: broker.port, transport }, credentials())
      const connected = await link.untilStatus('connected')
      expect(connected).toEqual({ kind: 'connected', since: connected.since, protocolVersion: 5 })
      expect(await link.publish('owlcms/refbox/decision/A', '1 good')).toEqual({ kind: 'delivered' })
      await link.untilHeard(1)
      expect(link.heard).toEqual([
        { topic: 'owlcms/refbox/decision/A', payload: '1 good', qos: 1, retain: false },
      ])
      expect(link.upstream.status()).toMatchObject({
        kind: 'connected',
        roundTripMs: expect.any(Number) as number,
      })
    },
  )

  it('that Mosquitto cuts for one message blames no setting', async () => {
    const broker = await start({ transport: 'tcp' })
    const link = startLink({ port: broker.port, transport: 'tcp' }, credentials())
    await link.untilStatus('connected')
    // What parseTopic refuses, so that it takes a lie to get it here.
    const publication = {
      topic: 'owlcms/box/A\r' as Topic,
      payload: new Uint8Array(),
      qos: 1,
      retain: false,
    } as const
    link.upstream.publish(publication, () => undefined)
    const { fault } = await link.untilStatus('waiting')
    expect(fault).toMatchObject({ code: 'messageNotTaken', reasonCode: 0x81 })
    expect(Object.values(adviceFor(fault.code)).join(' ')).not.toContain('OWLCMS_')
  })

  it('tells a wrong password by the code of MQTT 5, and shows no secret at any log level', async () => {
    const broker = await start()
    const wrong = `${password}-but-wrong`
    const link = startLink({ port: broker.port, host: 'localhost' }, { ...credentials(), password: wrong })
    const waiting = await link.untilStatus('waiting')
    expect(waiting.fault).toEqual({
      code: 'noPermission',
      raw: 'CONNACK reason code 0x87',
      reasonCode: 0x87,
    })
    const shown = [...link.log, JSON.stringify(link.statuses), JSON.stringify(link.upstream.counters())].join(
      '\n',
    )
    expect(shown).not.toMatch(new RegExp(`${password}|${userName}`))
    expect(JSON.stringify(link.statuses)).not.toContain('localhost')
    expect(link.log.join('')).toContain('broker link down')
  })

  it.each([
    ['unknownCa', 'certificateUnknownCa'],
    ['expired', 'certificateExpired'],
    ['wrongHost', 'certificateWrongHost'],
  ] as const)('refuses a certificate that is %s', async (which, code) => {
    const broker = await start({ certificate: certificates[which] })
    const { fault } = await startLink({ port: broker.port }, credentials()).untilStatus('waiting')
    expect(fault.code).toBe(code)
  })

  it('reports a publication that the ACL forbids, and stays connected', async () => {
    const broker = await start({ acl: [`user ${userName}`, 'topic read owlcms/#'] })
    const link = startLink({ port: broker.port }, credentials())
    await link.untilStatus('connected')
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'refused', reasonCode: 0x87 })
    expect(link.upstream.ready).toBe(true)
  })

  it('counts a publication that nobody hears as delivered', async () => {
    const broker = await start({ acl: [`user ${userName}`, 'topic write #', 'topic read owlcms/#'] })
    const link = startLink({ port: broker.port }, credentials())
    await link.untilStatus('connected')
    expect(await link.publish('elsewhere/x', '')).toEqual({ kind: 'delivered' })
  })

  it('refuses by itself what is larger than the broker takes', async () => {
    const broker = await start({ settings: ['max_packet_size 100'] })
    const link = startLink({ port: broker.port }, credentials())
    await link.untilStatus('connected')
    // 1 + 1 + 2 + 14 + 2 + 1 bytes of packet around the payload.
    expect(await link.publish('owlcms/clock/A', 'x'.repeat(79))).toEqual({ kind: 'delivered' })
    expect(await link.publish('owlcms/clock/A', 'x'.repeat(80))).toEqual({
      kind: 'refused',
      reasonCode: 0x95,
    })
    expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected'])
  })

  it('subscribes again after the broker was killed and restarted, and a press made meanwhile never arrives', async () => {
    const broker = await start()
    const link = startLink({ port: broker.port }, credentials())
    await link.untilStatus('connected')
    await broker.kill()
    await link.untilStatus('waiting')
    expect(await link.publish('owlcms/refbox/decision/A', '1 good')).toEqual({ kind: 'offline' })
    const before = link.statuses.length
    await broker.restart()
    await link.untilStatus('connected', before)
    expect(await link.publish('owlcms/refbox/decision/A', '2 bad')).toEqual({ kind: 'delivered' })
    await link.untilHeard(1)
    expect(link.heard.map(({ payload }) => payload)).toEqual(['2 bad'])
  })
})
