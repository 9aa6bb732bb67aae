import { desk as de } from './de/desk.ts'
import { desk as en, type DeskWords } from './en/desk.ts'
import { desk as es } from './es/desk.ts'
import { desk as fr } from './fr/desk.ts'
import type { Language } from './languages.ts'

/** What the settings page of a bridge in the hall says, in each language. */
export const deskTexts: Readonly<Record<Language, DeskWords>> = { en, fr, es, de }
