import type { JournalPageFacts } from './page.tsx'
import { resultSentences, sectionTitle, timelineLines } from './words.ts'
import { sinceText } from './times.ts'

/** The page as plain text, oldest lift first: for a mail to the jury, or for a terminal. */
export function journalText({ platform, sections, times }: Omit<JournalPageFacts, 'header'>): string {
  const blocks = sections.map((section) => {
    const lines = timelineLines(section).map(({ at, who, text, fate }) => {
      const columns = [times.millisecond(at), sinceText(at - section.at).padStart(9), who.padEnd(13)]
      const end = fate === undefined ? '' : ` – ${fate.sign} ${fate.text}`.replace('–  ', '– ')
      return `  ${columns.join('  ')}  ${text}${end}`
    })
    const title = `${times.day(section.at)} ${times.second(section.at)}  ${sectionTitle(section)}`
    return [title, ...resultSentences(section), ...lines].join('\n')
  })
  return `${[`Journal of platform ${platform} (times in ${times.zone})`, ...blocks].join('\n\n')}\n`
}
