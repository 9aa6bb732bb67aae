import type { CheckFinding } from '../protocol/contract/console-api.ts'
import type { CheckReport } from './check.ts'

/** Columns of the narrowest terminal in use. */
const width = 80
const indent = '          '

const marks = {
  pass: { symbol: '✓', word: 'ok', colour: 32 },
  warn: { symbol: '!', word: 'look', colour: 33 },
  fail: { symbol: '✗', word: 'FAULT', colour: 31 },
  skipped: { symbol: '–', word: 'skip', colour: 90 },
} as const

/**
 * One finding as a person reads it in a terminal: 80 columns, a word beside each symbol, colour only if asked.
 * Nothing for a step that was not tried: those share one line, {@link skippedLines}.
 */
export function findingLines(finding: CheckFinding, colour: boolean): readonly string[] {
  if (finding.result === 'skipped') return []
  const [first = '', ...rest] = wrap(`${finding.title}: ${finding.what}`)
  const more = [
    ...(finding.why === undefined ? [] : wrap(`Why: ${finding.why}`)),
    ...(finding.nextStep === undefined ? [] : wrap(`What to do: ${finding.nextStep}`)),
    ...(finding.raw === undefined ? [] : wrap(`For a technician: ${finding.raw}`)),
  ]
  return [markOf(finding.result, colour) + first, ...[...rest, ...more].map((line) => indent + line)]
}

/** What was not tried, in one entry per reason. */
function skippedLines(findings: readonly CheckFinding[], colour: boolean): readonly string[] {
  const skipped = findings.filter(({ result }) => result === 'skipped')
  return [...new Set(skipped.map(({ what }) => what))].flatMap((what) => {
    const steps = skipped.filter((finding) => finding.what === what).map(({ title }) => title)
    const [first = '', ...rest] = wrap(`${what} ${steps.join(', ')}.`)
    return [markOf('skipped', colour) + first, ...rest.map((line) => indent + line)]
  })
}

function markOf(result: CheckFinding['result'], colour: boolean): string {
  const { symbol, word, colour: code } = marks[result]
  const mark = `${symbol} ${word}`.padEnd(indent.length)
  return colour ? `\u001B[${code}m${mark}\u001B[0m` : mark
}

/** The last lines: whether presses get through, and where to begin. */
function summaryLines({ outcome, findings }: CheckReport): readonly string[] {
  const warnings = findings.filter(({ result }) => result === 'warn').length
  const first = findings.find(({ result }) => result === 'fail')
  if (first === undefined) {
    const looks = warnings === 1 ? 'one thing' : `${warnings} things`
    return [
      warnings === 0
        ? 'All is well: presses get through to owlcms.'
        : `Presses get through to owlcms. Have a look at ${looks} marked "!".`,
    ]
  }
  return outcome === 'settings'
    ? ['The settings are not right yet. Begin with the first line marked "✗".']
    : [`Something is wrong at "${first.title}". Do what it says there,`, 'then check again.']
}

/** What follows the findings. */
export function closingLines(report: CheckReport, colour: boolean): readonly string[] {
  return [...skippedLines(report.findings, colour), '', ...summaryLines(report)]
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
