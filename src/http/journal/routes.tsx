import type { Context, Hono, MiddlewareHandler } from 'hono'
import { journalLifts } from '../../protocol/journal/lifts.ts'
import { foldRecord, type JournalHeader, type JournalRecord } from '../../protocol/journal/record.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import { journalTexts } from '../../texts/journal-texts.ts'
import { readerLanguage } from '../door/reader-language.ts'
import { JournalIndexPage, JournalPage, type JournalReader } from './page.tsx'
import { journalText } from './text.ts'
import { timesIn } from './times.ts'

/** Where the journal's pages get it from; bridge/ supplies it. */
export interface JournalView {
  /** Platforms of which something is kept. */
  readonly names: readonly string[]
  header(): JournalHeader
  /** What is kept of a platform, oldest first; undefined for an unknown one. */
  records(platform: string): readonly JournalRecord[] | undefined
}

/** Records that one page tells: about an hour of lifting, and some 50 ms of work, which presses must wait for. */
const pageRecords = 2_500

/** Records that two neighbouring pages share, so that every lift stands whole on one of them. */
const sharedRecords = 250

/** Bytes of a recording that are handed over at once; the client's speed decides when the next ones are. */
const chunkBytes = 64 * 1024

/**
 * `GET /journal` and `GET /journal/<platform>`: what happened, for the administrator only, since it tells the jury's
 * votes; `guard` keeps everybody else out. As a page, with `?format=text` as plain text, and as a recording for
 * `replay` with `?format=jsonl` or `Accept: application/x-ndjson`.
 */
export function addJournal(app: Hono, view: JournalView, guard: MiddlewareHandler): void {
  app.get('/journal', guard, (c) =>
    c.html(
      <JournalIndexPage header={view.header()} platforms={view.names} reader={readerOf(c)} />,
      200,
      noStore,
    ),
  )
  app.get('/journal/:platform{.+}', guard, (c) => {
    const platform = c.req.param('platform')
    const records = view.records(platform)
    if (records === undefined) {
      return c.text(`${textsOf(c).unknownPlatform}\n`, 404, noStore)
    }
    const wantsLines = (c.req.header('accept') ?? '').includes('application/x-ndjson')
    const format = c.req.query('format') ?? (wantsLines ? 'jsonl' : 'html')
    return format === 'jsonl'
      ? recording(c, platform, [view.header(), ...records])
      : pageOrText(c, view, platform, records)
  })
}

function pageOrText(
  c: Context,
  view: JournalView,
  platform: string,
  records: readonly JournalRecord[],
): Response | Promise<Response> {
  const times = timesIn(c.req.query('zone'))
  if (times === undefined) {
    return c.text(`${textsOf(c).unknownZone}\n`, 400, noStore)
  }
  const until = Number(c.req.query('until') ?? NaN)
  const upTo = Number.isNaN(until) ? records : records.filter(({ n }) => n <= until)
  const page = upTo.length > pageRecords ? cutBefore(upTo, upTo.length - pageRecords) : upTo
  const [first] = page
  const facts = {
    header: view.header(),
    platform,
    sections: journalLifts(page),
    ...(page === upTo || first === undefined ? {} : { olderUntil: first.n + sharedRecords }),
    times,
  }
  return c.req.query('format') === 'text'
    ? c.text(journalText(facts, textsOf(c)), 200, noStore)
    : c.html(<JournalPage {...facts} reader={readerOf(c)} />, 200, noStore)
}

const textsOf = (c: Context) => journalTexts[readerLanguage(c)]
const readerOf = (c: Context): JournalReader => ({ language: readerLanguage(c), query: c.req.query() })

/** The records from a place on, beginning with the state that all before them led to. */
function cutBefore(records: readonly JournalRecord[], start: number): readonly JournalRecord[] {
  const kept = records.slice(start)
  const state = records.slice(0, start).reduce<PlatformState | undefined>(foldRecord, undefined)
  const [first] = kept
  if (state === undefined || first === undefined) return kept
  const { at, n, platform } = first
  return [{ type: 'state', why: 'kept', n: n - 1, at, platform, state }, ...kept]
}

function recording(
  c: Context,
  platform: string,
  lines: readonly (JournalHeader | JournalRecord)[],
): Response {
  const encoder = new TextEncoder()
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      let text = ''
      for (; next < lines.length && text.length < chunkBytes; next += 1) {
        text += `${JSON.stringify(lines[next])}\n`
      }
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (next === lines.length) controller.close()
    },
  })
  const name = platform.replaceAll(/[^A-Za-z0-9-]+/g, '_').slice(0, 40)
  return c.body(body, 200, {
    ...noStore,
    'Content-Type': 'application/x-ndjson',
    'Content-Disposition': `attachment; filename="journal-${name}.jsonl"`,
  })
}

const noStore = { 'Cache-Control': 'no-store' }
