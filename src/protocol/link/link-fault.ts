import { isCloudBroker, type BrokerAddress } from './broker-address.ts'

/** Why the link is not up, as a fixed code: the advice table turns it into an organiser's words. */
export type LinkFaultCode =
  | 'dns'
  | 'dnsSilent'
  | 'refused'
  | 'brokerAway'
  | 'timeout'
  | 'reset'
  | 'unreachable'
  | 'cloudPort'
  | 'certificateUnknownCa'
  | 'certificateSelfSigned'
  | 'certificateExpired'
  | 'certificateNotYetValid'
  | 'certificateWrongHost'
  | 'certificateOther'
  | 'captivePortal'
  | 'tls'
  | 'tlsTooOld'
  | 'notTls'
  | 'tlsCut'
  | 'notMqtt'
  | 'webServer'
  | 'noMqttPath'
  | 'badCredentials'
  | 'passwordWanted'
  | 'notAuthorised'
  | 'noPermission'
  | 'noServerName'
  | 'connectionLimit'
  | 'serverBusy'
  | 'takenOver'
  | 'subscriptionRefused'
  | 'publishRefused'
  | 'messageNotTaken'
  | 'halfOpen'
  | 'closedByBroker'
  | 'other'

/** What is known beside the fault itself when the link fails. */
export interface FaultContext {
  readonly address: BrokerAddress
  /** Of the CONNECT that was refused, if it came that far. */
  readonly protocolVersion?: 4 | 5
  /** It broke before any byte of MQTT: on an encrypted transport that is during the TLS handshake. */
  readonly beforeMqtt?: boolean
  /** The link stood before with these settings, so that the address and the port are right. */
  readonly workedBefore?: boolean
  /** The settings have no user name, so that the broker was asked to let anybody in. */
  readonly anonymous?: boolean
}

/** Why the link is not up. */
export interface LinkFault {
  readonly code: LinkFaultCode
  /** The raw error, one line, without any secret (R10); addresses in it are hidden before it is shown. */
  readonly raw: string
  /** The CONNACK, SUBACK or DISCONNECT reason code, when the broker gave one. */
  readonly reasonCode?: number
}

const silentCodes: ReadonlySet<LinkFaultCode> = new Set(['refused', 'timeout', 'reset', 'closedByBroker'])
const strangerCodes: ReadonlySet<LinkFaultCode> = new Set([
  'certificateUnknownCa',
  'certificateSelfSigned',
  'certificateWrongHost',
])
const selfSignedPattern = /self[- ]signed certificate(?! in certificate chain)|DEPTH_ZERO_SELF_SIGNED/i
const tooOldPattern =
  /ERR_SSL_(?:UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION|WRONG_SSL_VERSION|VERSION_TOO_LOW)|alert protocol version|unsupported protocol/i
const notTlsPattern = /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i
/** Both a port without TLS and a load balancer with nothing behind it close the connection so. */
const tlsCutPattern = /before secure TLS/i
/** A web server without MQTT over WebSocket there: not found, a page, a redirection. */
const noPathPattern = /^Unexpected server response: [234]\d\d\b/
/** `HTTP/1.1 400` begins with the byte 0x48, which the MQTT parser takes for a faulty PUBACK. */
const httpPattern = /must be 0x0 for puback packet/i

/**
 * The finest code that the evidence bears out: one error code or reason code has several causes, and the
 * address, the MQTT version and the error's text tell which. Pure, and the same for the running bridge and
 * for `owlcms-bridge check`, so that both say the same sentence.
 */
export function refineFault({ code, raw }: LinkFault, context: FaultContext): LinkFaultCode {
  const { transport, host, path } = context.address
  const cloud = isCloudBroker(host)
  if (code === 'dns' && /EAI_AGAIN|EAI_FAIL|ETIMEOUT|ESERVFAIL|EREFUSED/.test(raw)) return 'dnsSilent'
  // Both big services answer with TLS only; whatever happens on a plain port there has this one cause.
  if (cloud && (transport === 'tcp' || transport === 'ws') && silentCodes.has(code)) return 'cloudPort'
  // It was the right place a moment ago, so that only the way there can be at fault.
  if (code === 'timeout' && context.workedBefore === true) return 'halfOpen'
  if (code === 'refused' && context.workedBefore === true) return 'brokerAway'
  if (code === 'dns' && context.workedBefore === true) return 'dnsSilent'
  if (cloud && strangerCodes.has(code)) return 'captivePortal'
  if (code === 'certificateUnknownCa' && selfSignedPattern.test(raw)) return 'certificateSelfSigned'
  if (code === 'tls' && tooOldPattern.test(raw)) return 'tlsTooOld'
  const encrypted = transport === 'tls' || transport === 'wss'
  const cut = code === 'tls' && tlsCutPattern.test(raw)
  if (cut && context.workedBefore === true) return 'closedByBroker'
  if (cut || (code === 'reset' && encrypted && context.beforeMqtt === true && context.workedBefore !== true))
    return 'tlsCut'
  if (code === 'tls' && notTlsPattern.test(raw)) return 'notTls'
  if (code === 'notMqtt' && httpPattern.test(raw)) return 'webServer'
  if (code === 'notMqtt' && path === '/mqtt' && noPathPattern.test(raw)) return 'noMqttPath'
  if (code === 'notAuthorised') return refusedLogin(context)
  if (code === 'badCredentials' && context.anonymous === true) return 'passwordWanted'
  return code
}

/** MQTT 5 has a code of its own for the connection limit (0x97), MQTT 3.1.1 puts all three under code 5. */
function refusedLogin({ address, protocolVersion, anonymous }: FaultContext): LinkFaultCode {
  const encrypted = address.transport === 'tls' || address.transport === 'wss'
  // Without a name in the address none is sent by SNI, and brokers that share one address refuse that.
  if (encrypted && /^[\d.]+$|:/.test(address.host)) return 'noServerName'
  if (anonymous === true) return 'passwordWanted'
  return protocolVersion === 5 ? 'noPermission' : 'notAuthorised'
}
