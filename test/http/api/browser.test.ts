import { createServer, request, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCertificates } from '../../support/certificates.ts'
import { openChromium, type TestChromium } from '../../support/chromium.ts'
import { describeIf, requirement } from '../../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../../support/running-bridge.ts'

const password = 'planted-admin-password'

let browser: TestChromium
let bridge: TestBridge
/** `https://localhost:…`: ends TLS before the bridge, as Fly.io and Heroku do. */
let secure: string
/** Another site, which lets its pages do anything. */
let elsewhere: string
const servers: Server[] = []

describeIf(requirement('chromium'))('the organiser’s login in a browser', () => {
  beforeAll(async () => {
    // No broker is needed to sign in.
    bridge = await startTestBridge({
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: '1',
      BRIDGE_ALLOW_ANONYMOUS: 'true',
      BRIDGE_ADMIN_PASSWORD: password,
    })
    const { valid } = await makeCertificates()
    const proxy = createSecureServer({ key: valid.key, cert: valid.cert })
    passOn(proxy, bridge.port)
    secure = `https://localhost:${await listening(proxy)}`
    const other = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<p>elsewhere'),
    )
    elsewhere = `http://127.0.0.1:${await listening(other)}/`
    browser = await openChromium({ ignoreHTTPSErrors: true })
  })

  afterAll(async () => {
    await browser.close()
    for (const server of servers) server.close()
    await bridge.stop()
  })

  async function onPage<T>(address: string, use: (page: Page) => Promise<T>): Promise<T> {
    const page = await browser.context.newPage()
    try {
      await page.goto(address)
      return await use(page)
    } finally {
      await page.close()
    }
  }

  const ask = (page: Page, path: string, body?: object): Promise<{ status: number; text: string }> =>
    page.evaluate(
      async ([to, json]) => {
        const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: json }
        const response = await fetch(to, json === '' ? {} : post)
        return { status: response.status, text: await response.text() }
      },
      [path, body === undefined ? '' : JSON.stringify(body)] as const,
    )

  /** `open`, or `refused`: what becomes of a WebSocket. */
  const knock = (page: Page, address: string): Promise<string> =>
    page.evaluate(
      (to) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(to)
          socket.onopen = () => {
            resolve('open')
            socket.close()
          }
          socket.onerror = () => resolve('refused')
        }),
      address,
    )

  it.each([
    ['in the hall, over plain http', () => bridge.url, 'owlcms-bridge', false],
    ['behind a proxy that ends TLS', () => secure, '__Host-owlcms-bridge', true],
  ])(
    'works %s: the cookie is kept, no script reads it, and the stream opens',
    async (_, address, name, isSecure) => {
      await onPage(address(), async (page) => {
        expect((await ask(page, '/api/login', { password })).status).toBe(204)
        expect(JSON.parse((await ask(page, '/api/session')).text)).toEqual({
          admin: true,
          loginPossible: true,
        })
        expect(await page.evaluate('document.cookie')).toBe('')
        const cookies = (await browser.context.cookies(address())).filter((cookie) => cookie.name === name)
        expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict', secure: isSecure, path: '/' }])
        const links = await ask(page, '/api/seats/links', {
          seats: [{ platform: 'A', role: 'timekeeper' }],
          days: 1,
        })
        expect(links.text).toContain(`"url":"${address()}/seat#`)
        expect(await knock(page, `${address().replace('http', 'ws')}/ws`)).toBe('open')
      })
    },
  )

  it('is worth nothing to a page of another site, though the browser has the cookie', async () => {
    await onPage(bridge.url, async (page) => {
      await ask(page, '/api/login', { password })
    })
    await onPage(elsewhere, async (page) => {
      const posted = await page.evaluate(
        (address) =>
          fetch(`${address}/api/seats/revoke`, {
            ...{ method: 'POST', mode: 'no-cors', credentials: 'include' },
            body: '{"what":"all"}',
          }).then(
            () => 'answered, unreadably',
            () => 'blocked',
          ),
        bridge.url,
      )
      expect(['answered, unreadably', 'blocked']).toContain(posted)
      const read = page.evaluate(
        (address) =>
          fetch(`${address}/api/session`, { credentials: 'include' }).then(
            () => 'read',
            () => 'blocked',
          ),
        bridge.url,
      )
      expect(await read).toBe('blocked')
      expect(await knock(page, `${bridge.url.replace('http', 'ws')}/ws`)).toBe('refused')
    })
    expect(bridge.logLines.filter((text) => text.includes('"revoked"'))).toEqual([])
  })
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Hands requests and upgrades on in plain http, with `Host` as it was and the scheme told. */
function passOn(proxy: ReturnType<typeof createSecureServer>, port: number): void {
  const headersOf = ({ headers }: IncomingMessage) => ({ ...headers, 'x-forwarded-proto': 'https' })
  proxy.on('request', (incoming, response) => {
    const { url, method } = incoming
    const inner = request(
      { host: '127.0.0.1', port, path: url, method, headers: headersOf(incoming) },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    inner.on('error', () => response.destroy())
    incoming.pipe(inner)
  })
  proxy.on('upgrade', (incoming: IncomingMessage, socket) => {
    const inner = connect(port, '127.0.0.1', () => {
      const lines = Object.entries(headersOf(incoming)).map(([name, value]) => `${name}: ${String(value)}`)
      inner.write([`GET ${incoming.url ?? '/'} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
      inner.pipe(socket).pipe(inner)
    })
    for (const end of [inner, socket]) end.on('error', () => end.destroy())
  })
}
