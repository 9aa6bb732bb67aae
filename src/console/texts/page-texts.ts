import { recall, remember } from '../stream/browser-parts.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { chooseLanguage, textsIn, type Catalogue, type Language, type TextsOf } from './texts.ts'

/** The texts of keypads and displays. A page with more of its own makes another catalogue beside. */
export const catalogue = { en, fr, es, de } satisfies Catalogue<typeof en>
export type Texts = TextsOf<typeof en>

const key = 'bridge-language'

/** The reader's language: chosen on this device, or the browser's. */
export function currentLanguage(): Language {
  return chooseLanguage(recall(key), navigator.languages)
}

/** Keeps the reader's choice for all pages of this bridge. */
export function keepLanguage(language: Language): void {
  remember(key, language)
}

/** What the pages say in this language. */
export function pageTexts(language: Language): Texts {
  return textsIn(catalogue, language)
}
