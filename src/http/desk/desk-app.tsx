import type { Context, Hono, MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import type {
  DeskProgress,
  DeskRequest,
  DeskSettings,
  KeyAnswer,
  SaveAnswer,
} from '../../protocol/contract/desk.ts'
import { deskTexts } from '../../texts/desk-texts.ts'
import type { Language } from '../../texts/languages.ts'
import { apiBasics, apiError, readBody } from '../api/guards.ts'
import { readerLanguage } from '../door/reader-language.ts'
import { createWebBasics, type WebOptions } from '../door/web-basics.ts'
import { ScriptPage } from '../shells/script-page.tsx'
import type { DeskKeys } from './desk-door.ts'

/** What the settings page asks of the bridge; bridge/ supplies it. */
export interface DeskView {
  settings(): DeskSettings
  /** Goes through the doctor's steps with these settings; `signal` ends it. */
  check(
    request: DeskRequest,
    language: Language,
    tell: (progress: DeskProgress) => void,
    signal: AbortSignal,
  ): Promise<void>
  save(request: DeskRequest, language: Language): Promise<SaveAnswer>
}

const line = v.pipe(v.string(), v.maxLength(1_024), v.regex(/^[^\r\n\0\u2028\u2029]*$/))
const requestSchema = v.object({
  place: v.picklist(['broker', 'own']),
  server: line,
  port: line,
  username: line,
  password: v.optional(line),
  adminPassword: v.optional(line),
})
const keySchema = v.object({ once: v.pipe(v.string(), v.maxLength(200)) })

/**
 * The settings page of a bridge in the hall, for this computer only; the caller holds its port to that. The page itself holds
 * nothing; its script (src/console/settings.tsx) shows the key it got and draws the rest.
 */
export function createDeskApp(view: DeskView, keys: DeskKeys, version: string, options: WebOptions): Hono {
  const app = createWebBasics(options)
  app.get('/', (c) =>
    c.html(<DeskPage version={version} language={readerLanguage(c)} />, 200, { 'Cache-Control': 'no-store' }),
  )
  app.use('/api/*', apiBasics({ publicOrigin: undefined }))
  app.post('/api/key', async (c) => {
    const body = await readBody(c, keySchema)
    if (!body.ok) return body.refusal
    const key = keys.redeem(body.value.once)
    if (key === undefined)
      return apiError(c, 403, { reason: 'used', text: deskTexts[readerLanguage(c)].used })
    return c.json({ key } satisfies KeyAnswer)
  })
  const keyed = withKey(keys)
  app.get('/api/settings', keyed, (c) => c.json(view.settings()))
  app.post('/api/check', keyed, async (c) => {
    const body = await readBody(c, requestSchema)
    return body.ok ? findings(c, view, body.value) : body.refusal
  })
  app.post('/api/settings', keyed, async (c) => {
    const body = await readBody(c, requestSchema)
    return body.ok ? c.json(await view.save(body.value, readerLanguage(c))) : body.refusal
  })
  return app
}

function withKey(keys: DeskKeys): MiddlewareHandler {
  return async (c, next) => {
    const [, key = ''] = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '') ?? []
    if (keys.admits(key)) return next()
    return apiError(c, 401, { reason: 'noKey', text: deskTexts[readerLanguage(c)].used })
  }
}

/** One line of JSON for each thing found, as it is found. */
function findings(c: Context, view: DeskView, request: DeskRequest): Response {
  const language = readerLanguage(c)
  const ended = new AbortController()
  const encoder = new TextEncoder()
  const lines = new ReadableStream<Uint8Array>({
    async start(stream) {
      const tell = (progress: DeskProgress): void => {
        if (!ended.signal.aborted) stream.enqueue(encoder.encode(`${JSON.stringify(progress)}\n`))
      }
      try {
        await view.check(request, language, tell, ended.signal)
        if (!ended.signal.aborted) stream.close()
      } catch (error) {
        stream.error(error)
      }
    },
    cancel: () => ended.abort(),
  })
  return c.body(lines, 200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' })
}

function DeskPage({ version, language }: { readonly version: string; readonly language: Language }) {
  const title = `${deskTexts[language].title} · owlcms-bridge`
  return (
    <ScriptPage language={language} version={version} name="settings" title={title} icon="icon">
      <div id="app"></div>
    </ScriptPage>
  )
}
