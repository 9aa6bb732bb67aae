import type { SaveAnswer, Serving } from '../../protocol/contract/desk.ts'
import type { DeskWords } from '../../texts/en/desk.ts'
import { Finding } from '../organiser/check-view.tsx'
import type { Words } from '../organiser/words.ts'

/** What became of the button. */
export type Saved = SaveAnswer | { readonly kind: 'none' | 'busy' | 'used' | 'gone' }

/** How the bridge fares while nothing was saved in this tab. */
export function ServingNote({ text, serving }: { readonly text: DeskWords; readonly serving: Serving }) {
  switch (serving.kind) {
    case 'waiting':
      return <p class="note">{text.waiting}</p>
    case 'serving':
      return <p class="note">{text.serving}</p>
    case 'faulty':
      return <p class="note warn">! {text.faulty}</p>
    case 'failed':
      return <p class="note bad">✗ {failure(text, serving)}</p>
    default:
      return serving satisfies never
  }
}

interface OutcomeFacts {
  readonly text: DeskWords
  readonly words: Words
  readonly saved: Saved
  /** How this computer is reached in the network, so that codes for phones lead there. */
  readonly host: string | undefined
}

/** Whether it was kept, whether the bridge runs with it, and where to go on. */
export function Outcome({ text, words, saved, host = 'localhost' }: OutcomeFacts) {
  return (
    <div role="alert">
      {(saved.kind === 'used' || saved.kind === 'gone') && <p class="note bad">✗ {text[saved.kind]}</p>}
      {saved.kind === 'notKept' && <p class="note bad">✗ {text.notKept(saved.code)}</p>}
      {saved.kind === 'faulty' && (
        <>
          <p class="note bad">✗ {text.notSaved}</p>
          <ol class="plain findings">
            {saved.findings.map((finding, index) => (
              <Finding key={index} words={words} finding={finding} />
            ))}
          </ol>
        </>
      )}
      {saved.kind === 'saved' && <Kept text={text} serving={saved.serving} host={host} />}
    </div>
  )
}

function Kept({
  text,
  serving,
  host,
}: {
  readonly text: DeskWords
  readonly serving: Serving
  readonly host: string
}) {
  if (serving.kind === 'failed') return <p class="note bad">✗ {failure(text, serving)}</p>
  if (serving.kind === 'waiting') return <p class="note">{text.waiting}</p>
  const pages = `http://${host.includes(':') ? `[${host}]` : host}:${serving.port}`
  const good = serving.kind === 'serving'
  return (
    <>
      <p class={`note ${good ? 'good' : 'warn'}`}>{good ? `✓ ${text.saved}` : `! ${text.savedFaulty}`}</p>
      <p class="links">
        <a href={`${pages}/`}>{text.statusPage}</a>
        {good && <a href={`${pages}/console`}>{text.console}</a>}
      </p>
    </>
  )
}

function failure(text: DeskWords, { code, port }: Extract<Serving, { readonly kind: 'failed' }>): string {
  if (code === 'EADDRINUSE' && port !== undefined) return text.portTaken(String(port))
  if (code === 'EACCES' && port !== undefined) return text.portNotAllowed(String(port))
  return text.notStarted(code)
}
