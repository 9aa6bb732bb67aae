import { useState } from 'hono/jsx/dom'
import type { CheckFinding } from '../../protocol/contract/console-api.ts'
import { Mark, type Level } from './marks.tsx'
import { failureText, type Shell } from './shell.ts'
import type { Words } from './words.ts'

type Run =
  | { readonly kind: 'idle' | 'running' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'done'; readonly findings: readonly CheckFinding[] }

const levels: Readonly<Record<CheckFinding['result'], Level | undefined>> = {
  pass: 'good',
  warn: 'warn',
  fail: 'bad',
  skipped: undefined,
}

/** The doctor on demand: each step with what, why and the next step. */
export function CheckView({ shell }: { readonly shell: Shell }) {
  const { words, model } = shell
  const { check } = words.texts
  const [run, setRun] = useState<Run>({ kind: 'idle' })
  const begin = async () => {
    setRun({ kind: 'running' })
    const answer = await model.heed(model.api.check())
    setRun(
      answer.kind === 'ok'
        ? { kind: 'done', findings: answer.value }
        : { kind: 'failed', text: failureText(words, answer) },
    )
  }
  return (
    <>
      <h1>{check.title}</h1>
      <p>{check.intro}</p>
      <button type="button" class="main" disabled={run.kind === 'running'} onClick={() => void begin()}>
        {run.kind === 'done' ? check.again : check.start}
      </button>
      <div role="status">
        {run.kind === 'running' && <p class="sentence">{check.running}</p>}
        {run.kind === 'failed' && <p class="note bad">✗ {run.text}</p>}
        {run.kind === 'done' && (
          <p class="sentence">{check.summary(count(run.findings, 'fail'), count(run.findings, 'warn'))}</p>
        )}
      </div>
      {run.kind === 'done' && (
        <ol class="plain findings">
          {run.findings.map((finding, index) => (
            <Finding key={index} words={words} finding={finding} />
          ))}
        </ol>
      )}
    </>
  )
}

/** One step of the doctor: what, why and the next step. */
export function Finding({ words, finding }: { readonly words: Words; readonly finding: CheckFinding }) {
  const { check, common } = words.texts
  const { title, result, what, why, nextStep, raw, ms } = finding
  const level = levels[result]
  return (
    <li class={`block ${level ?? ''}`}>
      <h2>
        {level !== undefined && <Mark words={words} level={level} />} {title}: {check[result]}
      </h2>
      <p>
        {what} {ms !== undefined && <span class="quiet">({words.ms(ms)})</span>}
      </p>
      {why !== undefined && (
        <p>
          {common.why}: {why}
        </p>
      )}
      {nextStep !== undefined && <p class="next">→ {nextStep}</p>}
      {raw !== undefined && (
        <details>
          <summary>{check.technical}</summary>
          <p class="raw">{raw}</p>
        </details>
      )}
    </li>
  )
}

function count(findings: readonly CheckFinding[], result: CheckFinding['result']): number {
  return findings.filter((finding) => finding.result === result).length
}
