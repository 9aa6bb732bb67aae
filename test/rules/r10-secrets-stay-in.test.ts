import { expect, it, onTestFinished } from 'vitest'
import { createLogger } from '../../src/support/logger.ts'
import { makeCertificates } from '../support/certificates.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { startLink } from '../upstream/start-link.ts'
import { publish, setStage } from './stage.ts'

it('a field that is named like a secret is hidden in every log line, one level down too (R10)', () => {
  const lines: string[] = []
  const log = createLogger('debug', { write: (text: string) => void lines.push(text) })
  const secrets = Object.fromEntries(
    ['password', 'username', 'authorization', 'cookie', 'token', 'secret'].map((name) => [
      name,
      `planted-${name}`,
    ]),
  )
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](secrets, 'flat')
  log.child({ part: 'x' }).info({ broker: secrets }, 'nested')
  expect([lines.length, lines.filter((text) => text.includes('planted'))]).toEqual([5, []])
})

it('whatever a client says, the log holds no word of it: no name, no password, no payload (R10)', () => {
  const stage = setStage()
  for (const version of [3, 4, 5] as const) {
    const wrong = new MemoryClient(stage.gateway, stage.clock, version)
    wrong.connect({ username: 'planted-name', password: Buffer.from('planted-guess') })
    const client = stage.client(version, {
      clientId: `v${version}`,
      will: { topic: 'owlcms/planted', payload: Buffer.from('planted-will'), qos: 0, retain: false },
    })
    for (const topic of ['owlcms/refbox/decision/A', 'owlcms/fop/down/A', 'owlcms/new/A', 'elsewhere']) {
      publish(client, topic, '1 planted-verdict', { qos: 1 })
      stage.upstream.settleAll({ kind: 'lost' })
    }
    stage.link(false)
    publish(client, 'owlcms/jurybox/juryMember/decision/A', '1 good')
    stage.link(true)
    publish(client, 'owlcms/+/planted-topic', 'planted-payload')
    // A packet before CONNECT, and junk that no parser understands.
    publish(new MemoryClient(stage.gateway, stage.clock, version), 'owlcms/planted', 'planted-early')
    new MemoryClient(stage.gateway, stage.clock, version).bytes(Buffer.from('\x10\x10planted-connect-'))
  }
  const text = stage.logLines.join('')
  expect(stage.logLines.length).toBeGreaterThan(10)
  expect(text).not.toMatch(/planted|secret|1 good/)
})

it('presence names the official and never the verdict (R10)', () => {
  const stage = setStage()
  const client = stage.client()
  for (const payload of ['2 good', '3 planted-word', 'planted-word']) {
    publish(client, 'owlcms/jurybox/juryMember/decision/A', payload)
  }
  const told = JSON.stringify(stage.hub.presence.clients(stage.clock.now()))
  expect(told).toContain('juryMember-2')
  expect(told).not.toMatch(/good|planted/)
})

it.each(['username', 'password'] as const)(
  'what the other end writes into an error is shown without our %s (R10)',
  async (secret) => {
    const certificates = await makeCertificates()
    const broker = await startTestBroker({ transport: 'tls', certificate: certificates.wrongHost })
    onTestFinished(() => broker.stop())
    // OpenSSL quotes the names in the certificate; here one of them is the secret.
    const link = startLink(
      { port: broker.port, host: 'localhost' },
      { ca: certificates.ca, username: 'hall', password: 'sesame', [secret]: 'other.example' },
    )
    const { fault } = await link.untilStatus('waiting')
    expect(fault.code).toBe('certificateWrongHost')
    expect(fault.raw).toContain(secret === 'username' ? '[user name]' : '[password]')
    expect([fault.raw, ...link.log].filter((text) => text.includes('other.example'))).toEqual([])
  },
)
