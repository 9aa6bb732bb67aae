import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { errorCode } from '../support/errors.ts'
import { isSecret, settingNames, type SettingName } from './settings.ts'
import { cleanText, warningOf, type ConfigWarning } from './text.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Names and texts of a settings file, as they stand there. */
export interface SettingsFile {
  readonly texts: Readonly<Record<string, string>>
  readonly warnings: readonly ConfigWarning[]
}

/** What the bridge is told from outside: the environment, and beneath it a settings file. */
export interface GivenSettings {
  readonly env: Environment
  readonly warnings: readonly ConfigWarning[]
}

/** As which the file itself is named in a warning. */
const fileName = '--settings'
const largestFile = 1_000_000

/**
 * Puts the settings of the file `path` beneath the environment, which wins where both have a text. Without a file, looks
 * whether Node's own reader (`--env-file`, in `nodeOptions`) has cut a setting, and warns of it; the texts stay Node's.
 * Never throws, never quotes a value; a file that can't be read is warned of.
 */
export function givenSettings(
  env: Environment,
  path: string | undefined,
  nodeOptions: readonly string[] = [],
): GivenSettings {
  if (path === undefined)
    return { env, warnings: nodeFiles(nodeOptions).flatMap((file) => cutByNode(env, file)) }
  const bytes = readFile(path)
  if (!(bytes instanceof Uint8Array)) return { env, warnings: [bytes] }
  const { texts, warnings } = parseSettingsFile(bytes)
  const beneath = Object.entries(texts).filter(([name]) => (env[name] ?? '').trim() === '')
  return { env: { ...env, ...Object.fromEntries(beneath) }, warnings }
}

/**
 * Reads a settings file: one `NAME=value` a line, the value as it is up to the end of the line; `#` begins a comment at
 * the beginning of a line only. So any password may stand there without quotes, and Docker's `--env-file` reads the same.
 * Files of Windows editors (UTF-16, byte order marks, CRLF, Windows-1252) are understood.
 */
export function parseSettingsFile(bytes: Uint8Array): SettingsFile {
  const { text, warnings } = decode(bytes)
  const texts: Record<string, string> = {}
  for (const [index, line] of inOneLine(text).split(lineEnd).entries()) {
    const content = line.replaceAll(edgeBlanks, '')
    if (content === '' || content.startsWith('#')) continue
    const [, name, value] = /^(?:export\s+|set\s+)?([A-Za-z_]\w*)\s*=(.*)$/.exec(content) ?? []
    if (name === undefined || value === undefined) {
      warnings.push(warningOf(fileName, 'fileLine', index + 1))
      continue
    }
    if (Object.hasOwn(texts, name)) warnings.push(warningOf(name, 'twiceInFile'))
    texts[name] = withoutComment(name, value.replaceAll(edgeBlanks, ''), warnings)
  }
  return { texts, warnings }
}

const lineEnd = /\r\n|[\r\n\u2028\u2029]/
const certificates =
  /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----(?:\s*-----BEGIN [^-]+-----[^-]+-----END [^-]+-----)*/g

/** Certificates may go over many lines; in one line they are written `\\n`. */
function inOneLine(text: string): string {
  return text.replaceAll(certificates, (pem) => pem.split(lineEnd).join('\\n'))
}

/** Blanks and byte order marks; a stranger white space stays, and is told of later. */
const edgeBlanks = /^[ \t\uFEFF]+|[ \t\uFEFF]+$/g

/** Node's reader and shells take ` # …` for a comment. In a password nobody can know; anywhere else it is one. */
function withoutComment(name: string, value: string, warnings: ConfigWarning[]): string {
  const quoted = /^("[^"]*"|'[^']*')[ \t]+#/.exec(value)?.[1]
  if (quoted !== undefined && !value.endsWith(quoted.charAt(0))) {
    warnings.push(warningOf(name, 'behindQuote'))
    return quoted
  }
  const at = /^"[^"]*"$|^'[^']*'$/.test(value) ? -1 : value.search(/[ \t]#/)
  if (at === -1 || (isSettingName(name) && isSecret(name))) return value
  warnings.push(warningOf(name, 'behindHash'))
  return value.slice(0, at).trimEnd()
}

const isSettingName = (name: string): name is SettingName =>
  (settingNames as readonly string[]).includes(name)

/** The file's text, without a mark at its beginning, whichever editor saved it. */
export function textOf(bytes: Uint8Array): string {
  return decode(bytes).text.replace(/^\uFEFF/, '')
}

function decode(bytes: Uint8Array): { readonly text: string; readonly warnings: ConfigWarning[] } {
  const utf16 = utf16Of(bytes)
  if (utf16 !== undefined) return { text: new TextDecoder(utf16).decode(bytes), warnings: [] }
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 5))
  if (start.startsWith('{\\rtf') || start.startsWith('PK'))
    return { text: '', warnings: [warningOf(fileName, 'wordProcessor')] }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), warnings: [] }
  } catch {
    // Whatever isn't UTF-8 comes from an old Windows editor.
    return { text: new TextDecoder('windows-1252').decode(bytes), warnings: [warningOf(fileName, 'notUtf8')] }
  }
}

/** By the mark, or by the zeros that every other byte of plain letters has then. */
function utf16Of([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined))
    return 'utf-16be'
  return undefined
}

/** The bytes, or why there are none. The path is not told: a password may stand in its place. */
function readFile(path: string): Uint8Array | ConfigWarning {
  try {
    const facts = statSync(path)
    // A pipe or a device would block the start.
    if (!facts.isFile() || facts.size > largestFile) return warningOf(fileName, 'noTextFile')
    return readFileSync(path)
  } catch (error) {
    const code = String(errorCode(error))
    return code === 'ENOENT' && isFile(`${path}.txt`)
      ? warningOf(fileName, 'fileIsTxt')
      : warningOf(fileName, 'fileUnreadable', code)
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** The files that Node was told to read itself. */
function nodeFiles(nodeOptions: readonly string[]): readonly string[] {
  return nodeOptions.flatMap((option, index) => {
    const [, path] = /^--env-file(?:-if-exists)?(?:=(.*))?$/s.exec(option) ?? []
    if (path !== undefined) return [path]
    return /^--env-file(?:-if-exists)?$/.test(option) ? nodeOptions.slice(index + 1, index + 2) : []
  })
}

/** Where Node's reader took another text out of the file than stands there, and the environment has it from there. */
function cutByNode(env: Environment, path: string): ConfigWarning[] {
  const bytes = readFile(path)
  if (!(bytes instanceof Uint8Array)) return [bytes]
  const { texts } = parseSettingsFile(bytes)
  const byNode: Environment = parseEnv(new TextDecoder().decode(bytes))
  return settingNames.flatMap((name) => {
    const written = cleanText(texts[name] ?? '').text
    const taken = cleanText(env[name] ?? '').text
    if (written === '' || written === taken || env[name] !== byNode[name]) return []
    return [warningOf(name, 'cutByNode', taken.length, written.length)]
  })
}
