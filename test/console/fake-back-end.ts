import type { Context, Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { defaultStreamLimits } from '../../src/downstream/json-stream/stream-limits.ts'
import { textWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { createApp } from '../../src/http/app.tsx'
import { listen, type HttpServer } from '../../src/http/door/listen.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { Hub } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type {
  ApiError,
  CheckFinding,
  CodeOverview,
  LightCheckRequest,
  LinksRequest,
  Overview,
  SaidMessage,
  SeatLink,
} from '../../src/protocol/contract/console-api.ts'
import { MemoryBroker } from '../simulator/memory-broker.ts'
import { startOwlcmsOn, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { viewsOf, webOptions } from '../http/fixtures.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'
import { codes, logLines, findings, lightCheck, lightCheckDone, overview, platformNames } from './fixtures.ts'

export const password = 'right-password'
const cookie = 'session'
/** Wrong passwords before one has to wait; few, so that a test gets there. */
const allowedTries = 3

/**
 * The bridge as the console sees it: real pages, a real `/ws` fed by the simulated owlcms, and the organiser's API
 * answered from fixtures, whose requests are kept.
 */
export class FakeBackEnd {
  readonly requests: { readonly path: string; readonly body: unknown }[] = []
  readonly broker = new MemoryBroker(systemClock)
  /** What the seats' links begin with. */
  linkOrigin = 'https://bridge.example'
  readonly owlcms: SimulatedOwlcms
  overview: () => Overview = () => overview()
  findings: readonly CheckFinding[] = findings
  loginPossible = true
  codes: readonly CodeOverview[] = codes()
  /** What was said before the page came. */
  messages: readonly SaidMessage[] = []
  /** While set, the API answers 503 like a platform's router whose app is gone. */
  away = false
  #tries = 0
  #sessions = 0
  #tokens = 0
  readonly #http: HttpServer
  readonly #stream: JsonStream

  private constructor(http: HttpServer, stream: JsonStream, platforms: Platforms) {
    this.#http = http
    this.#stream = stream
    this.broker.listen((topic, payload) => platforms.receive(publication(topic, payload)))
    this.owlcms = startOwlcmsOn(this.broker.openWire, {
      platforms: [...platformNames],
      clock: systemClock,
      log: silentLog,
      jurySize: 5,
      version: '69.0.0',
    })
  }

  static async start(pageFiles: PageFiles): Promise<FakeBackEnd> {
    const hub = new Hub({ clock: systemClock, upstream: new FakeUpstream() })
    const platforms = new Platforms({ clock: systemClock, random: Math.random })
    const stream = new JsonStream({
      hub,
      platforms,
      clock: systemClock,
      log: silentLog,
      version: '1.4.2',
      clientLimits: defaultClientLimits,
      authenticateToken: (token) => (token?.startsWith('admin-') === true ? { kind: 'admin' } : undefined),
    })
    const holder: { made?: FakeBackEnd } = {}
    const app = createApp(
      viewsOf(() => ({})),
      webOptions({ pageFiles }),
    )
    addApi(app, () => holder.made!)
    const http = await listen(app, { host: '127.0.0.1', port: 0 })
    const acceptor = textWebSocketAcceptor(
      { ...defaultStreamLimits, closeTimeoutMs: 2_000 },
      systemClock,
      () => '127.0.0.1',
    )
    ownUpgrades(
      http.server,
      [
        {
          path: '/ws',
          accept: (...upgrade) => acceptor.accept(...upgrade, (transport) => stream.accept(transport)),
        },
      ],
      { clock: systemClock, closeTimeoutMs: 2_000, allowedOrigins: [] },
    )
    hub.linkChanged(true)
    holder.made = new FakeBackEnd(http, stream, platforms)
    await holder.made.owlcms.ready
    return holder.made
  }

  get url(): string {
    return `http://127.0.0.1:${this.#http.port}`
  }

  /** Bodies of what was posted to a path. */
  posted(path: string): readonly unknown[] {
    return this.requests.filter((request) => request.path === path).map(({ body }) => body)
  }

  /** As at the start, but for what owlcms did: its platforms are as the last test left them. */
  reset(): void {
    this.requests.length = 0
    this.overview = () => overview()
    this.loginPossible = true
    this.messages = []
    this.codes = codes()
    this.away = false
    this.linkOrigin = 'https://bridge.example'
    this.#tries = 0
    this.forgetSessions()
  }

  /** All cookies and tokens of before are good no longer. */
  forgetSessions(): void {
    this.#sessions += 1
  }

  /** How often a page has begun to listen on `/ws`. */
  get streamStarts(): number {
    return this.#stream.counters.streamStarts
  }

  async stop(): Promise<void> {
    await this.owlcms.stop()
    this.#stream.close()
    this.#stream.destroy()
    await this.#http.close()
  }

  isAdmin(cookies = ''): boolean {
    return cookies.split('; ').includes(`${cookie}=admin-${this.#sessions}`)
  }

  login(c: Context, given: string): Response {
    if (given !== password) {
      this.#tries += 1
      if (this.#tries > allowedTries) return tooMany(c)
      return refusal(c, 401, {
        reason: 'wrongPassword',
        text: 'Wrong password.',
        triesLeft: allowedTries - this.#tries,
      })
    }
    setCookie(c, cookie, `admin-${this.#sessions}`, { httpOnly: true, sameSite: 'Strict' })
    return c.body(null, 204)
  }

  token(): { token: string; expiresAt: number } {
    this.#tokens += 1
    return { token: `admin-${this.#tokens}`, expiresAt: Date.now() + 300_000 }
  }

  /** Begins with one seat asked, and is done after a while, as the real one. */
  lightCheck({ platform, action }: LightCheckRequest): void {
    const check = action === 'start' ? lightCheck() : { ...lightCheckDone, ended: 'stopped' as const }
    this.#setLightCheck(platform, check)
  }

  endLightCheck(platform: string): void {
    this.#setLightCheck(platform, lightCheckDone)
  }

  #setLightCheck(platform: string, check: ReturnType<typeof lightCheck>): void {
    const before = this.overview
    this.overview = () => {
      const answer = before()
      return {
        ...answer,
        platforms: answer.platforms.map((one) =>
          one.name === platform ? { ...one, lightCheck: check } : one,
        ),
      }
    }
  }
}

const signedOut: ApiError = { reason: 'signedOut', text: 'Sign in.' }

function addApi(app: Hono, back: () => FakeBackEnd): void {
  app.use('/api/*', async (c, next) => {
    if (back().away) return c.text('no app', 503)
    const body = c.req.method === 'POST' ? ((await c.req.json()) as unknown) : undefined
    if (body !== undefined) back().requests.push({ path: c.req.path, body })
    const open = c.req.path === '/api/session' || c.req.path === '/api/login'
    if (!open && !back().isAdmin(c.req.header('cookie'))) return c.json({ error: signedOut }, 401)
    await next()
    return undefined
  })
  app.get('/api/session', (c) =>
    c.json({ admin: back().isAdmin(c.req.header('cookie')), loginPossible: back().loginPossible }),
  )
  app.post('/api/login', async (c) => back().login(c, (await c.req.json<{ password: string }>()).password))
  app.post('/api/logout', (c) => {
    back().forgetSessions()
    return c.body(null, 204)
  })
  app.get('/api/stream-token', (c) => c.json(back().token()))
  app.get('/api/overview', (c) => c.json(back().overview()))
  app.get('/api/messages', (c) => c.json({ messages: back().messages }))
  app.get('/api/log', (c) => c.json({ lines: logLines, report: 'owlcms-bridge 1.0.0\n' }))
  app.get('/api/check', (c) => c.json(back().findings))
  app.post('/api/seats/links', async (c) =>
    c.json({ links: makeLinks(await c.req.json<LinksRequest>(), back().linkOrigin) }),
  )
  app.get('/api/seats/codes', (c) => c.json({ codes: back().codes }))
  app.post('/api/seats/revoke', (c) => c.body(null, 204))
  app.post('/api/seats/decide', (c) => c.body(null, 204))
  app.post('/api/log-level', (c) => c.body(null, 204))
  app.post('/api/light-check', async (c) => {
    const request = await c.req.json<LightCheckRequest>()
    if (request.platform === platformNames[2]) {
      return refusal(c, 409, { reason: 'noSeats', text: 'No device is seated on this platform yet.' })
    }
    back().lightCheck(request)
    return c.body(null, 204)
  })
}

function refusal(c: Context, status: 401 | 409, error: ApiError): Response {
  return c.json({ error }, status)
}

function tooMany(c: Context): Response {
  c.header('Retry-After', '7')
  return c.json({ error: { reason: 'tooMany', text: 'Too many wrong passwords.' } }, 429)
}

function makeLinks({ seats, days }: LinksRequest, origin: string): readonly SeatLink[] {
  return seats.map((seat, index) => ({
    ...seat,
    url: `${origin}/seat#token-${index}`,
    qrSvg: pretendQrCode(index),
    tokenId: `link-${index}`,
    expiresAt: Date.now() + days * 86_400_000,
  }))
}

/** Looks like a code of the real size, and brings along what must not get into the page. */
function pretendQrCode(seed: number): string {
  const size = 45
  const dark = (x: number, y: number): boolean => (x * 7 + y * 13 + ((x * y + seed) % 5)) % 3 === 0
  const cells = Array.from(
    { length: size * size },
    (_, index) => [index % size, Math.floor(index / size)] as const,
  )
    .filter(([x, y]) => dark(x, y))
    .map(([x, y]) => `M${x + 2},${y + 2}h1v1h-1z`)
  const whole = size + 4
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${whole}">
<script>document.title = 'broken into'</script><image href="https://elsewhere.example/x.png"/><rect fill="white" width="${whole}" height="${whole}"/><path fill="black" d="${cells.join('')}"/></svg>`
}
