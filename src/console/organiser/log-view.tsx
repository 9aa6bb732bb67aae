import { useEffect, useState } from 'hono/jsx/dom'
import type { LogAnswer, LogLevelRequest } from '../../protocol/contract/console-api.ts'
import { Select } from './select.tsx'
import { failureText, type Shell } from './shell.ts'
import type { Words } from './words.ts'

type Level = LogLevelRequest['level']

/** From all that there is to what somebody must act on, as lines of a list. */
export const logLevels = (['debug', 'info', 'warn', 'error'] satisfies Level[]).map(
  (level) => [level, level] as const,
)

type Asked =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'there'; readonly log: LogAnswer }

/** The last lines of the log, newest first, and the report for whoever helps. */
export function LogView({ shell }: { readonly shell: Shell }) {
  const { words, model } = shell
  const { bridge: text, common } = words.texts
  const [asked, setAsked] = useState<Asked>({ kind: 'asking' })
  const [least, setLeast] = useState<Level>('info')
  const look = async () => {
    const answer = await model.heed(model.api.log())
    setAsked(
      answer.kind === 'ok'
        ? { kind: 'there', log: answer.value }
        : { kind: 'failed', text: failureText(words, answer) },
    )
  }
  useEffect(() => void look(), [])
  const log = asked.kind === 'there' ? asked.log : undefined
  const lines = (log?.lines ?? []).filter(({ level }) => rank(level) >= rank(least)).reverse()
  return (
    <>
      <section class="card">
        <h2>{text.report}</h2>
        <p>{text.reportHint}</p>
        {log !== undefined && <Report shell={shell} report={log.report} />}
      </section>
      <section class="card">
        <h2>{text.log}</h2>
        <p class="buttons">
          <label>
            {text.logFrom} <Select id="log-from" options={logLevels} chosen={least} choose={setLeast} />
          </label>{' '}
          <button type="button" onClick={() => void look()}>
            {text.logAgain}
          </button>
        </p>
        {asked.kind === 'asking' && <p>{common.loading}</p>}
        {asked.kind === 'failed' && <p class="note bad">✗ {asked.text}</p>}
        {log !== undefined && lines.length === 0 && <p>{text.logNone}</p>}
        <div class="scroll tail" tabIndex={0} role="region" aria-label={text.log}>
          {lines.length > 0 && <Lines words={words} lines={lines} />}
        </div>
      </section>
    </>
  )
}

function Lines({ words, lines }: { readonly words: Words; readonly lines: LogAnswer['lines'] }) {
  return (
    <table class="lined">
      <tbody>
        {lines.map(({ time, level, message, facts }, index) => (
          <tr key={index}>
            <td>{words.time(time)}</td>
            <td>{level}</td>
            <td>
              <b>{message}</b> <bdi>{facts}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const rank = (level: string): number => logLevels.findIndex(([one]) => one === level)

/** Copied by a button; without HTTPS no page may do that, so it is marked to be copied by hand. */
function Report({ shell, report }: { readonly shell: Shell; readonly report: string }) {
  const { bridge: text } = shell.words.texts
  const [done, setDone] = useState<'no' | 'copied' | 'marked'>('no')
  const copy = async () => {
    const field = document.getElementById('report')
    if (field instanceof HTMLTextAreaElement) {
      field.closest('details')?.setAttribute('open', '')
      field.select()
    }
    const { clipboard } = navigator as { readonly clipboard?: Clipboard }
    const copied = await clipboard?.writeText(report).then(
      () => true,
      () => false, // The reader said no; it is marked all the same.
    )
    setDone(copied === true ? 'copied' : 'marked')
  }
  return (
    <>
      <p class="buttons">
        <button type="button" onClick={() => void copy()}>
          {text.reportCopy}
        </button>
        <span role="status">
          {done === 'copied' && `✓ ${text.reportCopied}`}
          {done === 'marked' && text.reportMarked}
        </span>
      </p>
      <details>
        <summary>{text.reportShow}</summary>
        <textarea id="report" class="report" readonly rows={12} aria-label={text.report} value={report} />
      </details>
    </>
  )
}
