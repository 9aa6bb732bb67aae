import { journal as de } from './de/journal.ts'
import { shared as deShared } from './de/shared.ts'
import { journal as en, type JournalWords } from './en/journal.ts'
import { shared as enShared, type SharedTexts } from './en/shared.ts'
import { journal as es } from './es/journal.ts'
import { shared as esShared } from './es/shared.ts'
import { journal as fr } from './fr/journal.ts'
import { shared as frShared } from './fr/shared.ts'
import type { Language } from './languages.ts'

/** What the journal’s pages say, in one language. */
export type JournalTexts = JournalWords & { readonly shared: SharedTexts }

export const journalTexts: Readonly<Record<Language, JournalTexts>> = {
  en: { ...en, shared: enShared },
  fr: { ...fr, shared: frShared },
  es: { ...es, shared: esShared },
  de: { ...de, shared: deShared },
}
