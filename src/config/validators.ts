import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { makeExactValidator } from 'envalid'
import { errorCode } from '../support/errors.ts'
import type { SettingFault } from '../texts/setup-texts.ts'

/** Thrown by a validator: what is wrong with a value, without the value (R10). */
export class SettingProblem extends Error {
  readonly code = 'SETTING_PROBLEM'
  readonly saying: SettingFault

  constructor(...saying: SettingFault) {
    super(saying[0])
    this.saying = saying
  }
}

/** Any text. */
export const text = makeExactValidator<string>((input) => input)

/** A whole number within bounds, decimal digits only. */
export const wholeNumber = (least: number, most: number) =>
  makeExactValidator<number>((input) => {
    if (/^[0-9]{1,12}$/.test(input) && Number(input) >= least && Number(input) <= most) return Number(input)
    throw new SettingProblem('range', least, most)
  })

/** A port number; 0 stands for any free port. */
export const port = makeExactValidator<number>((input) => {
  if (/^[0-9]{1,5}$/.test(input) && Number(input) <= 65_535) return Number(input)
  throw new SettingProblem('port')
})

/** One of the words, in any case. */
export const oneOf = <T extends string>(words: readonly T[]) =>
  makeExactValidator<T>((input) => {
    const word = words.find((candidate) => candidate === input.toLowerCase())
    if (word !== undefined) return word
    throw new SettingProblem('word', words.join(', '))
  })

/** true/false, yes/no, on/off or 1/0. */
export const yesOrNo = makeExactValidator<boolean>((input) => {
  const word = input.toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(word)) return true
  if (['false', '0', 'no', 'off'].includes(word)) return false
  throw new SettingProblem('yesOrNo')
})

/** Safe inside a topic and a client id. */
export const bridgeName = makeExactValidator<string>((input) => {
  if (/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(input)) return input
  throw new SettingProblem('name')
})

/** An IP address of this computer, or localhost. */
export const listenAddress = makeExactValidator<string>((input) => {
  if (isIP(input) !== 0 || input === 'localhost') return input
  throw new SettingProblem('listenAddress')
})

/** Long enough not to be guessed. */
export const signingSecret = makeExactValidator<string>((input) => {
  if (Buffer.byteLength(input) >= 16) return input
  throw new SettingProblem('shortSecret')
})

/** The proxies of this computer itself. */
const loopback = ['127.0.0.0/8', '::1']

/** Addresses and networks of proxies, parted by commas or spaces; `loopback` means this computer's own. */
export const proxyAddresses = makeExactValidator<readonly string[]>((input) =>
  input
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .flatMap((part) => (part === 'loopback' ? loopback : [proxyNetwork(part)])),
)

/** Wider networks hold strangers. */
const widestPrefix = 7

function proxyNetwork(text: string): string {
  const [address = '', prefix, ...more] = text.split('/')
  const version = isIP(address)
  const bits = prefix === undefined || /^[0-9]{1,3}$/.test(prefix) ? Number(prefix ?? 32) : -1
  if (
    version === 0 ||
    more.length > 0 ||
    address.includes('%') ||
    bits < 0 ||
    bits > (version === 4 ? 32 : 128)
  ) {
    throw new SettingProblem('proxyAddress')
  }
  if (bits < widestPrefix) {
    throw new SettingProblem('proxyTooWide')
  }
  return text
}

/** A web address without a path; returns its origin. */
export const publicUrl = makeExactValidator<string>((input) => {
  const url = URL.canParse(input) ? new URL(input) : undefined
  const web = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url !== undefined && web && url.pathname === '/' && url.search === '' && url.username === '') {
    return url.origin
  }
  throw new SettingProblem('webAddress')
})

/** Accepts PEM text, PEM with `\n` written out, or a file's path; returns only the certificates. */
export const certificates = makeExactValidator<string>((input) => {
  const pem = (input.includes('-----BEGIN') ? input : readSmallFile(input)).replaceAll('\\n', '\n')
  // Only certificates: a private key pasted along must go no further.
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > 0 && blocks.every(isCertificate)) return blocks.join('\n') + '\n'
  throw new SettingProblem('certificate')
})

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    // The reason (an OpenSSL text) helps nobody here.
    return false
  }
}

function readSmallFile(path: string): string {
  try {
    const facts = statSync(path)
    // A pipe or a device would block the start.
    if (!facts.isFile() || facts.size > 1_000_000) throw new Error('not a small file')
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Node's text holds the path, which is the value: only the code goes out.
    const code = errorCode(error)
    throw typeof code === 'string'
      ? new SettingProblem('certificateFile', code)
      : new SettingProblem('certificateFileOdd')
  }
}
