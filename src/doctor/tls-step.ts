import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { parseTime } from '../support/clock.ts'
import { trust } from '../upstream/transport.ts'
import type { LinkEvidence } from '../upstream/faults.ts'
import { passed, plain, troubled, type StepResult } from './finding.ts'
import { openTcp } from './network-steps.ts'
import { orLate, type Visit } from './visit.ts'

const dayMs = 24 * 60 * 60 * 1000

/** A stranger's answer to a question in HTTP begins with this. */
const httpStart = 'HTTP/'

/**
 * Whether the connection is encrypted, and whether the certificate may be trusted. The handshake is made without
 * enforcement, so that the certificate can be read and named; no user name, password or MQTT byte is sent on it.
 */
export async function tlsStep(visit: Visit): Promise<StepResult> {
  const { transport } = visit.broker.address
  if (transport === 'tcp' || transport === 'ws') {
    return passed('tls', visit.texts.tls.none)
  }
  const begun = visit.clock.now()
  const tcp = await openTcp(visit, visit.limits.tcpMs)
  if ('kind' in tcp) return faulty(visit, tcp, begun)
  const handshake = await shakeHands(visit, tcp, trust(visit.broker.ca)())
  if ('kind' in handshake) {
    tcp.destroy()
    return faulty(visit, handshake, begun)
  }
  const finding = handshake.authorized
    ? judgeGood(visit, handshake, begun)
    : await judgeBad(visit, handshake, begun)
  tcp.destroy()
  return finding
}

async function shakeHands(
  visit: Visit,
  socket: Socket,
  secureContext: SecureContext,
): Promise<TLSSocket | LinkEvidence> {
  const { host } = visit.broker.address
  const waitedMs = visit.within(visit.limits.tlsMs)
  const names = isIP(host) === 0 ? { host, servername: host } : { host }
  const tls = connectTls({ ...names, socket, secureContext, rejectUnauthorized: false })
  const shaken = new Promise<TLSSocket | LinkEvidence>((resolve) => {
    tls.on('error', (error) => resolve({ kind: 'error', stage: 'transport', error }))
    tls.once('secureConnect', () => resolve(tls))
  })
  const late: LinkEvidence = { kind: 'timeout', stage: 'transport', waitedMs }
  return orLate<TLSSocket | LinkEvidence, LinkEvidence>(visit.clock, waitedMs, shaken, late)
}

function faulty(visit: Visit, evidence: LinkEvidence, begun: number): StepResult {
  const { code, raw } = visit.faultOf(evidence)
  return troubled('tls', 'fail', code, { raw, ms: visit.clock.now() - begun })
}

function judgeGood(visit: Visit, tls: TLSSocket, begun: number): StepResult {
  const { tls: words } = visit.texts
  const ms = visit.clock.now() - begun
  const certificate = tls.getPeerCertificate(true)
  const days = Math.floor((parseTime(certificate.valid_to) - visit.clock.wallTime()) / dayMs)
  if (days < visit.limits.certificateDays)
    return troubled('tls', 'warn', 'certificateSoon', {
      raw: `${days === 1 ? 'one day' : `${days} days`} left (${certificate.valid_to})`,
      ms,
    })
  const issuer = plain(nameOf(certificate.issuer, words.unnamed))
  const what = words.good(tls.getProtocol() ?? 'TLS', issuer, chainLength(certificate), days)
  return passed('tls', what, ms)
}

async function judgeBad(visit: Visit, tls: TLSSocket, begun: number): Promise<StepResult> {
  const certificate = tls.getPeerCertificate()
  // Typed as an Error, but it is the error's code.
  const code = String(tls.authorizationError)
  const message = `${code}: certificate of ${whom(certificate)} by ${plain(nameOf(certificate.issuer))}, ${certificate.valid_from} to ${certificate.valid_to}`
  const fault = visit.faultOf({
    kind: 'error',
    stage: 'transport',
    error: Object.assign(new Error(message), { code }),
  })
  const raw = fault.raw
  const stranger = !/Expired|NotYetValid/.test(fault.code) && (await speaksHttp(visit, tls))
  const ms = visit.clock.now() - begun
  return troubled('tls', 'fail', stranger ? 'captivePortal' : fault.code, {
    raw: stranger ? `${raw}; it answers in HTTP` : raw,
    ms,
  })
}

/** Whether the other side is a web server; a broker hangs up on such a question. */
async function speaksHttp(visit: Visit, tls: TLSSocket): Promise<boolean> {
  const first = new Promise<boolean>((resolve) => {
    tls.once('data', (bytes: Uint8Array) => {
      resolve(Buffer.from(bytes.subarray(0, httpStart.length)).toString('latin1') === httpStart)
    })
    tls.once('close', () => resolve(false))
  })
  tls.write('HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  return orLate(visit.clock, visit.within(visit.limits.strangerMs), first, false)
}

const nameOf = (who: PeerCertificate['subject'], nobody = 'nobody named'): string =>
  [who.O, who.CN].flat().filter(Boolean).join(' ') || nobody

const whom = (certificate: PeerCertificate): string =>
  plain(certificate.subjectaltname ?? nameOf(certificate.subject))

/** Certificates from the server's own up to the authority; the last one names itself as its issuer. */
function chainLength(certificate: ReturnType<TLSSocket['getPeerCertificate']>): number {
  const seen = new Set<string>()
  let next: PeerCertificate | undefined = certificate
  while (next !== undefined && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256)
    next = (next as { readonly issuerCertificate?: PeerCertificate }).issuerCertificate
  }
  return seen.size
}
