import type { CheckFinding } from '../../protocol/contract/console-api.ts'
import type { DeskProgress } from '../../protocol/contract/desk.ts'
import type { DeskWords } from '../../texts/en/desk.ts'
import { Finding } from '../organiser/check-view.tsx'
import type { Words } from '../organiser/words.ts'

/** How far the check has come. */
export interface CheckSoFar {
  readonly kind: 'none' | 'running' | 'ok' | 'trouble' | 'settings'
  readonly findings: readonly CheckFinding[]
  /** The step under way. */
  readonly title: string
}

/** Nothing was tried yet. */
export const noCheck: CheckSoFar = { kind: 'none', findings: [], title: '' }

/** The check after one more word of it. */
export function withProgress(soFar: CheckSoFar, progress: DeskProgress): CheckSoFar {
  switch (progress.kind) {
    case 'begins':
      return { ...soFar, title: progress.title }
    case 'found':
      return { ...soFar, findings: [...soFar.findings, progress.finding] }
    case 'done':
      return { ...soFar, kind: progress.outcome }
    default:
      return progress satisfies never
  }
}

interface CheckFacts {
  readonly text: DeskWords
  readonly words: Words
  readonly check: CheckSoFar
  readonly own: boolean
  readonly again: () => void
}

/** The way from the settings to owlcms as far as it goes; what somebody has not typed yet is no fault. */
export function CheckList({ text, words, check, own, again }: CheckFacts) {
  const found = check.findings.filter(({ result, code }) => result !== 'skipped' && code !== 'missing')
  return (
    <section class="card" aria-label={text.check}>
      <h2>{text.check}</h2>
      <p role="status" class="sentence">
        {own ? text.checkOwn : verdict(text, check, found)}
      </p>
      {!own && found.length > 0 && (
        <ol class="plain findings">
          {found.map((finding, index) => (
            <Finding key={index} words={words} finding={finding} />
          ))}
        </ol>
      )}
      {!own && (check.kind === 'trouble' || check.kind === 'ok') && (
        <p>
          <button type="button" class="small" onClick={again}>
            {text.tryAgain}
          </button>
        </p>
      )}
    </section>
  )
}

function verdict(text: DeskWords, { kind, title }: CheckSoFar, found: readonly CheckFinding[]): string {
  if (kind === 'running') return `${title} …`
  if (kind === 'ok') return `✓ ${text.ok}`
  if (kind === 'trouble') return `✗ ${text.trouble}`
  return found.some(({ result }) => result === 'fail') ? `✗ ${text.incomplete}` : text.checkIdle
}
