import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono, type Context } from 'hono'

/** The numbers as text, with the media type that goes with it. */
export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** Who may read `/metrics` at the public port. */
export type MetricsAccess =
  { readonly kind: 'off' } | { readonly kind: 'open' } | { readonly kind: 'token'; readonly token: string }

const path = '/metrics'

const offText =
  'The metrics are switched off at this address. To read them from outside, set BRIDGE_METRICS_TOKEN (at least 16 ' +
  'random characters) and give it to Prometheus as a bearer token.\n'

/** Adds `/metrics` to the public pages, for those who may read it. `read` is asked only then. */
export function addMetrics(app: Hono, access: MetricsAccess, read: () => Promise<MetricsText>): void {
  app.get(path, async (c) => {
    switch (access.kind) {
      case 'off':
        return c.text(offText, 404, noStore)
      case 'open':
        return answer(c, await read())
      case 'token': {
        if (bearerFits(c.req.header('authorization'), access.token)) return answer(c, await read())
        return c.text('The metrics need their token: Authorization: Bearer …\n', 401, {
          ...noStore,
          'WWW-Authenticate': 'Bearer realm="metrics"',
        })
      }
      default:
        return access satisfies never
    }
  })
}

/**
 * A listener of its own for the metrics and nothing else, without a token: for a port that only the platform's
 * private network reaches.
 */
export function createMetricsApp(read: () => Promise<MetricsText>, onError: (error: unknown) => void): Hono {
  const app = new Hono()
  app.get(path, async (c) => answer(c, await read()))
  app.notFound((c) => c.text('Only /metrics is here.\n', 404))
  app.onError((error, c) => {
    onError(error)
    return c.text('The bridge made a mistake; its log tells more.\n', 500)
  })
  return app
}

function answer(c: Context, { text, contentType }: MetricsText): Response {
  return c.body(text, 200, { ...noStore, 'Content-Type': contentType })
}

/** Compared in constant time. */
function bearerFits(header: string | undefined, token: string): boolean {
  const given = /^bearer +(.+)$/i.exec(header ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const noStore = { 'Cache-Control': 'no-store' }
