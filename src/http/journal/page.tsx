import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { JournalSection } from '../../protocol/journal/lifts.ts'
import type { JournalHeader } from '../../protocol/journal/record.ts'
import { resultSentences, sectionTitle, timelineLines } from './words.ts'
import { sinceText, type Times } from './times.ts'

export interface JournalPageFacts {
  readonly header: JournalHeader
  readonly platform: string
  /** Oldest first. */
  readonly sections: readonly JournalSection[]
  /** Older ones are kept: the record that their page ends with. */
  readonly olderUntil?: number
  readonly times: Times
}

/** What happened on one platform, lift by lift, the newest first; fit for paper, and without a script. */
export function JournalPage({ header, platform, sections, olderUntil, times }: JournalPageFacts) {
  const address = `/journal/${encodeURIComponent(platform)}`
  return (
    <Document title={`Journal of platform ${platform}`} header={header}>
      <main>
        <h1>Journal of platform {platform}</h1>
        <p class="facts">
          Written at {times.day(header.at)}, {times.second(header.at)} ({times.zone}). The newest lift comes
          first.
          {header.names === 'hide' && ' Athletes’ names are left out.'}
        </p>
        <p class="noprint">
          <a href={`${address}?format=text`}>As plain text</a> ·{' '}
          <a href={`${address}?format=jsonl`}>As a recording (JSON lines), for replay</a> ·{' '}
          <a href="/journal">Other platforms</a>
        </p>
        {sections.length === 0 && <p>Nothing happened here yet.</p>}
        {sections.toReversed().map((section) => (
          <Lift section={section} times={times} />
        ))}
        {olderUntil !== undefined && (
          <p class="noprint">
            <a href={`${address}?until=${olderUntil}`}>Older lifts</a>
          </p>
        )}
      </main>
    </Document>
  )
}

function Lift({ section, times }: { readonly section: JournalSection; readonly times: Times }) {
  const result = resultSentences(section)
  return (
    <section class="lift">
      <h2>{sectionTitle(section)}</h2>
      <p class="facts">
        {times.day(section.at)}, {times.second(section.at)}
      </p>
      {result.length > 0 && <p class="result">{result.join(' ')}</p>}
      <ol class="lines">
        {timelineLines(section).map(({ at, who, text, fate }) => (
          <li>
            <span class="when">{times.millisecond(at)}</span>
            <span class="since">{sinceText(at - section.at)}</span>
            <span class="who">{who}</span>
            <span class="what">
              {text}
              {fate !== undefined && ' – '}
              {fate !== undefined && fate.sign !== '' && (
                <span class={`sign ${fate.tone}`}>{fate.sign}</span>
              )}{' '}
              {fate?.text}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** The platforms of which there is a journal. */
export function JournalIndexPage({
  header,
  platforms,
}: {
  readonly header: JournalHeader
  readonly platforms: readonly string[]
}) {
  return (
    <Document title="Journal" header={header}>
      <main>
        <h1>Journal</h1>
        {platforms.length === 0 && <p>owlcms has not told of any platform yet.</p>}
        <ul>
          {platforms.map((platform) => (
            <li>
              <a href={`/journal/${encodeURIComponent(platform)}`}>Platform {platform}</a>
            </li>
          ))}
        </ul>
      </main>
    </Document>
  )
}

function Document(facts: {
  readonly title: string
  readonly header: JournalHeader
  readonly children: Child
}) {
  const query = `?v=${encodeURIComponent(facts.header.version)}`
  return html`<!doctype html>${(
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{facts.title}</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href={`/assets/style.css${query}`} />
          <link rel="stylesheet" href={`/assets/journal.css${query}`} />
        </head>
        <body>
          <header>
            <p>
              <b>owlcms-bridge</b> · {facts.header.bridge}
            </p>
            <p>version {facts.header.version}</p>
          </header>
          {facts.children}
        </body>
      </html>
    )}`
}
