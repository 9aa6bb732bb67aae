import { demo as de } from './de/demo.ts'
import { demo as en, type DemoWords } from './en/demo.ts'
import { demo as es } from './es/demo.ts'
import { demo as fr } from './fr/demo.ts'
import type { Language } from './languages.ts'

/** What the demo’s first page says, in one language. */
export const demoTexts: Readonly<Record<Language, DemoWords>> = { en, de, fr, es }
