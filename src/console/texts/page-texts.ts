import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import type { Language } from '../../texts/languages.ts'
import { textsIn, type Catalogue, type TextsOf } from './texts.ts'

/** The texts of keypads and displays. A page with more of its own makes another catalogue beside. */
export const catalogue = { en, fr, es, de } satisfies Catalogue<typeof en>
export type Texts = TextsOf<typeof en>

/** What the pages say in this language. */
export function pageTexts(language: Language): Texts {
  return textsIn(catalogue, language)
}
