import { describe, expect, it } from 'vitest'
import { adviceFor } from '../../src/protocol/link/advice.ts'
import { refineFault, type FaultContext, type LinkFaultCode } from '../../src/protocol/link/link-fault.ts'

const at = (host: string, transport: 'tls' | 'tcp' | 'wss' | 'ws' = 'tls'): FaultContext => ({
  address: { transport, host, port: 8883 },
})
/** owlcms's own server, by WebSocket. */
const owlcmsPath = { transport: 'wss', host: 'owlcms.example', port: 443, path: '/mqtt' } as const

const own = at('broker.example')
const hive = at('abc123.s1.eu.hivemq.cloud')
const plainHive = at('abc123.s1.eu.hivemq.cloud', 'tcp')

type Row = readonly [LinkFaultCode, string, FaultContext, LinkFaultCode]

describe('refineFault', () => {
  it.each<Row>([
    ['dns', 'getaddrinfo ENOTFOUND [broker]', own, 'dns'],
    ['dns', 'getaddrinfo EAI_AGAIN [broker]', own, 'dnsSilent'],
    ['refused', 'ECONNREFUSED', own, 'refused'],
    ['refused', 'ECONNREFUSED', plainHive, 'cloudPort'],
    ['timeout', 'no connection within 5 s', plainHive, 'cloudPort'],
    ['refused', 'ECONNREFUSED', hive, 'refused'],
    ['timeout', 'no connection within 5 s', own, 'timeout'],
    ['timeout', 'no connection within 5 s', { ...own, workedBefore: true }, 'halfOpen'],
    // It was there with these settings: nobody is sent to the port or the address.
    ['refused', 'ECONNREFUSED', { ...own, workedBefore: true }, 'brokerAway'],
    ['dns', 'getaddrinfo ENOTFOUND [broker]', { ...own, workedBefore: true }, 'dnsSilent'],
    ['badCredentials', 'CONNACK reason code 4', { ...own, anonymous: true }, 'passwordWanted'],
    ['notAuthorised', 'CONNACK reason code 5', { ...own, anonymous: true }, 'passwordWanted'],
    [
      'notAuthorised',
      'CONNACK reason code 0x87',
      { ...own, anonymous: true, protocolVersion: 5 },
      'passwordWanted',
    ],
    ['certificateUnknownCa', 'unable to verify the first certificate', own, 'certificateUnknownCa'],
    ['certificateUnknownCa', 'unable to verify the first certificate', hive, 'captivePortal'],
    ['certificateWrongHost', 'altname', hive, 'captivePortal'],
    ['certificateWrongHost', 'altname', own, 'certificateWrongHost'],
    ['certificateExpired', 'CERT_HAS_EXPIRED', hive, 'certificateExpired'],
    [
      'certificateUnknownCa',
      'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate',
      own,
      'certificateSelfSigned',
    ],
    [
      'certificateUnknownCa',
      'SELF_SIGNED_CERT_IN_CHAIN: self-signed certificate in certificate chain',
      own,
      'certificateUnknownCa',
    ],
    ['tls', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: alert', own, 'tlsTooOld'],
    ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER: wrong version number', own, 'notTls'],
    ['tls', 'disconnected before secure TLS connection was established', own, 'tlsCut'],
    [
      'tls',
      'disconnected before secure TLS connection was established',
      { ...own, workedBefore: true },
      'closedByBroker',
    ],
    ['tls', 'something else', own, 'tls'],
    ['reset', 'read ECONNRESET', { ...own, beforeMqtt: true }, 'tlsCut'],
    ['reset', 'read ECONNRESET', { ...own, beforeMqtt: true, workedBefore: true }, 'reset'],
    ['reset', 'read ECONNRESET', own, 'reset'],
    ['reset', 'read ECONNRESET', { ...at('broker.example', 'tcp'), beforeMqtt: true }, 'reset'],
    ['notMqtt', 'Invalid header flag bits, must be 0x0 for puback packet', own, 'webServer'],
    ['notMqtt', 'something else', own, 'notMqtt'],
    ['notMqtt', 'Unexpected server response: 404', { address: owlcmsPath }, 'noMqttPath'],
    ['notMqtt', 'Unexpected server response: 200 (MQTT 5)', { address: owlcmsPath }, 'noMqttPath'],
    ['notMqtt', 'Unexpected server response: 500', { address: owlcmsPath }, 'notMqtt'],
    ['notMqtt', 'Unexpected server response: 404', { address: { ...owlcmsPath, path: '/other' } }, 'notMqtt'],
    ['notAuthorised', 'CONNACK reason code 5', { ...own, protocolVersion: 4 }, 'notAuthorised'],
    ['notAuthorised', 'CONNACK reason code 0x87', { ...own, protocolVersion: 5 }, 'noPermission'],
    ['notAuthorised', 'CONNACK reason code 5', at('192.0.2.7'), 'noServerName'],
    ['notAuthorised', 'CONNACK reason code 5', at('2001:db8::7', 'wss'), 'noServerName'],
    ['notAuthorised', 'CONNACK reason code 5', at('192.0.2.7', 'tcp'), 'notAuthorised'],
  ])('%s, "%s" in %j means %s', (code, raw, context, finest) => {
    expect(refineFault({ code, raw }, context)).toBe(finest)
    expect(adviceFor(finest).what).toMatch(/\.$/)
  })
})
