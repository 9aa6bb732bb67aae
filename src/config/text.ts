import { say } from '../texts/saying.ts'
import { setupTexts, type SettingWarning } from '../texts/setup-texts.ts'

/** Something in the settings that works, but may not be what was meant. Never quotes a value. */
export interface ConfigWarning {
  readonly setting: string
  /** In English, as the log and the terminal have it. */
  readonly what: string
  /** The same for a reader of any language. */
  readonly saying: SettingWarning
}

/** Something that works, but may not be meant; its facts must not quote a value. */
export function warningOf(setting: string, ...saying: SettingWarning): ConfigWarning {
  return { setting, what: say(setupTexts.en.warnings, saying), saying }
}

/** Texts of known settings, ready to be validated: trimmed, without quotes, blank ones left out. */
export interface SettingTexts {
  readonly texts: Readonly<Record<string, string>>
  readonly warnings: readonly ConfigWarning[]
}

type Environment = Readonly<Record<string, string | undefined>>

const quotePairs = ['""', "''", '“”', '„“', '””', '‘’', '‚‘', '’’', '«»', '»«', '``']
/** Blanks of every kind, and what no screen shows: zero-width characters, marks of direction, the soft hyphen. */
const unseen = '\\s\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2064\\uFEFF'
const unseenAround = new RegExp(`^[${unseen}]+|[${unseen}]+$`, 'g')
/** All of them but the plain space. */
const unseenInside = new RegExp(`(?! )[${unseen}]`)

/** What was noticed about a text. */
export type TextNote = 'spaces' | 'quotes' | 'unseen' | 'curly' | 'halfQuoted'

const shownNamePattern = /^[A-Za-z0-9_]{1,60}$/
const javaPropertyPattern = /^-D([^=]*)=(.*)$/s

/**
 * Collects the texts of `known` settings. The environment beats an owlcms-style `-Dkey=value` argument
 * (docs/owlcms.md 1.2); a blank text counts as missing. Names that look like ours and aren't, are warned of.
 * @param javaProperties key of a `-D` argument → name of the setting
 */
export function collectTexts(
  env: Environment,
  argv: readonly string[],
  known: readonly string[],
  javaProperties: Readonly<Record<string, string>>,
): SettingTexts {
  const warnings: ConfigWarning[] = []
  const texts: Record<string, string> = {}
  const fromArguments = readArguments(argv, javaProperties, warnings)
  for (const name of known) {
    const raw = [env[name], fromArguments.get(name)].find((text) => text !== undefined && text.trim() !== '')
    if (raw === undefined) continue
    const { text, notes } = cleanText(raw)
    warnings.push(...notes.map((note) => warningOf(name, note)))
    if (text !== '') texts[name] = text
  }
  return { texts, warnings }
}

/**
 * A warning for each name under one of `prefixes` that is none of `known`, with the nearest known name.
 * Names in `others` belong to somebody else.
 */
export function warnOfUnknownNames(
  env: Environment,
  prefixes: readonly string[],
  known: readonly string[],
  others: readonly string[],
): ConfigWarning[] {
  return Object.keys(env)
    .filter((name) => prefixes.some((prefix) => name.toUpperCase().startsWith(prefix)))
    .filter((name) => !known.includes(name) && !others.includes(name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name.toUpperCase(), known)
      // A value pasted into the name's place would carry other characters.
      const setting = shownNamePattern.test(name) ? name : '…'
      return nearest === undefined
        ? warningOf(setting, 'unknownName')
        : warningOf(setting, 'unknownNameLike', nearest)
    })
}

function readArguments(
  argv: readonly string[],
  javaProperties: Readonly<Record<string, string>>,
  warnings: ConfigWarning[],
): Map<string, string> {
  const found = new Map<string, string>()
  for (const argument of argv) {
    const [, key = '', value = ''] = javaPropertyPattern.exec(argument) ?? []
    const name = Object.hasOwn(javaProperties, key) ? javaProperties[key] : undefined
    if (name !== undefined) found.set(name, value)
    else if (key !== '') {
      // Keys are case-sensitive in owlcms; a near miss is worth a word.
      const meant = Object.keys(javaProperties).find((known) => known.toLowerCase() === key.toLowerCase())
      if (meant === undefined) continue
      warnings.push(warningOf(`-D${key}`, 'capitals', `-D${meant}`))
    }
  }
  return found
}

/**
 * A setting's text as it is meant: without blanks, line ends and one pair of quotes around it. What stands between quotes
 * is kept as it is, so that a text in quotes may begin or end with a space or a quote.
 */
export function cleanText(raw: string): { readonly text: string; readonly notes: readonly TextNote[] } {
  const trimmed = raw.replaceAll(unseenAround, '')
  const quoted =
    trimmed.length >= 2 && quotePairs.includes(trimmed.charAt(0) + trimmed.charAt(trimmed.length - 1))
  const inner = quoted ? trimmed.slice(1, -1) : trimmed
  const text = inner.trim() === '' ? '' : inner
  return {
    text,
    notes: [
      // Platforms put line ends around a text of several lines.
      ...(trimmed === '' || raw.replaceAll(/^[\r\n]+|[\r\n]+$/g, '') === trimmed ? [] : ['spaces' as const]),
      ...(quoted ? ['quotes' as const] : []),
      ...(unseenInside.test(text) && !text.includes('-----BEGIN') ? ['unseen' as const] : []),
      ...(/[“”„‘’‚]/.test(text) ? ['curly' as const] : []),
      ...(!quoted && /^["'`“„‘][^"'`”“’]+$/.test(text) ? ['halfQuoted' as const] : []),
    ],
  }
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= 4 ? best.candidate : undefined
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
