import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import type {
  CheckFinding,
  LogAnswer,
  Overview,
  SaidMessage,
  SettingsAddressAnswer,
} from '../../protocol/contract/console-api.ts'
import type { ApiWords } from '../../texts/en/api.ts'
import type { Language } from '../../texts/languages.ts'
import { readerLanguage, refusalTexts } from '../door/reader-language.ts'
import type { AccessView } from './access-view.ts'
import { adminOnly, apiError, incomingOf, readBody } from './guards.ts'

/** Why a light check can't start now, in hub/press/light-check.ts's words. */
type LightCheckRefusal = keyof ApiWords['lightCheck']

/** What the console asks of the bridge; bridge/ supplies it. */
export interface ConsoleView {
  overview(language: Language): Overview
  /** The last messages of all platforms, oldest first. */
  messages(): readonly SaidMessage[]
  startLightCheck(platform: string): LightCheckRefusal | undefined
  stopLightCheck(platform: string): void
  setLogLevel(level: 'debug' | 'info' | 'warn' | 'error'): void
  log(): LogAnswer
  /** Where the settings are changed; undefined where there is no such page. */
  settingsAddress(): string | undefined
  /** The doctor's findings in a language; who asks while a check is under way gets the same ones. */
  check(language: Language): Promise<readonly CheckFinding[]>
}

const lightCheckSchema = v.object({
  platform: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  action: v.picklist(['start', 'stop']),
})
const logLevelSchema = v.object({ level: v.picklist(['debug', 'info', 'warn', 'error']) })

/** The console's own routes, for the organiser only (console-api.ts in protocol/). */
export function addConsoleApi(app: Hono, access: AccessView, view: ConsoleView): void {
  const admin = adminOnly(access)
  app.get('/api/overview', admin, (c) => c.json(view.overview(readerLanguage(c))))
  app.get('/api/messages', admin, (c) => c.json({ messages: view.messages() }))
  app.post('/api/light-check', admin, async (c) => {
    const body = await readBody(c, lightCheckSchema)
    if (!body.ok) return body.refusal
    const { platform, action } = body.value
    if (action === 'stop') {
      view.stopLightCheck(platform)
      return c.body(null, 204)
    }
    const refusal = view.startLightCheck(platform)
    if (refusal === undefined) return c.body(null, 204)
    return apiError(c, 409, { reason: refusal, text: refusalTexts(c).lightCheck[refusal] })
  })
  app.get('/api/log', admin, (c) => c.json(view.log()))
  app.post('/api/settings-address', admin, (c) => {
    const url = isOnThisComputer(c) ? view.settingsAddress() : undefined
    if (url === undefined)
      return apiError(c, 404, { reason: 'elsewhere', text: refusalTexts(c).settingsElsewhere })
    return c.json({ url } satisfies SettingsAddressAnswer)
  })
  app.post('/api/log-level', admin, async (c) => {
    const body = await readBody(c, logLevelSchema)
    if (!body.ok) return body.refusal
    view.setLogLevel(body.value.level)
    return c.body(null, 204)
  })
  app.get('/api/check', admin, async (c) => c.json(await view.check(readerLanguage(c))))
}

/** By whatever address: who comes from the one that was called is this computer itself. */
function isOnThisComputer(c: Context): boolean {
  const { remoteAddress, localAddress } = incomingOf(c)?.socket ?? {}
  return remoteAddress !== undefined && remoteAddress === localAddress
}
