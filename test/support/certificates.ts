import { generate } from 'selfsigned'

/** A server's private key and certificate, PEM. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

export type TestCertificates = Awaited<ReturnType<typeof makeCertificates>>

const day = 24 * 60 * 60 * 1000

/** Makes the certificates of one test run, in some milliseconds, on elliptic curves; nothing of it is written to disk. */
export async function makeCertificates() {
  const [ca, stranger] = await Promise.all([authority('Test authority'), authority('Unknown authority')])
  return {
    /** The authority that signed all of them but `unknownCa` and `selfSigned`. */
    ca: ca.cert,
    /** For localhost, 127.0.0.1 and ::1, valid now. */
    valid: await server(ca),
    /** Like `valid`, for five more days. */
    expiresSoon: await server(ca, { toDays: 5.5 }),
    expired: await server(ca, { fromDays: -30, toDays: -1 }),
    notYetValid: await server(ca, { fromDays: 1, toDays: 30 }),
    /** For another host name than ours. */
    wrongHost: await server(ca, { names: ['other.example'] }),
    /** Like `valid`, signed by an authority that nobody trusts. */
    unknownCa: await server(stranger),
    selfSigned: await server(undefined),
  }
}

async function authority(commonName: string): Promise<ServerCertificate> {
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

async function server(
  ca: ServerCertificate | undefined,
  options: ServerOptions = {},
): Promise<ServerCertificate> {
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
