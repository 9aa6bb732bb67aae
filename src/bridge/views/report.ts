import type { Config } from '../../config/config.ts'
import { statusPicture } from '../../http/status/blocks.ts'
import { isoTime } from '../../http/status/words.ts'
import type { HttpViews } from '../../http/views.ts'
import { statusTexts } from '../../texts/status-texts.ts'

/**
 * What somebody who helps needs to know, to be sent to anybody: version, names of the settings without their values, faults, counters.
 * In English, whatever the organiser reads.
 */
export function helpReport({ given, hosting }: Config, views: HttpViews): string {
  const { blocks } = statusPicture(views, statusTexts.en)
  const faults = blocks
    .filter(({ level, alarm }) => level !== 'good' || alarm !== undefined)
    .map(({ title, word, sentence, raw, alarm, facts }) =>
      [`- ${title}: ${word}. ${sentence}`, alarm, raw, ...facts]
        .filter((part) => part !== undefined)
        .join(' | '),
    )
  const counters = Object.entries(views.counters()).map(([name, count]) => `- ${name}: ${count}`)
  return [
    `owlcms-bridge ${views.version}, ${hosting}, since ${isoTime(views.wallTime(views.startedAt))}`,
    `Settings: ${given.join(', ')}`,
    ...(faults.length === 0 ? ['No fault.'] : ['Faults:', ...faults]),
    'Counters:',
    ...counters,
    '',
  ].join('\n')
}
