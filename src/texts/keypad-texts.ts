import type { SharedTexts } from './en/shared.ts'
import type { KeypadWords } from './en/keypad.ts'
import { keypad as en } from './en/keypad.ts'
import { keypad as de } from './de/keypad.ts'
import { keypad as fr } from './fr/keypad.ts'
import { keypad as es } from './es/keypad.ts'
import { shared as enShared } from './en/shared.ts'
import { shared as deShared } from './de/shared.ts'
import { shared as frShared } from './fr/shared.ts'
import { shared as esShared } from './es/shared.ts'
import type { Language } from './languages.ts'

/** All that keypads, stage display and overlay say, in one language. */
export type KeypadTexts = KeypadWords & { readonly shared: SharedTexts }

export const keypadTexts: Readonly<Record<Language, KeypadTexts>> = {
  en: { ...en, shared: enShared },
  de: { ...de, shared: deShared },
  fr: { ...fr, shared: frShared },
  es: { ...es, shared: esShared },
}
