import type { Context } from 'hono'
import { acceptedLanguages, chooseLanguage, type Language } from '../../texts/languages.ts'

/** The language in which a page answers: what its address chooses (`?language=de`), or what the browser asks for. */
export function readerLanguage(c: Context): Language {
  return chooseLanguage(c.req.query('language'), acceptedLanguages(c.req.header('Accept-Language')))
}
