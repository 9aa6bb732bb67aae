import { generate } from 'selfsigned'

/** A server's private key and certificate, PEM. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

/** Certificates of one test run; nothing of it is written to disk. */
export interface TestCertificates {
  /** The authority that signed all of them but `unknownCa` and `selfSigned`. */
  readonly ca: string
  /** For localhost, 127.0.0.1 and ::1, valid now. */
  readonly valid: ServerCertificate
  /** Like `valid`, for five more days. */
  readonly expiresSoon: ServerCertificate
  readonly expired: ServerCertificate
  readonly notYetValid: ServerCertificate
  /** For another host name than ours. */
  readonly wrongHost: ServerCertificate
  /** Like `valid`, signed by an authority that nobody trusts. */
  readonly unknownCa: ServerCertificate
  readonly selfSigned: ServerCertificate
}

interface Authority {
  readonly key: string
  readonly cert: string
}

const day = 24 * 60 * 60 * 1000

/** Makes them all, in some milliseconds, on elliptic curves. */
export async function makeCertificates(): Promise<TestCertificates> {
  const [ca, stranger] = await Promise.all([authority('Test authority'), authority('Unknown authority')])
  const [valid, expiresSoon, expired, notYetValid, wrongHost, unknownCa, selfSigned] = await Promise.all([
    server(ca),
    server(ca, { toDays: 5.5 }),
    server(ca, { fromDays: -30, toDays: -1 }),
    server(ca, { fromDays: 1, toDays: 30 }),
    server(ca, { names: ['other.example'] }),
    server(stranger),
    server(undefined),
  ])
  return { ca: ca.cert, valid, expiresSoon, expired, notYetValid, wrongHost, unknownCa, selfSigned }
}

async function authority(commonName: string): Promise<Authority> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...{ keyType: 'ec', algorithm: 'sha256', ...validity(-60, 60) },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { key: made.private, cert: made.cert }
}

interface ServerOptions {
  readonly fromDays?: number
  readonly toDays?: number
  readonly names?: readonly string[]
}

async function server(ca: Authority | undefined, options: ServerOptions = {}): Promise<ServerCertificate> {
  const { fromDays = -1, toDays = 30, names } = options
  const here = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
    { type: 7 as const, ip: '::1' },
  ]
  const made = await generate([{ name: 'commonName', value: names?.[0] ?? 'localhost' }], {
    ...{ keyType: 'ec', algorithm: 'sha256', ...validity(fromDays, toDays) },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names?.map((value) => ({ type: 2, value })) ?? here },
    ],
    ...(ca === undefined ? {} : { ca }),
  })
  return { key: made.private, cert: made.cert }
}

function validity(fromDays: number, toDays: number): { notBeforeDate: Date; notAfterDate: Date } {
  const now = Date.now()
  return { notBeforeDate: new Date(now + fromDays * day), notAfterDate: new Date(now + toDays * day) }
}
