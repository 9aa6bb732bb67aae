import type { JournalPageFacts } from './page.tsx'
import { resultSentences, sectionTitle, timelineLines } from './words.ts'
import type { JournalTexts } from '../../texts/journal-texts.ts'
import { sinceText } from './times.ts'

/** The page as plain text, oldest lift first: for a mail to the jury, or for a terminal. */
export function journalText(
  { platform, sections, times }: Omit<JournalPageFacts, 'header'>,
  texts: JournalTexts,
): string {
  const blocks = sections.map((section) => {
    const timeline = timelineLines(section, texts)
    const width = Math.max(13, ...timeline.map(({ who }) => who.length))
    const lines = timeline.map(({ at, who, text, fate }) => {
      const columns = [
        times.millisecond(at),
        sinceText(at - section.at, texts).padStart(9),
        who.padEnd(width),
      ]
      const end = fate === undefined ? '' : ` – ${fate.sign} ${fate.text}`.replace('–  ', '– ')
      return `  ${columns.join('  ')}  ${text}${end}`
    })
    const title = `${times.day(section.at)} ${times.second(section.at)}  ${sectionTitle(section, texts)}`
    return [title, ...resultSentences(section, texts), ...lines].join('\n')
  })
  return `${[texts.textTitle(platform, times.zone), ...blocks].join('\n\n')}\n`
}
