import { recall, remember } from '../stream/browser-parts.ts'
import { chooseLanguage, type Language } from '../../texts/languages.ts'

/** Of the browser's storage; one for all pages of a bridge. */
const key = 'bridge-language'

/** The reader's language: chosen on this device, or the browser's. */
export function currentLanguage(): Language {
  return chooseLanguage(recall(key), navigator.languages)
}

/** Keeps the reader's choice for all pages of this bridge. */
export function keepLanguage(language: Language): void {
  remember(key, language)
}
