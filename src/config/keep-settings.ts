import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../support/errors.ts'
import { parseSettingsFile, textOf } from './settings-file.ts'
import { cleanText } from './text.ts'

/** Names of settings and their new texts, as they are meant; an empty one leaves the setting out. */
export type SettingChanges = Readonly<Record<string, string>>

/**
 * Keeps the settings in the file `path`, which only this user can read, and leaves every other line of it as it is. Either all
 * of it is there afterwards or nothing has changed: a new file takes the old one's place when it is whole and on the disk.
 * Rejects with Node's error when it can't be written.
 */
export async function keepSettings(path: string, changes: SettingChanges): Promise<void> {
  const file = await realpath(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return path
    throw error
  })
  const before = await readFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return new Uint8Array()
    throw error
  })
  const text = withSettings(textOf(before), changes)
  const { texts } = parseSettingsFile(Buffer.from(text))
  for (const [name, value] of Object.entries(changes))
    if (cleanText(texts[name] ?? '').text !== value) throw new Error(`no file can hold this ${name}`)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const fresh = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** The text of a settings file with these changes: a setting's own line is rewritten, and a new one comes at the end. */
export function withSettings(text: string, changes: SettingChanges): string {
  const left = new Map(Object.entries(changes))
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(/\r\n|[\r\n]/)
  if (lines.at(-1) === '') lines.pop()
  const seen = new Set<string>()
  // From the end: of two lines with one name the last one counts.
  const kept = lines.toReversed().flatMap((line) => {
    const [, name = ''] = /^[\s\uFEFF]*(?:export\s+|set\s+)?([A-Za-z_]\w*)\s*=/.exec(line) ?? []
    const value = changes[name]
    if (value === undefined) return [line]
    left.delete(name)
    if (seen.has(name)) return []
    seen.add(name)
    return [`${name}=${asWritten(value)}`]
  })
  const added = [...left].filter(([, value]) => value !== '')
  return [...kept.toReversed(), ...added.map(([name, value]) => `${name}=${asWritten(value)}`), ''].join(end)
}

/** A text as a settings file or the environment has to hold it, so that it is read as it is meant. */
export function asWritten(value: string): string {
  const { text, notes } = cleanText(value)
  const plain = text === value && notes.length === 0 && !/^["']|["']$|[ \t]#/.test(value)
  if (value === '' || plain) return value
  return value.includes('"') && !value.includes("'") ? `'${value}'` : `"${value}"`
}
