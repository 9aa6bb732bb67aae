import type { MiddlewareHandler } from 'hono'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { defaultStreamLimits } from '../../src/downstream/json-stream/stream-limits.ts'
import { textWebSocketAcceptor } from '../../src/downstream/transport/socket.ts'
import { ownUpgrades } from '../../src/downstream/transport/upgrade.ts'
import { addAccessApi } from '../../src/http/api/access-api.ts'
import type { AccessView } from '../../src/http/api/access-view.ts'
import { addConsoleApi, type ConsoleView } from '../../src/http/api/console-api.ts'
import { createApp } from '../../src/http/app.tsx'
import { listen, type HttpServer } from '../../src/http/door/listen.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { Hub } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type {
  CheckFinding,
  CodeOverview,
  LightCheckOverview,
  LinksAnswer,
  Overview,
  SaidMessage,
} from '../../src/protocol/contract/console-api.ts'
import { MemoryBroker } from '../simulator/memory-broker.ts'
import { startOwlcmsOn, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { viewsOf, webOptions } from '../http/fixtures.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'
import { codes, logLines, findings, lightCheck, lightCheckDone, overview, platformNames } from './fixtures.ts'

export const password = 'right-password'

/** What must not get from a code's picture into the page. */
const hostile = `<script>document.title = 'broken into'</script><image href="https://elsewhere.example/x.png"/>`

/** The bridge as the console sees it: its pages, API and `/ws`, fed by the simulated owlcms and by fixtures. */
export class FakeBackEnd {
  readonly requests: { readonly path: string; readonly body: unknown }[] = []
  readonly broker = new MemoryBroker(systemClock)
  /** What the seats' links begin with. */
  linkOrigin = 'https://bridge.example'
  readonly owlcms: SimulatedOwlcms
  /** owlcms's own time stands still unless a test moves it, so that nothing is over before the page has shown it. */
  readonly time = new FakeClock()
  overview: () => Overview = () => overview()
  findings: readonly CheckFinding[] = findings
  loginPossible = true
  codes: readonly CodeOverview[] = codes()
  /** What was said before the page came. */
  messages: readonly SaidMessage[] = []
  /** While set, the API answers 503 like a platform's router whose app is gone. */
  away = false
  #hasFailed = false
  #sessions = 0
  #tokens = 0
  #http: HttpServer | undefined
  readonly #stream: JsonStream

  static async start(pageFiles: PageFiles): Promise<FakeBackEnd> {
    const back = new FakeBackEnd()
    await Promise.all([back.#listen(pageFiles), back.time.advanceUntil(back.owlcms.ready)])
    return back
  }

  private constructor() {
    const platforms = new Platforms({ clock: systemClock, random: Math.random })
    const hub = new Hub({ clock: systemClock, upstream: new FakeUpstream() })
    this.#stream = new JsonStream({
      ...{ hub, platforms, clock: systemClock, log: silentLog, version: '1.4.2' },
      clientLimits: defaultClientLimits,
      authenticateToken: (token) => (token?.startsWith('admin-') === true ? { kind: 'admin' } : undefined),
    })
    hub.linkChanged(true)
    this.broker.listen((topic, payload) => platforms.receive(publication(topic, payload)))
    this.owlcms = startOwlcmsOn(this.broker.openWire, {
      platforms: [...platformNames],
      clock: this.time,
      log: silentLog,
      jurySize: 5,
      version: '69.0.0',
    })
    // What stands still keeps no message back.
    for (const name of platformNames) this.owlcms.platform(name).faults.swapWithinMs = 0
  }

  async #listen(pageFiles: PageFiles): Promise<void> {
    const app = createApp(
      viewsOf(() => ({})),
      webOptions({ pageFiles }),
    )
    app.use('/api/*', this.#around)
    const access = this.#access()
    addAccessApi(app, access)
    addConsoleApi(app, access, this.#console())
    this.#http = await listen(app, { host: '127.0.0.1', port: 0 })
    const limits = { ...defaultStreamLimits, closeTimeoutMs: 2_000 }
    const acceptor = textWebSocketAcceptor(limits, systemClock, () => '127.0.0.1')
    const path = '/ws'
    ownUpgrades(
      this.#http.server,
      [
        {
          path,
          accept: (...upgrade) => acceptor.accept(...upgrade, (transport) => this.#stream.accept(transport)),
        },
      ],
      { clock: systemClock, closeTimeoutMs: 2_000, allowedOrigins: [] },
    )
  }

  get url(): string {
    return `http://127.0.0.1:${this.#http?.port ?? 0}`
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
    this.#hasFailed = false
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
    this.#stream.destroy()
    await this.#http?.close()
  }

  endLightCheck(platform: string): void {
    this.#setLightCheck(platform, lightCheckDone)
  }

  readonly #around: MiddlewareHandler = async (c, next) => {
    if (this.away) return c.text('no app', 503)
    const { path, method, raw } = c.req
    if (method === 'POST') this.requests.push({ path, body: await raw.clone().json() })
    await next()
    if (path !== '/api/seats/links' || !c.res.ok) return undefined
    const { links } = (await c.res.json()) as LinksAnswer
    c.res = c.json({
      links: links.map((link) => ({ ...link, qrSvg: link.qrSvg.replace('>', `>${hostile}`) })),
    })
    return undefined
  }

  #access(): AccessView {
    const expiresAt = Number.MAX_SAFE_INTEGER
    const isPossible = (): boolean => this.loginPossible
    const publicOrigin = (): string => this.linkOrigin
    return {
      ...{ now: () => Date.now(), maxDays: 30 },
      get loginPossible() {
        return isPossible()
      },
      get publicOrigin() {
        return publicOrigin()
      },
      session: async (cookie) =>
        cookie === `admin-${this.#sessions}` ? { id: cookie, expiresAt } : undefined,
      // The second wrong one has to wait.
      login: async (given) => {
        if (given === password)
          return { kind: 'in', session: `admin-${this.#sessions}`, expiresAt: Date.now() + 300_000 }
        const kind = this.#hasFailed ? 'tooMany' : 'wrong'
        this.#hasFailed = true
        return { kind }
      },
      logout: () => this.forgetSessions(),
      streamToken: async () => ({ token: `admin-${(this.#tokens += 1)}`, expiresAt: Date.now() + 300_000 }),
      issue: async (_place, days) => {
        const token = `token-${(this.#tokens += 1)}`
        return { token, tokenId: token, expiresAt: Date.now() + days * 86_400_000 }
      },
      codes: () => this.codes,
      revoke: async () => ({ kind: 'everywhere' }),
      decide: () => true,
      addressOf: () => '127.0.0.1',
    }
  }

  #console(): ConsoleView {
    return {
      overview: () => this.overview(),
      messages: () => this.messages,
      /** Begins with one seat asked, and is done after a while, as the real one. */
      startLightCheck: (platform) => {
        if (platform === platformNames[2]) return 'juryAtWork'
        this.#setLightCheck(platform, lightCheck())
        return undefined
      },
      stopLightCheck: (platform) => this.#setLightCheck(platform, { ...lightCheckDone, ended: 'stopped' }),
      setLogLevel: () => undefined,
      log: () => ({ lines: logLines, report: 'owlcms-bridge 1.0.0\n' }),
      settingsAddress: () => undefined,
      check: async () => this.findings,
    }
  }

  #setLightCheck(platform: string, check: LightCheckOverview): void {
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
