import { errorCode, errorText } from '../support/errors.ts'
import type { LinkFault, LinkFaultCode } from '../protocol/link/link-fault.ts'

/** How far a connection had come when it ended. */
export type LinkStage = 'transport' | 'connack' | 'subscribing' | 'ready'

/** What was seen of the end of a connection; outside texts in it are not yet safe to show. */
export type LinkEvidence =
  | { readonly kind: 'error'; readonly stage: LinkStage; readonly error: unknown }
  | { readonly kind: 'closed'; readonly stage: LinkStage; readonly publishRefused: boolean }
  | { readonly kind: 'connack'; readonly reasonCode: number }
  | { readonly kind: 'suback'; readonly reasonCode: number }
  | { readonly kind: 'disconnect'; readonly reasonCode: number; readonly publishRefused: boolean }
  | { readonly kind: 'timeout'; readonly stage: LinkStage; readonly waitedMs: number }
  | { readonly kind: 'silent'; readonly silentMs: number }
  | { readonly kind: 'noAck'; readonly waitedMs: number }

/** Error codes of Node, OpenSSL and ws, with their meaning. What is missing here goes by its prefix. */
const byErrorCode: Readonly<Record<string, LinkFaultCode>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ETIMEOUT: 'dns',
  ESERVFAIL: 'dns',
  EREFUSED: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificateUnknownCa',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificateUnknownCa',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificateUnknownCa',
  UNABLE_TO_GET_ISSUER_CERT: 'certificateUnknownCa',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificateUnknownCa',
  CERT_UNTRUSTED: 'certificateUnknownCa',
  CERT_HAS_EXPIRED: 'certificateExpired',
  CERT_NOT_YET_VALID: 'certificateNotYetValid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificateWrongHost',
  HOSTNAME_MISMATCH: 'certificateWrongHost',
  CERT_SIGNATURE_FAILURE: 'certificateOther',
  CERT_REVOKED: 'certificateOther',
  CERT_CHAIN_TOO_LONG: 'certificateOther',
  CERT_REJECTED: 'certificateOther',
  INVALID_CA: 'certificateOther',
  INVALID_PURPOSE: 'certificateOther',
  PATH_LENGTH_EXCEEDED: 'certificateOther',
  EPROTO: 'tls',
}

const byErrorPrefix: readonly (readonly [prefix: string, code: LinkFaultCode])[] = [
  ['ERR_SSL_', 'tls'],
  ['ERR_TLS_', 'tls'],
  // An MQTT or other answer where HTTP was expected.
  ['HPE_', 'notMqtt'],
  ['WS_ERR_', 'notMqtt'],
]

/** CONNACK return codes of MQTT 3.1.1 (table 3.1) and reason codes of MQTT 5 (section 3.2.2.2). */
const byConnackCode: Readonly<Record<number, LinkFaultCode>> = {
  3: 'serverBusy',
  4: 'badCredentials',
  5: 'notAuthorised',
  0x86: 'badCredentials',
  0x87: 'notAuthorised',
  0x88: 'serverBusy',
  0x89: 'serverBusy',
  0x8a: 'notAuthorised',
  0x8c: 'badCredentials',
  0x8e: 'takenOver',
  0x97: 'connectionLimit',
  0x9f: 'serverBusy',
}

/** DISCONNECT reason codes of MQTT 5 (section 3.14.2.1) that a broker sends on a link that worked. */
const byDisconnectCode: Readonly<Record<number, LinkFaultCode>> = {
  0x00: 'closedByBroker',
  0x81: 'messageNotTaken',
  0x82: 'messageNotTaken',
  0x87: 'notAuthorised',
  0x89: 'serverBusy',
  0x8b: 'closedByBroker',
  0x8d: 'halfOpen',
  0x8e: 'takenOver',
  0x90: 'messageNotTaken',
  0x93: 'serverBusy',
  0x94: 'messageNotTaken',
  0x95: 'messageNotTaken',
  0x96: 'serverBusy',
  0x97: 'serverBusy',
  0x98: 'closedByBroker',
  0x99: 'messageNotTaken',
  0x9f: 'serverBusy',
  0xa0: 'closedByBroker',
}

/** HTTP answers to the WebSocket upgrade; any other one means that no MQTT lives at that address. */
const byHttpStatus: Readonly<Record<string, LinkFaultCode>> = {
  401: 'notAuthorised',
  403: 'notAuthorised',
  429: 'serverBusy',
  502: 'serverBusy',
  503: 'serverBusy',
  504: 'serverBusy',
}

/** Whether the broker said that it doesn't speak MQTT 5: code 1 of MQTT 3.1.1, or 0x84. */
export function refusesVersion(evidence: LinkEvidence): boolean {
  return evidence.kind === 'connack' && (evidence.reasonCode === 1 || evidence.reasonCode === 0x84)
}

/**
 * Whether the peer hung up between our CONNECT and its CONNACK without a word: what some
 * MQTT 3 brokers do with a CONNECT of version 5.
 */
export function hungUpOnConnect(evidence: LinkEvidence): boolean {
  if (evidence.kind === 'closed') return evidence.stage === 'connack'
  return evidence.kind === 'error' && evidence.stage === 'connack' && faultOfError(evidence.error) === 'reset'
}

/**
 * What the evidence means. `safe` is applied to each text that came from outside, and takes out
 * the secrets and the address (R10); {@link createScrubber} makes one.
 */
export function linkFault(evidence: LinkEvidence, safe: (text: string) => string): LinkFault {
  switch (evidence.kind) {
    case 'error':
      return errorFault(evidence.error, safe)
    case 'closed':
      return closedFault(evidence.stage, evidence.publishRefused)
    case 'connack': {
      const code = byConnackCode[evidence.reasonCode] ?? 'other'
      return coded(code, `CONNACK reason code ${hex(evidence.reasonCode)}`, evidence.reasonCode)
    }
    case 'suback':
      return coded(
        'subscriptionRefused',
        `SUBACK reason code ${hex(evidence.reasonCode)}`,
        evidence.reasonCode,
      )
    case 'disconnect': {
      const afterRefusal = evidence.publishRefused && evidence.reasonCode === 0x87
      const code = afterRefusal ? 'publishRefused' : (byDisconnectCode[evidence.reasonCode] ?? 'other')
      return coded(code, `DISCONNECT reason code ${hex(evidence.reasonCode)}`, evidence.reasonCode)
    }
    case 'timeout':
      return { code: 'timeout', raw: `no ${awaited[evidence.stage]} within ${seconds(evidence.waitedMs)}` }
    case 'silent':
      return {
        code: 'halfOpen',
        raw: `nothing heard for ${seconds(evidence.silentMs)}, not even the answer to a ping`,
      }
    case 'noAck':
      return { code: 'halfOpen', raw: `a PUBLISH stayed unacknowledged for ${seconds(evidence.waitedMs)}` }
    default:
      return evidence satisfies never
  }
}

const awaited: Readonly<Record<LinkStage, string>> = {
  transport: 'connection',
  connack: 'CONNACK',
  subscribing: 'SUBACK',
  ready: 'answer',
}

function closedFault(stage: LinkStage, publishRefused: boolean): LinkFault {
  if (publishRefused) return coded('publishRefused', 'closed right after PUBACK reason code 0x87', 0x87)
  const raw = stage === 'ready' ? 'closed by the peer' : `closed by the peer before the ${awaited[stage]}`
  return { code: 'closedByBroker', raw }
}

function errorFault(error: unknown, safe: (text: string) => string): LinkFault {
  const code = errorCode(error)
  const label = typeof code === 'string' && !errorText(error).includes(code) ? `${code}: ` : ''
  const fault = { code: faultOfError(error), raw: safe(label + errorText(error)) }
  return typeof code === 'number' ? { ...fault, reasonCode: code } : fault
}

function faultOfError(error: unknown): LinkFaultCode {
  const text = errorText(error)
  // Node gives this one the code of a reset; it is what a port without TLS does to a TLS client.
  if (text.includes('before secure TLS connection')) return 'tls'
  const code = errorCode(error)
  if (typeof code === 'string') {
    return byErrorCode[code] ?? byErrorPrefix.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'other'
  }
  const status = /^Unexpected server response: (\d{3})$/.exec(text)?.[1]
  if (status !== undefined) return byHttpStatus[status] ?? 'notMqtt'
  if (text === 'Keepalive timeout') return 'halfOpen'
  // What is left are complaints of the MQTT parser and of the WebSocket handshake.
  return error instanceof Error ? 'notMqtt' : 'other'
}

function coded(code: LinkFaultCode, raw: string, reasonCode: number): LinkFault {
  return { code, raw, reasonCode }
}

function hex(reasonCode: number): string {
  return reasonCode < 0x80 ? String(reasonCode) : `0x${reasonCode.toString(16).toUpperCase()}`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
