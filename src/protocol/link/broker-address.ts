import { err, ok, type Result } from '../result.ts'

/** Where the broker is and how to reach it; no user name or password in here. */
export interface BrokerAddress {
  /** `tls`: MQTT over TLS; `tcp`: plain MQTT; `wss`/`ws`: MQTT over WebSocket with or without TLS. */
  readonly transport: 'tls' | 'tcp' | 'wss' | 'ws'
  /** Lower case; an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
  /** Only for `ws` and `wss`; starts with `/`. */
  readonly path?: string
}

/**
 * Why two texts do not name a broker. `swapped`: the port stands where the address belongs. `consolePage`: the web page where brokers are managed. `webPage`:
 * http or https. `credentials`: a user name or password inside the address. `portConflict`: the address
 * and the port setting name different ports. `path`: something after the host that only a WebSocket
 * address may have. No fault carries any of the text, which may be a misplaced password (R10).
 */
export type AddressFault =
  | 'credentials'
  | 'swapped'
  | 'consolePage'
  | 'webPage'
  | 'scheme'
  | 'host'
  | 'portInServer'
  | 'port'
  | 'portConflict'
  | 'path'

/** What was understood, though somebody may have meant something else. */
export type AddressNote =
  'plainOnTlsPort' | 'plainOnCloud' | 'defaultPortWithWebSocket' | 'hiveMqWebSocket' | 'hostWithoutDot'

/** An address, and what was odd about how it was written. */
export interface ParsedAddress {
  readonly address: BrokerAddress
  readonly notes: readonly AddressNote[]
}

type Transport = BrokerAddress['transport']

const schemes: Readonly<Record<string, Transport>> = {
  mqtts: 'tls',
  ssl: 'tls',
  tls: 'tls',
  mqtt: 'tcp',
  tcp: 'tcp',
  wss: 'wss',
  ws: 'ws',
}
const defaultPorts: Readonly<Record<Transport, number>> = { tls: 8883, tcp: 1883, wss: 443, ws: 80 }
const consoleHosts: readonly string[] = [
  'console.hivemq.cloud',
  'console.hivemq.com',
  'app.hivemq.com',
  'app.hivemq.cloud',
]

/** Broker services that speak TLS only (docs/platforms.md 3.1, 3.2). */
const cloudSuffixes: readonly string[] = ['.hivemq.cloud', '.emqxsl.com', '.emqx.cloud', '.emqxsl.cn']

/** Whether the host belongs to a broker service in the cloud, whose ports and certificates are known. */
export function isCloudBroker(host: string): boolean {
  return cloudSuffixes.some((suffix) => host.endsWith(suffix))
}

const schemePattern = /^([a-z][a-z0-9+.-]*):\/\//i
const hostNamePattern = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/
const ipv6Pattern = /^(?=.{2,45}$)(?=.*:.*:)[0-9a-f:]*(?:(?:\d{1,3}\.){3}\d{1,3})?$/
const pathPattern = /^\/[A-Za-z0-9._~/%-]{0,200}$/

interface Pieces {
  readonly scheme: string | undefined
  readonly host: string
  readonly port: string | undefined
  readonly tail: string
}

/**
 * Reads a broker's address as organisers write or paste it: `host`, `host:port`, or a URL, with the
 * port setting's text beside it (docs/settings.md). A scheme decides the transport; without one
 * it is TLS if and only if the port's text starts with "8", as in owlcms (docs/owlcms.md 1.2), and 443 is
 * MQTT over WebSocket at `/mqtt`. Without any port it is 8883, or the scheme's own.
 */
export function parseBrokerAddress(
  server: string,
  portText: string | undefined,
): Result<ParsedAddress, AddressFault> {
  if (isPort(server.trim()) && portText !== undefined && /[a-z]/i.test(portText)) return err('swapped')
  const pieces = takeApart(server.trim())
  if (!pieces.ok) return pieces
  const { scheme, host, tail, port: portInServer } = pieces.value
  if (consoleHosts.includes(host)) return err('consolePage')
  if (scheme === 'http' || scheme === 'https') return err('webPage')
  if (scheme !== undefined && !Object.hasOwn(schemes, scheme)) return err('scheme')
  if (portInServer !== undefined && !isPort(portInServer)) return err('portInServer')
  if (portText !== undefined && !isPort(portText)) return err('port')
  if (portInServer !== undefined && portText !== undefined && portInServer !== portText)
    return err('portConflict')
  const notes: AddressNote[] = []
  const stated = statedPort(scheme, portInServer, portText, notes)
  const transport = transportOf(scheme, host, stated, notes)
  if (!host.includes('.') && !host.includes(':') && host !== 'localhost') notes.push('hostWithoutDot')
  if ((transport === 'tcp' || transport === 'ws') && isCloudBroker(host)) notes.push('plainOnCloud')
  const port = stated === undefined ? defaultPorts[transport] : Number(stated)
  const path = pathOf(transport, tail)
  if (!path.ok) return path
  const address =
    path.value === undefined ? { transport, host, port } : { transport, host, port, path: path.value }
  return ok({ address, notes })
}

function takeApart(text: string): Result<Pieces, AddressFault> {
  const scheme = schemePattern.exec(text)?.[1]?.toLowerCase()
  const rest = text.replace(schemePattern, '')
  // Also without a scheme, and wherever it stands: an "@" means that a password may be near.
  if (rest.includes('@')) return err('credentials')
  const end = rest.search(/[/?#]/)
  const authority = (end === -1 ? rest : rest.slice(0, end)).toLowerCase()
  const tail = end === -1 ? '' : rest.slice(end)
  const { host, port } = splitPort(authority)
  if (!hostNamePattern.test(host) && !ipv6Pattern.test(host)) return err('host')
  return ok({ scheme, host, port, tail })
}

function splitPort(authority: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority)
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] }
  const colons = authority.split(':').length - 1
  // More than one colon and no brackets: an IPv6 address without a port.
  if (colons !== 1) return { host: withoutRootDot(authority), port: undefined }
  const at = authority.indexOf(':')
  return { host: withoutRootDot(authority.slice(0, at)), port: authority.slice(at + 1) }
}

const withoutRootDot = (host: string) => (host.endsWith('.') ? host.slice(0, -1) : host)

/** No leading zero: owlcms looks at the first character of the text. */
const isPort = (text: string) => /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535

function statedPort(
  scheme: string | undefined,
  portInServer: string | undefined,
  portText: string | undefined,
  notes: AddressNote[],
): string | undefined {
  // A deploy button fills in 8883 by itself; beside wss:// nobody chose it.
  if ((scheme === 'wss' || scheme === 'ws') && portInServer === undefined && portText === '8883') {
    notes.push('defaultPortWithWebSocket')
    return undefined
  }
  return portInServer ?? portText
}

function transportOf(
  scheme: string | undefined,
  host: string,
  port: string | undefined,
  notes: AddressNote[],
): Transport {
  const named = scheme === undefined ? undefined : schemes[scheme]
  if (named === 'tcp' && port?.startsWith('8') === true) notes.push('plainOnTlsPort')
  if (named === undefined || named === 'tls') {
    // HiveMQ Cloud serves nothing but MQTT over WebSocket there (docs/platforms.md 3.1).
    if (port === '8884' && host.endsWith('.hivemq.cloud')) {
      notes.push('hiveMqWebSocket')
      return 'wss'
    }
  }
  if (named !== undefined) return named
  if (port === '443') return 'wss'
  return port === undefined || port.startsWith('8') ? 'tls' : 'tcp'
}

function pathOf(transport: Transport, tail: string): Result<string | undefined, AddressFault> {
  const empty = tail === '' || tail === '/'
  if (transport === 'wss' || transport === 'ws') {
    if (empty) return ok('/mqtt')
    return pathPattern.test(tail) ? ok(tail) : err('path')
  }
  return empty ? ok(undefined) : err('path')
}
