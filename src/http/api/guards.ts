import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as v from 'valibot'
import type { ApiError } from '../../protocol/contract/console-api.ts'
import { originVerdict } from '../../support/same-origin.ts'
import { refusalTexts } from '../door/reader-language.ts'
import type { AccessView, AdminSessionView } from './access-view.ts'

/** Bytes of one request's body: every seat of a dozen platforms fits (R7). */
export const maxBodyBytes = 32 * 1024

const cookieName = 'owlcms-bridge'

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500

/** A refusal, in the form that all of the API has. */
export function apiError(c: Context, status: Status, error: ApiError): Response {
  return c.json({ error }, status)
}

/**
 * What holds for everything under `/api`: nothing is kept in caches, and whatever changes something must be JSON sent by
 * a page of our own (a form of another site can neither send JSON nor hide where it comes from).
 */
export function apiBasics(view: Pick<AccessView, 'publicOrigin'>): MiddlewareHandler {
  return async (c, next) => {
    c.header('Cache-Control', 'no-store')
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    if (!isOwnPage(c, view)) {
      return apiError(c, 403, { reason: 'otherSite', text: refusalTexts(c).otherSite })
    }
    const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json') {
      return apiError(c, 415, { reason: 'notJson', text: refusalTexts(c).notJson })
    }
    return next()
  }
}

function isOwnPage(c: Context, { publicOrigin }: Pick<AccessView, 'publicOrigin'>): boolean {
  const verdict = originVerdict(
    {
      origin: c.req.header('origin'),
      host: c.req.header('host'),
      forwardedHost: c.req.header('x-forwarded-host'),
      fetchSite: c.req.header('sec-fetch-site'),
    },
    publicOrigin === undefined ? [] : [publicOrigin],
  )
  return verdict === 'same'
}

/** Lets only the signed-in organiser on to a route; others get 401 under `/api`, and elsewhere the sign-in page. */
export function adminOnly(view: Pick<AccessView, 'session'>): MiddlewareHandler {
  return async (c, next) => {
    const session = await view.session(sessionCookie(c))
    if (session === undefined) {
      c.header('Cache-Control', 'no-store')
      // A page's address typed in or kept as a bookmark: there it can be put right.
      if (!c.req.path.startsWith('/api/')) return c.redirect('/console', 303)
      return apiError(c, 401, { reason: 'notSignedIn', text: refusalTexts(c).notSignedIn })
    }
    sessions.set(c, session)
    return next()
  }
}

const sessions = new WeakMap<Context, AdminSessionView>()

/** Who is signed in, behind {@link adminOnly}. */
export function signedIn(c: Context): AdminSessionView {
  const session = sessions.get(c)
  if (session === undefined) throw new Error('this route is not behind adminOnly')
  return session
}

/** A body that fits, or the refusal to answer with; it names the field and never repeats a value. */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  schema: Schema,
): Promise<
  | { readonly ok: true; readonly value: v.InferOutput<Schema> }
  | { readonly ok: false; readonly refusal: Response }
> {
  const texts = refusalTexts(c)
  let body: unknown
  try {
    const text = await bodyText(c)
    if (text === undefined) {
      const tooMuch = texts.tooLarge(maxBodyBytes / 1024)
      return { ok: false, refusal: apiError(c, 413, { reason: 'tooLarge', text: tooMuch }) }
    }
    body = JSON.parse(text)
  } catch {
    return { ok: false, refusal: apiError(c, 400, { reason: 'invalid', text: texts.noJson }) }
  }
  const parsed = v.safeParse(schema, body, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const field = v.getDotPath(parsed.issues[0])
  const text = field === null ? texts.invalid : texts.invalidField(field)
  return { ok: false, refusal: apiError(c, 400, { reason: 'invalid', text }) }
}

/** The whole body, however it comes: with a length, in chunks, cut short; undefined when it is too large. */
async function bodyText(c: Context): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

/** The session's cookie, or undefined. The `__Host-` prefix keeps neighbouring sites of a domain from planting one. */
export function sessionCookie(c: Context): string | undefined {
  return isSecure(c) ? getCookie(c, cookieName, 'host') : getCookie(c, cookieName)
}

/** Hands the session to the browser, for this bridge's own pages and as long as it is good. */
export function setSessionCookie(c: Context, value: string, maxAgeSeconds: number): void {
  setCookie(c, cookieName, value, { ...cookieOptions(c), maxAge: maxAgeSeconds })
}

/** Has the browser forget it. */
export function dropSessionCookie(c: Context): void {
  deleteCookie(c, cookieName, cookieOptions(c))
}

function cookieOptions(c: Context): object {
  const always = { path: '/', httpOnly: true, sameSite: 'Strict' }
  return isSecure(c) ? { ...always, secure: true, prefix: 'host' } : always
}

/**
 * Whether the browser came by https; behind a proxy only the proxy knows. Who lies about it gets a cookie or a link that
 * doesn't work, and harms nobody else.
 */
function isSecure(c: Context): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',', 1)[0]?.trim().toLowerCase()
  return forwarded === undefined ? new URL(c.req.url).protocol === 'https:' : forwarded === 'https'
}

/** How the browser addressed us, as a link's beginning: `https://host`. */
export function originOf(c: Context): string {
  // The page's own origin is what the browser really used; apiBasics has found it to be ours.
  const origin = c.req.header('origin')
  if (origin !== undefined && URL.canParse(origin)) return new URL(origin).origin
  const host = c.req.header('x-forwarded-host')?.split(',', 1)[0]?.trim() ?? c.req.header('host') ?? ''
  return new URL(`${isSecure(c) ? 'https' : 'http'}://${host}`).origin
}

/** What node-server hands over beside the request; nothing when the app is called without a server. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const env: unknown = c.env
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined
  return env.incoming as IncomingMessage
}
