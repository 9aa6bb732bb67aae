import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import type {
  CodesAnswer,
  LinksAnswer,
  SeatLink,
  SessionAnswer,
} from '../../protocol/contract/console-api.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import { isSeat, parseSeatKey, seatRoles, whiteLeftQuery, type Seat } from '../../protocol/contract/seat.ts'
import { parseTopic } from '../../protocol/topic.ts'
import { refusalTexts } from '../door/reader-language.ts'
import type { AccessView, LinkPlaceView } from './access-view.ts'
import {
  adminOnly,
  apiBasics,
  apiError,
  dropSessionCookie,
  incomingOf,
  originOf,
  readBody,
  sessionCookie,
  setSessionCookie,
  signedIn,
} from './guards.ts'
import { qrSvg } from './qr.ts'

/** Links made at once: every seat of a dozen platforms (R7). */
const maxLinks = 200

/** A name that makes topics: owlcms has no other (docs/owlcms.md 1.3). */
const platform = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(256),
  v.check((name) => parseTopic(`owlcms/clock/${name}`).ok),
  v.transform((name) => name as Platform),
)
const seat = v.pipe(
  v.object({ platform, role: v.picklist(seatRoles), number: v.optional(v.number()) }),
  v.check(({ role, number }) => isSeat(role, number)),
  v.transform(({ number, ...rest }): Seat => (number === undefined ? rest : { ...rest, number })),
)
const viewer = v.object({ platform, role: v.literal('viewer') })
const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

const loginSchema = v.object({ password: v.pipe(v.string(), v.maxLength(1_024)) })
const linksSchema = (maxDays: number) =>
  v.object({
    seats: v.pipe(v.array(v.union([viewer, seat])), v.minLength(1), v.maxLength(maxLinks)),
    days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxDays)),
    whiteLeft: v.optional(v.boolean()),
  })
const revokeSchema = v.variant('what', [
  v.object({ what: v.literal('token'), tokenId: shortText }),
  v.object({ what: v.literal('seat'), seat }),
  v.object({ what: v.literal('platform'), platform }),
  v.object({ what: v.literal('all') }),
])
const decideSchema = v.object({
  platform,
  seat: v.pipe(
    shortText,
    v.check((word) => parseSeatKey(word) !== undefined),
  ),
  keep: shortText,
})

/**
 * The organiser's API about who gets in (PROTOCOL.md, "The organiser's API"; console-api.ts). Everything under `/api`
 * gets {@link apiBasics}; further routes put {@link adminOnly} in front of themselves.
 */
export function addAccessApi(app: Hono, view: AccessView): void {
  const admin = adminOnly(view)
  app.use('/api/*', apiBasics(view))
  app.get('/api/session', async (c) => {
    const session = await view.session(sessionCookie(c))
    const answer: SessionAnswer = { admin: session !== undefined, loginPossible: view.loginPossible }
    return c.json(answer)
  })
  app.post('/api/login', (c) => login(c, view))
  app.post('/api/logout', async (c) => {
    const session = await view.session(sessionCookie(c))
    if (session !== undefined) view.logout(session)
    dropSessionCookie(c)
    return c.body(null, 204)
  })
  app.get('/api/stream-token', admin, async (c) => c.json(await view.streamToken(signedIn(c))))
  app.post('/api/seats/links', admin, (c) => links(c, view))
  app.get('/api/seats/codes', admin, (c) => c.json({ codes: view.codes() } satisfies CodesAnswer))
  app.post('/api/seats/revoke', admin, (c) => revoke(c, view))
  app.post('/api/seats/decide', admin, (c) => decide(c, view))
}

async function login(c: Context, view: AccessView): Promise<Response> {
  const body = await readBody(c, loginSchema)
  if (!body.ok) return body.refusal
  const incoming = incomingOf(c)
  const address = incoming === undefined ? 'unknown' : view.addressOf(incoming)
  const texts = refusalTexts(c)
  const outcome = await view.login(body.value.password, address)
  switch (outcome.kind) {
    case 'in': {
      const seconds = Math.floor((outcome.expiresAt - view.now()) / 1000)
      setSessionCookie(c, outcome.session, seconds)
      return c.body(null, 204)
    }
    case 'wrong':
      return apiError(c, 401, { reason: 'wrongPassword', text: texts.wrongPassword })
    case 'tooMany': {
      c.header('Retry-After', '10')
      return apiError(c, 429, { reason: 'tooManyAttempts', text: texts.tooMany })
    }
    case 'impossible':
      return apiError(c, 403, { reason: 'noPassword', text: texts.noPassword })
    default:
      return outcome satisfies never
  }
}

async function links(c: Context, view: AccessView): Promise<Response> {
  const body = await readBody(c, linksSchema(view.maxDays))
  if (!body.ok) return body.refusal
  const { seats, days, whiteLeft } = body.value
  const origin = view.publicOrigin ?? originOf(c)
  const seatPage = `/seat${whiteLeft === true ? whiteLeftQuery : ''}`
  const made: SeatLink[] = []
  for (const place of seats) made.push(await link(view, place, days, origin, seatPage))
  return c.json({ links: made } satisfies LinksAnswer)
}

async function link(
  view: AccessView,
  place: LinkPlaceView,
  days: number,
  origin: string,
  seatPage: string,
): Promise<SeatLink> {
  const { token, tokenId, expiresAt } = await view.issue(place, days)
  const path = place.role === 'viewer' ? `/view/${encodeURIComponent(place.platform)}` : seatPage
  const url = `${origin}${path}#${token}`
  return { ...place, url, qrSvg: qrSvg(url), tokenId, expiresAt }
}

async function revoke(c: Context, view: AccessView): Promise<Response> {
  const body = await readBody(c, revokeSchema)
  if (!body.ok) return body.refusal
  const texts = refusalTexts(c)
  const reach = await view.revoke(body.value)
  switch (reach.kind) {
    case 'everywhere':
      return c.body(null, 204)
    case 'here': {
      const { unconfirmed } = reach
      const text = unconfirmed.length === 0 ? texts.hereOnly : texts.unconfirmed(unconfirmed.join(', '))
      return apiError(c, 409, { reason: 'notEverywhere', text })
    }
    case 'untilRestart':
      return apiError(c, 409, { reason: 'untilRestart', text: texts.untilRestart })
    case 'full':
      return apiError(c, 409, { reason: 'full', text: texts.full })
    default:
      return reach satisfies never
  }
}

async function decide(c: Context, view: AccessView): Promise<Response> {
  const body = await readBody(c, decideSchema)
  if (!body.ok) return body.refusal
  if (view.decide(body.value)) return c.body(null, 204)
  return apiError(c, 404, { reason: 'gone', text: refusalTexts(c).gone })
}
