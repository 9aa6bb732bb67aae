import { english } from './organiser-en.ts'
import { french } from './organiser-fr.ts'
import { german } from './organiser-de.ts'
import { spanish } from './organiser-es.ts'
import type { Language } from '../../texts/languages.ts'

/** All texts of the console in one language, by place. */
export type OrganiserTexts = typeof english

/** A language as it is written down: what is missing is taken from English, and fails a test. */
export type OrganiserLanguage = { readonly [Place in keyof OrganiserTexts]?: Partial<OrganiserTexts[Place]> }

export const translations: Readonly<Record<Language, OrganiserLanguage>> = {
  en: english,
  fr: french,
  es: spanish,
  de: german,
}

/** The texts of a language, complete. */
export function organiserTexts(code: Language): OrganiserTexts {
  const chosen: Readonly<Record<string, object | undefined>> = translations[code]
  const whole = Object.entries(english).map(([place, texts]) => [place, { ...texts, ...chosen[place] }])
  return Object.fromEntries(whole) as OrganiserTexts
}
