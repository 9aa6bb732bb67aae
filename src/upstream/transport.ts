import { X509Certificate } from 'node:crypto'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { BrokerAddress } from '../protocol/link/broker-address.ts'

/** What an open transport reports. Exactly one of the two is called, at most once. */
export interface TransportHandlers {
  /** TCP is connected, and TLS begins; not one of the two. */
  readonly progress?: () => void
  /** TCP is connected and, for `tls` and `wss`, the certificate is verified. */
  readonly open: (socket: Socket) => void
  readonly failed: (error: unknown) => void
}

/** A TCP connection, with TLS on it or not, before any MQTT or WebSocket byte. */
export interface Transport {
  /**
   * Cuts the connection with a TCP reset. Unlike a close, that throws away what the kernel still
   * holds, so that a press given up as lost can't arrive when the network comes back (R1).
   */
  abort(): void
}

/** Made when a certificate is first to be verified: reading all that Node trusts takes longer than a page. */
export type Trust = () => SecureContext

/**
 * The certificates to trust: those that Node trusts, and `ca` (PEM, one or more) in addition.
 * Throws when `ca` isn't PEM. Without `ca` there is nothing to add, and Node's own choice holds.
 */
export function trust(ca: string | undefined): Trust {
  const minVersion = 'TLSv1.2'
  // OpenSSL passes over what it can't read; here that would look like a certificate nobody trusts.
  for (const pem of ca?.split(/(?<=-----END CERTIFICATE-----)\s*/) ?? []) {
    if (pem !== '') new X509Certificate(pem)
  }
  let context: SecureContext | undefined
  return () =>
    (context ??= createSecureContext(
      ca === undefined ? { minVersion } : { minVersion, ca: [...rootCertificates, ca] },
    ))
}

/**
 * Opens the connection that `address` asks for. Certificates are always verified, against the host
 * name or IP address given; there is no way to switch that off. SNI is sent for host names, which
 * HiveMQ Cloud requires (docs/platforms.md 3.1), and never for IP addresses (RFC 6066 section 3).
 */
export function openTransport(
  address: BrokerAddress,
  trusted: Trust,
  handlers: TransportHandlers,
  lookup?: LookupFunction,
): Transport {
  const where = { host: address.host, port: address.port, noDelay: true }
  const tcp = connectTcp(lookup === undefined ? where : { ...where, lookup })
  let settled = false
  const settle = (report: () => void): void => {
    if (settled) return
    settled = true
    report()
  }
  const failed = (error: unknown): void => settle(() => handlers.failed(error))
  // These listeners stay for good: an error after the end must not become an uncaught one.
  tcp.on('error', failed)
  tcp.on('close', () => failed(new Error('closed by the peer')))
  tcp.once('connect', () => {
    if (address.transport === 'tcp' || address.transport === 'ws') {
      settle(() => handlers.open(tcp))
      return
    }
    handlers.progress?.()
    const { host } = address
    const names = isIP(host) === 0 ? { host, servername: host } : { host }
    const tls = connectTls({ ...names, socket: tcp, secureContext: trusted(), rejectUnauthorized: true })
    tls.on('error', failed)
    tls.once('secureConnect', () => settle(() => handlers.open(tls)))
  })
  return {
    abort() {
      settled = true
      if (tcp.destroyed) return
      // Node would wait for the connection before it resets it; there is nothing sent to take back.
      if (tcp.connecting) tcp.destroy()
      else tcp.resetAndDestroy()
    },
  }
}
