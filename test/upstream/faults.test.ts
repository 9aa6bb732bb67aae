import { describe, expect, it } from 'vitest'
import { hungUpOnConnect, linkFault, refusesVersion, type LinkEvidence } from '../../src/upstream/faults.ts'
import { createScrubber } from '../../src/upstream/scrub.ts'

const asIs = (text: string): string => text

function withCode(code: string, message = `${code} happened`): Error {
  return Object.assign(new Error(message), { code })
}

describe('linkFault of an error', () => {
  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENETUNREACH', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificateUnknownCa'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificateUnknownCa'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificateUnknownCa'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificateUnknownCa'],
    ['CERT_HAS_EXPIRED', 'certificateExpired'],
    ['CERT_NOT_YET_VALID', 'certificateNotYetValid'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificateWrongHost'],
    ['CERT_SIGNATURE_FAILURE', 'certificateOther'],
    ['EPROTO', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls'],
    ['HPE_INVALID_CONSTANT', 'notMqtt'],
    ['WS_ERR_INVALID_OPCODE', 'notMqtt'],
    ['ESOMETHINGNEW', 'other'],
  ] as const)('%s means %s', (code, fault) => {
    const evidence: LinkEvidence = { kind: 'error', stage: 'transport', error: withCode(code) }
    expect(linkFault(evidence, asIs)).toEqual({ code: fault, raw: `${code} happened` })
  })

  it.each([
    ['Unexpected server response: 404', 'notMqtt'],
    ['Unexpected server response: 403', 'notAuthorised'],
    ['Unexpected server response: 503', 'serverBusy'],
    ['Invalid header flag bits, must be 0x0 for puback packet', 'notMqtt'],
    ['Keepalive timeout', 'halfOpen'],
  ] as const)('"%s" means %s', (message, fault) => {
    const evidence: LinkEvidence = { kind: 'error', stage: 'connack', error: new Error(message) }
    expect(linkFault(evidence, asIs)).toEqual({ code: fault, raw: message })
  })

  it('tells a port without TLS from a reset, though Node gives both the same code', () => {
    const message = 'Client network socket disconnected before secure TLS connection was established'
    const evidence: LinkEvidence = {
      kind: 'error',
      stage: 'transport',
      error: withCode('ECONNRESET', message),
    }
    expect(linkFault(evidence, asIs)).toEqual({ code: 'tls', raw: `ECONNRESET: ${message}` })
  })

  it('takes the first cause of an error for several addresses', () => {
    const error = new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')])
    expect(linkFault({ kind: 'error', stage: 'transport', error }, asIs)).toEqual({
      code: 'refused',
      raw: 'ECONNREFUSED happened; ENETUNREACH happened',
    })
  })
})

describe('linkFault of a reason code', () => {
  it.each([
    [1, 'other'],
    [2, 'other'],
    [3, 'serverBusy'],
    [4, 'badCredentials'],
    [5, 'notAuthorised'],
    [0x84, 'other'],
    [0x86, 'badCredentials'],
    [0x87, 'notAuthorised'],
    [0x88, 'serverBusy'],
    [0x89, 'serverBusy'],
    [0x8e, 'takenOver'],
    [0x97, 'connectionLimit'],
    [0x9f, 'serverBusy'],
  ] as const)('CONNACK %i means %s', (reasonCode, code) => {
    expect(linkFault({ kind: 'connack', reasonCode }, asIs)).toMatchObject({ code, reasonCode })
  })

  it.each([
    [0x00, false, 'closedByBroker'],
    [0x87, false, 'notAuthorised'],
    [0x87, true, 'publishRefused'],
    [0x8b, false, 'closedByBroker'],
    [0x8d, false, 'halfOpen'],
    [0x8e, true, 'takenOver'],
    [0x97, false, 'serverBusy'],
    [0x81, false, 'messageNotTaken'],
    [0x82, true, 'messageNotTaken'],
    [0x90, false, 'messageNotTaken'],
    [0x94, false, 'messageNotTaken'],
    [0x95, false, 'messageNotTaken'],
    [0x99, false, 'messageNotTaken'],
    [0xa1, false, 'other'],
  ] as const)('DISCONNECT %i, after a refused PUBLISH: %s, means %s', (reasonCode, publishRefused, code) => {
    expect(linkFault({ kind: 'disconnect', reasonCode, publishRefused }, asIs)).toMatchObject({
      code,
      reasonCode,
    })
  })

  it('keeps the code beside a text with it in hexadecimal, as the MQTT standard writes it', () => {
    expect(linkFault({ kind: 'suback', reasonCode: 0x87 }, asIs)).toEqual({
      code: 'subscriptionRefused',
      raw: 'SUBACK reason code 0x87',
      reasonCode: 0x87,
    })
  })
})

describe('linkFault of silence and closing', () => {
  it.each<[LinkEvidence, string, string]>([
    [
      { kind: 'closed', stage: 'connack', publishRefused: false },
      'closedByBroker',
      'closed by the peer before the CONNACK',
    ],
    [{ kind: 'closed', stage: 'ready', publishRefused: false }, 'closedByBroker', 'closed by the peer'],
    [
      { kind: 'closed', stage: 'ready', publishRefused: true },
      'publishRefused',
      'closed right after PUBACK reason code 0x87',
    ],
    [{ kind: 'timeout', stage: 'subscribing', waitedMs: 10_000 }, 'timeout', 'no SUBACK within 10 s'],
    [{ kind: 'silent', silentMs: 8_004 }, 'halfOpen', 'nothing heard for 8 s, not even the answer to a ping'],
    [{ kind: 'noAck', waitedMs: 10_400 }, 'halfOpen', 'a PUBLISH stayed unacknowledged for 10.4 s'],
  ])('%j means %s', (evidence, code, raw) => {
    expect(linkFault(evidence, asIs)).toMatchObject({ code, raw })
  })
})

describe('which MQTT version to try', () => {
  it('takes code 1 of MQTT 3.1.1 and 0x84 of MQTT 5 for a refused version, and nothing else', () => {
    const refusing = [1, 2, 3, 4, 5, 0x80, 0x84, 0x87].filter((reasonCode) =>
      refusesVersion({ kind: 'connack', reasonCode }),
    )
    expect(refusing).toEqual([1, 0x84])
  })

  it('notices a peer that hangs up between CONNECT and CONNACK, closed or reset', () => {
    const seen = (['transport', 'connack', 'subscribing', 'ready'] as const).map((stage) => [
      hungUpOnConnect({ kind: 'closed', stage, publishRefused: false }),
      hungUpOnConnect({ kind: 'error', stage, error: withCode('ECONNRESET') }),
      hungUpOnConnect({ kind: 'error', stage, error: withCode('CERT_HAS_EXPIRED') }),
    ])
    expect(seen).toEqual([
      [false, false, false],
      [true, true, false],
      [false, false, false],
      [false, false, false],
    ])
  })
})

describe('createScrubber', () => {
  const safe = createScrubber({ host: 'b.example', username: 'hall', password: 'hall.(x)+1' })

  it('takes out the password, the user name, the host and addresses, in any case and on one line', () => {
    expect(
      safe('no hall.(x)+1 for HALL\n at B.EXAMPLE (10.0.0.7:8883, ::1, fe80::1%eth0) at 12:30 and 12:30:59'),
    ).toBe(
      'no [password] for [user name] at [broker] ([address], [address], [address]) at 12:30 and 12:30:59',
    )
  })

  it('cuts long texts', () => {
    expect(safe('x'.repeat(1000))).toBe('x'.repeat(300))
  })
})
