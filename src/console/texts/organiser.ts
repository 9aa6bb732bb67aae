import { english } from './organiser-en.ts'
import { french } from './organiser-fr.ts'
import { german } from './organiser-de.ts'
import { spanish } from './organiser-es.ts'

/** All texts of the console in one language, by place. */
export type OrganiserTexts = typeof english

/** A language as it is written down: what is missing is taken from English, and fails a test. */
export type OrganiserLanguage = { readonly [Place in keyof OrganiserTexts]?: Partial<OrganiserTexts[Place]> }

/** Languages that the console speaks, each in its own name, the fallback first. */
export const languages = {
  en: 'English',
  fr: 'Français',
  es: 'Español',
  de: 'Deutsch',
} as const
export type LanguageCode = keyof typeof languages

export const translations: Readonly<Record<LanguageCode, OrganiserLanguage>> = {
  en: english,
  fr: french,
  es: spanish,
  de: german,
}

/** The texts of a language, complete. */
export function organiserTexts(code: LanguageCode): OrganiserTexts {
  const chosen: Readonly<Record<string, object | undefined>> = translations[code]
  const whole = Object.entries(english).map(([place, texts]) => [place, { ...texts, ...chosen[place] }])
  return Object.fromEntries(whole) as OrganiserTexts
}

/** The first language of `wanted` (`fr-CA`, `de`, …) that the console speaks; English if none. */
export function chooseLanguage(wanted: readonly string[]): LanguageCode {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0]
    if (code !== undefined && isLanguage(code)) return code
  }
  return 'en'
}

export function isLanguage(code: string): code is LanguageCode {
  return Object.hasOwn(languages, code)
}
