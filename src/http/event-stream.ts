import type { IncomingMessage } from 'node:http'
import type { Context, Hono } from 'hono'

/** Where `/events` gets its text from; bridge/ supplies it. */
export interface EventSourceView {
  /**
   * Opens a listener that writes server-sent events into `sink` from now on, `close` ends it; or says why not.
   * `sink.end` is called once, whoever ends it.
   */
  open(
    request: {
      readonly platform: string
      readonly token: string | undefined
      readonly lastEventId: string | undefined
      readonly incoming: IncomingMessage | undefined
    },
    sink: { write(bytes: Uint8Array): void; readonly bufferedBytes: number; end(): void },
  ): Opened | Promise<Opened>
}

type Opened =
  | { readonly kind: 'open'; readonly close: () => void }
  | { readonly kind: 'refused'; readonly why: 'token' | 'platform' | 'full' }

/** Bytes that Node may hold for a listener before they count as waiting. */
const highWaterMark = 16 * 1024

const refusals = {
  token: { status: 401, text: 'This token is not known, or nobody may watch without one.' },
  platform: { status: 403, text: 'This token is not for this platform.' },
  full: { status: 503, text: 'Too many clients, or too many wrong tokens: try again in a minute.' },
} as const

/**
 * `GET /events?platform=A`: the JSON stream as server-sent events, for overlays that have no WebSocket. Read-only.
 * A token goes into the `Authorization` header, never into the address, where logs would keep it (R10).
 */
export function addEventStream(app: Hono, view: EventSourceView): void {
  app.get('/events', (c) => {
    const platform = c.req.query('platform')
    if (platform === undefined || platform === '' || platform.length > 256) {
      return c.text('Which platform? Ask for /events?platform=A\n', 400, noStore)
    }
    // Hono answers HEAD by the route of GET and drops the body: a listener behind it would never be told to leave.
    if (c.req.method === 'HEAD') return c.body(null, 200, streamHeaders)
    return respond(c, view, platform)
  })
}

async function respond(c: Context, view: EventSourceView, platform: string): Promise<Response> {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let ended = false
  let close = (): void => undefined
  const hasEnded = (): boolean => ended
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given
      },
      cancel: () => {
        ended = true
        close()
      },
    },
    { highWaterMark, size: (chunk) => chunk.byteLength },
  )
  const opened = await view.open(
    {
      platform,
      token: bearer(c.req.header('authorization')),
      lastEventId: c.req.header('last-event-id'),
      incoming: incomingOf(c.env),
    },
    {
      write: (bytes) => {
        if (!ended) controller?.enqueue(bytes)
      },
      get bufferedBytes() {
        return Math.max(0, highWaterMark - (controller?.desiredSize ?? highWaterMark))
      },
      end: () => {
        if (!ended) controller?.close()
        ended = true
      },
    },
  )
  if (opened.kind === 'refused') {
    const { status, text } = refusals[opened.why]
    return c.text(`${text}\n`, status, noStore)
  }
  close = opened.close
  // The listener left while its token was verified.
  if (hasEnded()) close()
  return c.body(body, 200, streamHeaders)
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([^ ]{1,2048})$/i.exec(header ?? '')?.[1]
}

/** What node-server hands over beside the request; nothing when the app is called without a server. */
function incomingOf(env: unknown): IncomingMessage | undefined {
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined
  return env.incoming as IncomingMessage
}

const noStore = { 'Cache-Control': 'no-store' }
const streamHeaders = { 'Content-Type': 'text/event-stream', ...noStore, 'X-Accel-Buffering': 'no' }
