import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  parseBrokerAddress,
  type AddressFault,
  type AddressNote,
  type BrokerAddress,
} from '../../src/protocol/link/broker-address.ts'

type Row = readonly [
  server: string,
  port: string | undefined,
  address: BrokerAddress,
  ...notes: AddressNote[],
]

const hive = 'abc123.s1.eu.hivemq.cloud'
const understood: readonly Row[] = [
  [hive, undefined, { transport: 'tls', host: hive, port: 8883 }],
  [hive, '8883', { transport: 'tls', host: hive, port: 8883 }],
  ['  ABC123.s1.eu.HiveMQ.cloud. ', '8883', { transport: 'tls', host: hive, port: 8883 }],
  ['broker.example', '1883', { transport: 'tcp', host: 'broker.example', port: 1883 }],
  ['broker.example', '8080', { transport: 'tls', host: 'broker.example', port: 8080 }],
  ['broker.example', '8', { transport: 'tls', host: 'broker.example', port: 8 }],
  ['broker.example', '18883', { transport: 'tcp', host: 'broker.example', port: 18883 }],
  ['broker.example', '443', { transport: 'wss', host: 'broker.example', port: 443, path: '/mqtt' }],
  ['broker.example/', '443', { transport: 'wss', host: 'broker.example', port: 443, path: '/mqtt' }],
  ['broker.example:1883', undefined, { transport: 'tcp', host: 'broker.example', port: 1883 }],
  ['broker.example:8883', '8883', { transport: 'tls', host: 'broker.example', port: 8883 }],
  [
    'broker.example:443/chat',
    undefined,
    { transport: 'wss', host: 'broker.example', port: 443, path: '/chat' },
  ],
  ['mqtts://broker.example', undefined, { transport: 'tls', host: 'broker.example', port: 8883 }],
  ['ssl://broker.example:1883', undefined, { transport: 'tls', host: 'broker.example', port: 1883 }],
  ['TLS://broker.example/', '443', { transport: 'tls', host: 'broker.example', port: 443 }],
  ['mqtt://broker.example', undefined, { transport: 'tcp', host: 'broker.example', port: 1883 }],
  [
    'tcp://broker.example',
    '8883',
    { transport: 'tcp', host: 'broker.example', port: 8883 },
    'plainOnTlsPort',
  ],
  ['wss://owlcms.fly.dev', undefined, { transport: 'wss', host: 'owlcms.fly.dev', port: 443, path: '/mqtt' }],
  [
    'wss://owlcms.fly.dev/x/y',
    '8443',
    { transport: 'wss', host: 'owlcms.fly.dev', port: 8443, path: '/x/y' },
  ],
  [
    'wss://owlcms.fly.dev/',
    '8883',
    { transport: 'wss', host: 'owlcms.fly.dev', port: 443, path: '/mqtt' },
    'defaultPortWithWebSocket',
  ],
  [
    'wss://owlcms.fly.dev:8883',
    '8883',
    { transport: 'wss', host: 'owlcms.fly.dev', port: 8883, path: '/mqtt' },
  ],
  ['ws://localhost:9001', undefined, { transport: 'ws', host: 'localhost', port: 9001, path: '/mqtt' }],
  [hive, '8884', { transport: 'wss', host: hive, port: 8884, path: '/mqtt' }, 'hiveMqWebSocket'],
  [
    `mqtts://${hive}:8884`,
    undefined,
    { transport: 'wss', host: hive, port: 8884, path: '/mqtt' },
    'hiveMqWebSocket',
  ],
  ['broker.example', '8884', { transport: 'tls', host: 'broker.example', port: 8884 }],
  ['mosquitto', '1883', { transport: 'tcp', host: 'mosquitto', port: 1883 }, 'hostWithoutDot'],
  ['192.168.1.5', '1883', { transport: 'tcp', host: '192.168.1.5', port: 1883 }],
  ['::1', '1883', { transport: 'tcp', host: '::1', port: 1883 }],
  ['[2001:DB8::1]:8883', undefined, { transport: 'tls', host: '2001:db8::1', port: 8883 }],
]

test.for(understood)('understands %s with port %s', ([server, port, address, ...notes]) => {
  expect(parseBrokerAddress(server, port)).toEqual({ ok: true, value: { address, notes } })
})

const refused: readonly (readonly [server: string, port: string | undefined, fault: AddressFault])[] = [
  ['https://broker.example', undefined, 'webPage'],
  ['http://broker.example:8883', undefined, 'webPage'],
  ['https://console.hivemq.cloud/clusters/free', undefined, 'consolePage'],
  ['app.hivemq.com', '8883', 'consolePage'],
  ['mqtts://user:pass@broker.example', undefined, 'credentials'],
  ['user:pass@broker.example', undefined, 'credentials'],
  ['wss://broker.example/mqtt?key=a@b', undefined, 'credentials'],
  ['ftp://broker.example', undefined, 'scheme'],
  ['constructor://broker.example', undefined, 'scheme'],
  ['S3cret! pass', undefined, 'host'],
  ['broker..example', undefined, 'host'],
  ['-broker.example', undefined, 'host'],
  ['mqtts://', undefined, 'host'],
  ['', undefined, 'host'],
  ['broker.example:', undefined, 'portInServer'],
  ['broker.example:mqtt', undefined, 'portInServer'],
  ['broker.example:65536', undefined, 'portInServer'],
  ['broker.example', '0', 'port'],
  ['broker.example', '08883', 'port'],
  ['broker.example', '8883x', 'port'],
  ['broker.example', '٨٨٨٣', 'port'],
  ['broker.example:1883', '8883', 'portConflict'],
  ['wss://broker.example:444', '8883', 'portConflict'],
  ['mqtts://broker.example/mqtt', undefined, 'path'],
  ['broker.example/mqtt', '8883', 'path'],
  ['wss://broker.example/mqtt?token=x', undefined, 'path'],
  ['wss://broker.example/mqtt#x', undefined, 'path'],
]

test.for(refused)('refuses %s with port %s: %s', ([server, port, fault]) => {
  expect(parseBrokerAddress(server, port)).toEqual({ ok: false, error: fault })
})

test('whatever is written, the outcome is an address that can be dialled or a fault', () => {
  const serverText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('', 'mqtts://', 'wss://', 'tcp://', 'x://'), fc.webAuthority(), fc.webPath())
      .map((parts) => parts.join('')),
    fc.ipV6(),
  )
  const portText = fc.option(fc.oneof(fc.nat(70_000).map(String), fc.string()), { nil: undefined })
  fc.assert(
    fc.property(serverText, portText, (server, port) => {
      const parsed = parseBrokerAddress(server, port)
      if (!parsed.ok) return
      const { transport, host, port: number, path } = parsed.value.address
      expect(host).toMatch(/^[a-z0-9_.:-]+$/)
      expect(number).toBeGreaterThanOrEqual(1)
      expect(number).toBeLessThanOrEqual(65_535)
      expect(path?.startsWith('/') ?? false).toBe(transport === 'ws' || transport === 'wss')
    }),
  )
})

test('without a scheme, TLS if and only if the port text starts with 8, as in owlcms; 443 is WebSocket', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
      const parsed = parseBrokerAddress('broker.example', String(port))
      const expected = port === 443 ? 'wss' : String(port).startsWith('8') ? 'tls' : 'tcp'
      expect(parsed.ok && parsed.value.address.transport).toBe(expected)
    }),
  )
})
