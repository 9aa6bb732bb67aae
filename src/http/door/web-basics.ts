import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { alive, alivePaths } from './front-door.ts'
import { refusalTexts, rememberLanguage } from './reader-language.ts'
import { acceptedEncodings } from './accepted-encodings.ts'
import { endingOf, packings, pageFileTypes, type PageFiles } from '../shells/page-files.ts'
import type { Hosting } from '../../support/hosting.ts'

export interface WebOptions {
  readonly hosting: Hosting
  /** The app's name on Fly.io, for the commands that set something. */
  readonly flyApp?: string
  /** The scripts and style sheets of the pages; see `readPageFiles`. Served as `/assets/<name>`. */
  readonly pageFiles: PageFiles
  /** Told of an error nobody expected, for the log; the client gets no detail. */
  readonly onError: (error: unknown) => void
}

/** Paths that a platform's own checks ask for, over plain HTTP and without following redirects. */
const probePaths: readonly string[] = [...alivePaths, '/readyz']

const hostPattern = /^[a-z0-9.-]+(:[0-9]{1,5})?$/i

// A circle, so that the browser asks for no favicon.ico.
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#ffbd2e"/></svg>'

/**
 * A Hono app with what both pages share: secure headers, a CSP that allows nothing inline, the HTTPS
 * redirect, assets, liveness, a helpful 404, and a 500 that tells nothing.
 */
export function createWebBasics(options: WebOptions): Hono {
  const app = new Hono()
  app.use(httpsRedirect(options.hosting))
  app.use(strictTransport(options.hosting))
  app.use(headers())
  app.use(rememberLanguage())
  for (const path of alivePaths) app.get(path, (c) => c.json(alive, 200, { 'Cache-Control': 'no-store' }))
  // One route for all: of each more, the first page waits until it is among those to match.
  app.get('/assets/:name', (c, next) => {
    const { name } = c.req.param()
    const type = options.pageFiles.has(name) ? pageFileTypes.get(endingOf(name)) : undefined
    return type === undefined ? next() : Promise.resolve(asset(c, options.pageFiles, name, type))
  })
  app.get('/assets/icon.svg', (c) => c.body(icon, 200, { ...kept, 'Content-Type': 'image/svg+xml' }))
  app.get('/mqtt', (c) => {
    c.header('Upgrade', 'websocket')
    return c.text(`${refusalTexts(c).mqtt}\n`, 426)
  })
  app.get('/ws', (c) => {
    c.header('Upgrade', 'websocket')
    return c.text(`${refusalTexts(c).ws}\n`, 426)
  })
  app.notFound((c) => c.text(`${refusalTexts(c).nothing}\n`, 404))
  app.onError((error, c) => {
    options.onError(error)
    return c.text(`${refusalTexts(c).mistake}\n`, 500)
  })
  return app
}

/** The page asks for them with its version in the query. */
const kept = { 'Cache-Control': 'public, max-age=86400' }

/** The file as small as the browser takes it: a phone in a hall has a slow line. */
function asset(c: Context, files: PageFiles, name: string, type: string): Response {
  const takes = acceptedEncodings(c.req.header('Accept-Encoding'))
  const [encoding, ending] = packings.find(([one, end]) => takes.has(one) && files.has(name + end)) ?? []
  return c.body(files.get(`${name}${ending ?? ''}`) ?? '', 200, {
    ...kept,
    'Content-Type': type,
    Vary: 'Accept-Encoding',
    ...(encoding !== undefined && { 'Content-Encoding': encoding }),
  })
}

function headers(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: [ownAddresses],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // Only where TLS is certain: see strictTransport.
    strictTransportSecurity: false,
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  })
}

/** Older Safari does not count `wss:` of the page's own host as `'self'`. */
function ownAddresses(c: Context): string {
  const host = c.req.header('host') ?? ''
  return hostPattern.test(host) ? `'self' wss://${host}` : "'self'"
}

/** Heroku's router forwards plain HTTP as well and says so (docs/platforms.md 2.3); Fly redirects by itself. */
function httpsRedirect(hosting: Hosting): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? ''
    const plain = hosting === 'heroku' && c.req.header('x-forwarded-proto') === 'http'
    if (!plain || probePaths.includes(c.req.path) || !hostPattern.test(host)) return next()
    const { pathname, search } = new URL(c.req.url)
    return c.redirect(`https://${host}${pathname}${search}`, 308)
  }
}

function strictTransport(hosting: Hosting): MiddlewareHandler {
  return async (c, next) => {
    await next()
    // Elsewhere anybody could send the header; a venue's plain HTTP must not be locked out by it.
    if (hosting !== 'other' && c.req.header('x-forwarded-proto') === 'https') {
      c.header('Strict-Transport-Security', 'max-age=15552000')
    }
  }
}
