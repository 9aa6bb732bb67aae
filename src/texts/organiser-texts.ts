import type { SharedTexts } from './en/shared.ts'
import type { OrganiserWords } from './en/organiser.ts'
import { organiser as en } from './en/organiser.ts'
import { organiser as de } from './de/organiser.ts'
import { organiser as fr } from './fr/organiser.ts'
import { organiser as es } from './es/organiser.ts'
import { shared as enShared } from './en/shared.ts'
import { shared as deShared } from './de/shared.ts'
import { shared as frShared } from './fr/shared.ts'
import { shared as esShared } from './es/shared.ts'
import type { Language } from './languages.ts'

/** All that the organiser’s console says, in one language. */
export type OrganiserTexts = OrganiserWords & { readonly shared: SharedTexts }

export const organiserTexts: Readonly<Record<Language, OrganiserTexts>> = {
  en: { ...en, shared: enShared },
  de: { ...de, shared: deShared },
  fr: { ...fr, shared: frShared },
  es: { ...es, shared: esShared },
}
