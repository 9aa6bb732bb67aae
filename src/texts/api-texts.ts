import { api as de } from './de/api.ts'
import { api as en, type ApiWords } from './en/api.ts'
import { api as es } from './es/api.ts'
import { api as fr } from './fr/api.ts'
import type { Language } from './languages.ts'

/** What the bridge answers when it refuses something, in each language. */
export const apiTexts: Readonly<Record<Language, ApiWords>> = { en, fr, es, de }
