import { chooseLanguage, isLanguage, languageCookie, type Language } from '../../texts/languages.ts'

/** The reader's language: chosen on this device on any page of the bridge, or the browser's. */
export function currentLanguage(): Language {
  const [, kept] = new RegExp(`(?:^|; )${languageCookie.name}=([a-z]+)`).exec(document.cookie) ?? []
  return chooseLanguage(kept !== undefined && isLanguage(kept) ? kept : undefined, navigator.languages)
}

/** Keeps the reader's choice for all pages of this bridge. */
export function keepLanguage(language: Language): void {
  const { name, maxAgeSeconds } = languageCookie
  document.cookie = `${name}=${language}; path=/; max-age=${maxAgeSeconds}; samesite=lax`
}
