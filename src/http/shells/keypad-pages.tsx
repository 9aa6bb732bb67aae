import type { Context, Hono } from 'hono'
import type { Language } from '../../texts/languages.ts'
import { shellTexts } from '../../texts/shells.ts'
import { iconPngs, iconSvg } from './keypad-icons.ts'
import { HtmlDocument } from './html-document.tsx'
import { NotStarted } from './not-started.tsx'
import { readerLanguage } from '../door/reader-language.ts'

export interface KeypadPageFacts {
  readonly version: string
}

/** The pages' background (src/console/keypad.css), for the browser's own bars. */
const keypadBackground = '#0c1117'

/**
 * The shells of the keypads and displays: `/seat`, `/view` and `/overlay`, each also with `/<platform>`, with their icons and
 * manifest. A shell holds nothing of the competition and nothing secret; the page's script fetches all over `/ws`.
 */
export function addKeypadPages(app: Hono, facts: KeypadPageFacts): void {
  const page = (c: Context, shell: Omit<ShellFacts, 'version' | 'language'>) =>
    c.html(<Shell {...shell} version={facts.version} language={readerLanguage(c)} />, 200, {
      'Cache-Control': 'no-store',
    })
  app.get('/seat', (c) => page(c, { script: 'seat', page: 'seat' }))
  for (const name of ['view', 'overlay'] as const) {
    app.get(`/${name}`, (c) => page(c, { script: 'view', page: name }))
    app.get(`/${name}/:platform{.+}`, (c) => {
      return page(c, { script: 'view', page: name, platform: c.req.param('platform') })
    })
  }
  app.get('/assets/keypad-icon.svg', (c) => asset(c, iconSvg, 'image/svg+xml'))
  app.get('/assets/keypad.webmanifest', (c) => asset(c, manifest, 'application/manifest+json'))
  for (const [size, png] of Object.entries(iconPngs)) {
    app.get(`/assets/keypad-icon-${size}.png`, (c) =>
      asset(c, Uint8Array.from(Buffer.from(png, 'base64')), 'image/png'),
    )
  }
}

interface ShellFacts {
  /** Name of the page's script in src/console/. */
  readonly script: 'seat' | 'view'
  readonly page: 'seat' | 'view' | 'overlay'
  readonly version: string
  readonly language: Language
  readonly platform?: string
}

/** An empty `#app` for the page's script. */
function Shell({ script, page, version, platform, language }: ShellFacts) {
  const texts = shellTexts[language]
  return (
    <HtmlDocument
      language={language}
      version={version}
      title={texts.titles[page]}
      icon="keypad-icon.svg"
      styles={['keypad.css']}
      script={`${script}.js`}
      // Only over video is a page transparent, not where a platform is chosen.
      look={page === 'overlay' && platform === undefined ? 'view' : page}
      toEdges
      head={<PhoneHead installable={page === 'seat'} />}
    >
      <div id="app" data-page={page} data-platform={platform}></div>
      <NotStarted language={language}>{page === 'seat' && <p>{texts.flags}</p>}</NotStarted>
    </HtmlDocument>
  )
}

/** What a phone's browser wants to know. */
function PhoneHead({ installable }: { readonly installable: boolean }) {
  return (
    <>
      <meta name="theme-color" content={keypadBackground} />
      <meta name="apple-mobile-web-app-capable" content="yes" />
      <meta name="mobile-web-app-capable" content="yes" />
      <meta name="apple-mobile-web-app-status-bar-style" content="black" />
      <meta name="format-detection" content="telephone=no" />
      <link rel="apple-touch-icon" href="/assets/keypad-icon-192.png" />
      {installable && <link rel="manifest" href="/assets/keypad.webmanifest" />}
    </>
  )
}

/** Without `start_url`, so that the address with the seat's token in its fragment is what gets installed. */
const manifest = JSON.stringify({
  name: 'owlcms keypad',
  short_name: 'Keypad',
  display: 'standalone',
  orientation: 'any',
  background_color: keypadBackground,
  theme_color: keypadBackground,
  icons: [
    ...Object.keys(iconPngs).map((size) => ({
      src: `/assets/keypad-icon-${size}.png`,
      sizes: `${size}x${size}`,
      type: 'image/png',
      purpose: 'any maskable',
    })),
    { src: '/assets/keypad-icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
  ],
})

function asset(c: Context, body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  return c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=86400' })
}
