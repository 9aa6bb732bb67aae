import type { Context, Hono } from 'hono'
import { addConsolePage } from './shells/console-page.tsx'
import { addKeypadPages } from './shells/keypad-pages.tsx'
import { healthType, readiness, setupStatusDocument, statusDocument } from './status/health.ts'
import { appAt } from './status/how-to-set.tsx'
import { readerLanguage } from './door/reader-language.ts'
import { SetupPage } from './status/setup-page.tsx'
import { StatusPage } from './status/status-page.tsx'
import type { HttpViews, SetupFacts } from './views.ts'
import { createWebBasics, type WebOptions } from './door/web-basics.ts'

/**
 * The HTTP side of a running bridge, without a listener: `/`, `/livez`,
 * `/healthz`, `/readyz`, `/status`, `/assets/…`, and the empty shell of `/console`. Everything shown is public: no host
 * names, client ids or addresses, and no secret.
 */
export function createApp(views: HttpViews, options: WebOptions): Hono {
  const app = createWebBasics(options)
  app.get('/readyz', (c) => {
    const { ready, why } = readiness(views)
    return c.json({ status: ready ? 'pass' : 'fail', output: why }, ready ? 200 : 503, noStore)
  })
  app.get('/status', (c) => {
    const body = JSON.stringify(statusDocument(views), undefined, 2)
    // Always 200: it answers the question "how are you"; /readyz is the one with a verdict.
    return c.body(body + '\n', 200, { ...noStore, 'Content-Type': healthType })
  })
  app.get('/', (c) =>
    c.html(<StatusPage views={views} {...placeOf(c, options)} language={readerLanguage(c)} />, 200, noStore),
  )
  addConsolePage(app, views)
  addKeypadPages(app, { version: views.version })
  return app
}

/**
 * The HTTP side while the configuration is faulty (R9): alive but not ready, with a page that says what
 * to set. `setup` holds no values.
 */
export function createSetupApp(setup: SetupFacts, options: WebOptions): Hono {
  const app = createWebBasics(options)
  const names = [...new Set(setup.faults.map((fault) => fault.setting))].join(', ')
  app.get('/readyz', (c) =>
    c.json({ status: 'fail', output: `Settings are missing or wrong: ${names}.` }, 503, noStore),
  )
  app.get('/status', (c) => {
    const body = JSON.stringify(setupStatusDocument(setup), undefined, 2)
    return c.body(body + '\n', 200, { ...noStore, 'Content-Type': healthType })
  })
  app.get('/', (c) =>
    c.html(<SetupPage setup={setup} {...placeOf(c, options)} language={readerLanguage(c)} />, 200, noStore),
  )
  return app
}

/** Where the bridge runs, for who has to set something there. */
function placeOf(c: Context, { hosting, flyApp }: WebOptions) {
  return { hosting, app: appAt(hosting, c.req.header('host'), flyApp) }
}

const noStore = { 'Cache-Control': 'no-store' }
