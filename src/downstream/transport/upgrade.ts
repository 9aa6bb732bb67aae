import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../support/clock.ts'
import { originVerdict } from '../../support/same-origin.ts'
import { endSoon } from './end-soon.ts'

/** One path that speaks WebSocket. */
export interface UpgradeRoute {
  readonly path: string
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** What holds for every upgrade, whatever its path. */
export interface UpgradeRules {
  readonly clock: Clock
  /** Milliseconds that somebody refused may keep the socket. */
  readonly closeTimeoutMs: number
  /** Origins of pages elsewhere that may connect, as browsers write them: `https://example.org`, or `null`. */
  readonly allowedOrigins: readonly string[]
}

interface Refusal {
  readonly status: '403 Forbidden' | '404 Not Found'
  readonly body: string
}

/**
 * The single owner of the HTTP server's `upgrade` event: looks at the path and where the request comes from, and hands
 * the socket to one edge. Anything else is answered in plain HTTP, so that a wrong address shows as one. Browsers tell
 * the origin of their page, and only pages of this bridge (or of `allowedOrigins`) get in: with a broker that asks
 * for no password, any page that somebody in the hall reads could press otherwise. Programs send no origin, or their target.
 */
export function ownUpgrades(server: Server, routes: readonly UpgradeRoute[], rules: UpgradeRules): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', destroyThis)
    const path = (request.url ?? '').split('?', 1)[0]
    const route = routes.find((candidate) => candidate.path === path || `${candidate.path}/` === path)
    if (route === undefined) refuse(socket, wrongPath(routes), rules)
    else if (!originAllowed(request, rules.allowedOrigins)) refuse(socket, otherSite, rules)
    else route.accept(request, socket, head)
  })
}

/** For a reset during the handshake; without a listener it would end the process. One for all, since it stays. */
function destroyThis(this: Duplex): void {
  this.destroy()
}

const otherSite: Refusal = {
  status: '403 Forbidden',
  body: 'Pages of other sites may not connect here.\n',
}

function wrongPath(routes: readonly UpgradeRoute[]): Refusal {
  const known = routes.map(({ path }) => path).join(' or ')
  return { status: '404 Not Found', body: `No WebSocket here. Try ${known}.\n` }
}

function originAllowed({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const forwardedHost = headers['x-forwarded-host']
  const verdict = originVerdict(
    {
      origin: headers.origin,
      host: headers.host,
      forwardedHost: typeof forwardedHost === 'string' ? forwardedHost : undefined,
      // A browser sends its origin with every upgrade, and that is enough here.
      fetchSite: undefined,
    },
    allowed,
  )
  return verdict !== 'other'
}

function refuse(socket: Duplex, { status, body }: Refusal, { clock, closeTimeoutMs }: UpgradeRules): void {
  const answer =
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  endSoon(socket, answer, clock, closeTimeoutMs)
}
