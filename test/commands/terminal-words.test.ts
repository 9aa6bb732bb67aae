import { expect, it } from 'vitest'
import { ownAddresses, TerminalWords } from '../../src/commands/terminal-words.ts'
import { adviceFor } from '../../src/protocol/link/advice.ts'
import { createLogger } from '../../src/support/logger.ts'

/** A log that is told in words, and all that was told. */
function spoken(facts: { readonly publicUrl?: string } = {}) {
  let told = ''
  const words = new TerminalWords({ addresses: ['192.168.1.50'], time: () => '14:03:12', ...facts })
  const log = createLogger('info', { write: (line) => (told += words.tell(line)) })
  return { log, told: () => told }
}

it('says where to open the page and where boxes go', () => {
  const { log, told } = spoken()
  log.info({ version: '1.4.2', node: 'v24', hosting: 'other' }, 'starting')
  log.info({ venuePort: 1883 }, 'listening for plain MQTT in the hall')
  log.info({ port: 8080 }, 'listening')
  expect(told()).toBe(
    'owlcms-bridge 1.4.2. Ctrl-C stops it.\nBoxes: 192.168.1.50, port 1883\nOpen http://192.168.1.50:8080\n',
  )
})

it('says where owlcms goes, where the bridge is its broker', () => {
  const { log, told } = spoken()
  log.info({ venuePort: 1883, owlcmsPort: 1883 }, 'listening for plain MQTT in the hall')
  log.info({ owlcmsPort: 1884 }, 'listening for owlcms')
  expect(told()).toBe(
    'Boxes: 192.168.1.50, port 1883\nowlcms: MQTT server 192.168.1.50, port 1883\nowlcms: MQTT server 192.168.1.50, port 1884\n',
  )
})

it('names owlcms’s version once it is known', () => {
  const { log, told } = spoken()
  log.info({ presence: 'answering' }, 'owlcms')
  log.info({ presence: 'answering', version: '69.0.0' }, 'owlcms')
  expect(told()).toBe(
    '14:03:12 ✓ owlcms answers. Decisions get through.\n14:03:12 ✓ owlcms answers (version 69.0.0). Decisions get through.\n',
  )
})

it('says the address that was set for phones, where one was', () => {
  const { log, told } = spoken({ publicUrl: 'https://bridge.example.org' })
  log.info({ port: 8080 }, 'listening')
  expect(told()).toBe('Open https://bridge.example.org\n')
})

it('tells a fault once with its advice, and not again at each try; a new one, or after it was up, again', () => {
  const { log, told } = spoken()
  const down = (code: 'refused' | 'dns') =>
    log.warn(
      { fault: { code, raw: 'x' }, ...adviceFor(code), failures: 1, nextTryMs: 100 },
      'broker link down',
    )
  for (let tries = 0; tries < 5; tries += 1) {
    log.info({ host: 'broker.example', port: 8883, attempt: tries + 1 }, 'connecting to the broker')
    down('refused')
  }
  const { what, why, nextStep } = adviceFor('refused')
  const once = `14:03:12 ✗ ${what}\n  ${why}\n  → ${nextStep}\n`
  expect(told()).toBe(once)
  down('dns')
  log.info({ protocolVersion: 5, grantedQos: 1 }, 'connected to the broker')
  down('refused')
  const other = adviceFor('dns')
  expect(told()).toBe(
    `${once}14:03:12 ✗ ${other.what}\n  ${other.why}\n  → ${other.nextStep}\n14:03:12 ✓ Connected to the broker.\n${once}`,
  )
})

it('names who was not heard, and is quiet about what went well', () => {
  const { log, told } = spoken()
  const press = { press: 'p1', platform: 'A', seat: 'referee-2', kind: 'decision', via: 'stream' }
  log.info({ ...press, outcome: 'taken', echoMs: 40 }, 'press')
  log.warn({ ...press, outcome: 'tooLate', why: 'fence' }, 'press')
  expect(told()).toBe('14:03:12 ! Platform A, Referee 2: too late, not passed on\n')
})

it('says warnings and errors that have no words of their own as they are, and leaves other lines out', () => {
  const { log, told } = spoken()
  log.info({ waitMs: 1 }, 'will stop at the next break')
  log.warn({ nextStep: 'Set HOST.' }, 'plain MQTT without a user name is open to the Internet')
  log.error({ err: 'EADDRINUSE', nextStep: 'Set PORT.' }, 'could not start')
  expect(told()).toBe(
    '14:03:12 ! plain MQTT without a user name is open to the Internet\n  → Set HOST.\n' +
      '14:03:12 ✗ could not start: EADDRINUSE\n  → Set PORT.\n',
  )
})

it('keeps secrets hidden as the log does (R10)', () => {
  const { log, told } = spoken()
  log.warn({ password: 'planted-s3cret', token: 'planted-s3cret' }, 'client refused: user name or password')
  expect(told()).not.toContain('planted')
})

const network = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '169.254.3.4', family: 'IPv4', internal: false },
  { address: '100.64.0.9', family: 'IPv4', internal: false },
  { address: '192.168.1.50', family: 'IPv4', internal: false },
  { address: 'fe80::1', family: 'IPv6', internal: false },
]

it.each([
  ['0.0.0.0', network, ['192.168.1.50', '100.64.0.9']],
  ['::', network, ['192.168.1.50', '100.64.0.9']],
  ['127.0.0.1', network, ['localhost']],
  ['10.1.2.3', network, ['10.1.2.3']],
  ['0.0.0.0', network.slice(0, 2), ['localhost']],
] as const)('listening on %s it is reached as the network allows', (host, found, addresses) => {
  expect(ownAddresses(host, found)).toEqual(addresses)
})
