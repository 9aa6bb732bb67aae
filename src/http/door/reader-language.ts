import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { apiTexts } from '../../texts/api-texts.ts'
import {
  acceptedLanguages,
  chooseLanguage,
  isLanguage,
  languageCookie,
  type Language,
} from '../../texts/languages.ts'

/**
 * The language in which a page answers: what its address chooses (`?language=de`), what this browser chose before, or what it
 * asks for.
 */
export function readerLanguage(c: Context): Language {
  const chosen = [c.req.query('language'), getCookie(c, languageCookie.name)].find(
    (tag) => tag !== undefined && isLanguage(tag),
  )
  return chooseLanguage(chosen, acceptedLanguages(c.req.header('Accept-Language')))
}

/** What to answer this reader when something is refused. */
export const refusalTexts = (c: Context) => apiTexts[readerLanguage(c)]

/** Keeps what an address chooses, for all pages of this bridge. */
export function rememberLanguage(): MiddlewareHandler {
  return async (c, next) => {
    const chosen = c.req.query('language')
    if (chosen !== undefined && isLanguage(chosen)) {
      const { name, maxAgeSeconds } = languageCookie
      setCookie(c, name, chosen, { path: '/', sameSite: 'Lax', maxAge: maxAgeSeconds })
    }
    return next()
  }
}
