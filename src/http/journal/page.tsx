import type { Child } from 'hono/jsx'
import type { JournalSection } from '../../protocol/journal/lifts.ts'
import type { JournalHeader } from '../../protocol/journal/record.ts'
import { journalTexts, type JournalTexts } from '../../texts/journal-texts.ts'
import type { Language } from '../../texts/languages.ts'
import { statusTexts } from '../../texts/status-texts.ts'
import { HtmlDocument } from '../shells/html-document.tsx'
import { LanguageLinks } from '../shells/language-links.tsx'
import { resultSentences, sectionTitle, timelineLines } from './words.ts'
import { sinceText, type Times } from './times.ts'

/** The reader, and what the address asked for beside the page. */
export interface JournalReader {
  readonly language: Language
  readonly query: Readonly<Record<string, string>>
}

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
export function JournalPage(facts: JournalPageFacts & { readonly reader: JournalReader }) {
  const { header, platform, sections, olderUntil, times, reader } = facts
  const texts = journalTexts[reader.language]
  const address = `/journal/${encodeURIComponent(platform)}`
  return (
    <Document title={texts.title(platform)} header={header} reader={reader}>
      <main>
        <h1>{texts.title(platform)}</h1>
        <p class="facts">
          {texts.written(`${times.day(header.at)}, ${times.second(header.at)}`, times.zone)}
          {header.names === 'hide' && ` ${texts.noNames}`}
        </p>
        <p class="noprint">
          <a href={`${address}?format=text`}>{texts.asText}</a> ·{' '}
          <a href={`${address}?format=jsonl`}>{texts.asRecording}</a> ·{' '}
          <a href="/journal">{texts.otherPlatforms}</a>
        </p>
        {sections.length === 0 && <p>{texts.nothing}</p>}
        {sections.toReversed().map((section) => (
          <Lift section={section} times={times} texts={texts} />
        ))}
        {olderUntil !== undefined && (
          <p class="noprint">
            <a href={`${address}?until=${olderUntil}`}>{texts.older}</a>
          </p>
        )}
      </main>
    </Document>
  )
}

function Lift({
  section,
  times,
  texts,
}: {
  readonly section: JournalSection
  readonly times: Times
  readonly texts: JournalTexts
}) {
  const result = resultSentences(section, texts)
  return (
    <section class="lift">
      <h2>{sectionTitle(section, texts)}</h2>
      <p class="facts">
        {times.day(section.at)}, {times.second(section.at)}
      </p>
      {result.length > 0 && <p class="result">{result.join(' ')}</p>}
      <ol class="lines">
        {timelineLines(section, texts).map(({ at, who, text, fate }) => (
          <li>
            <span class="when">{times.millisecond(at)}</span>
            <span class="since">{sinceText(at - section.at, texts)}</span>
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
  reader,
}: {
  readonly header: JournalHeader
  readonly platforms: readonly string[]
  readonly reader: JournalReader
}) {
  const texts = journalTexts[reader.language]
  return (
    <Document title={texts.journal} header={header} reader={reader}>
      <main>
        <h1>{texts.journal}</h1>
        {platforms.length === 0 && <p>{texts.noPlatforms}</p>}
        <ul>
          {platforms.map((platform) => (
            <li>
              <a href={`/journal/${encodeURIComponent(platform)}`}>{texts.shared.platform(platform)}</a>
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
  readonly reader: JournalReader
  readonly children: Child
}) {
  const { language } = facts.reader
  const { bridge, version } = facts.header
  return (
    <HtmlDocument
      language={language}
      version={version}
      title={facts.title}
      icon="icon.svg"
      styles={['style.css', 'journal.css']}
    >
      <header>
        <p>
          <b>owlcms-bridge</b> · {bridge}
        </p>
        <p>{statusTexts[language].version(version)}</p>
      </header>
      {facts.children}
      <LanguageLinks {...facts.reader} />
    </HtmlDocument>
  )
}
