import { useEffect, useState } from 'hono/jsx/dom'
import type { ConsoleModel, SessionState, SignIn } from './model.ts'
import type { Words } from './words.ts'

interface SignInFacts {
  readonly model: ConsoleModel
  readonly words: Words
  readonly session: Exclude<SessionState, 'in'>
}

/** The form, and in words what is wrong with a try. */
export function SignInView({ model, words, session }: SignInFacts) {
  const { signIn, common } = words.texts
  const [trouble, setTrouble] = useState<string | undefined>(undefined)
  const [waitSeconds, setWaitSeconds] = useState(0)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (waitSeconds <= 0) return undefined
    const timer = window.setTimeout(() => setWaitSeconds(waitSeconds - 1), 1_000)
    return () => window.clearTimeout(timer)
  }, [waitSeconds])
  if (session === 'asking') return <p class="sentence">{common.loading}</p>
  if (session === 'impossible') return <p class="note warn">! {signIn.impossible}</p>
  const submit = async (event: Event) => {
    event.preventDefault()
    const field = document.getElementById('password')
    if (busy || waitSeconds > 0 || !(field instanceof HTMLInputElement)) return
    setBusy(true)
    const outcome = await model.signIn(field.value)
    setBusy(false)
    if (outcome.kind === 'in') return
    setTrouble(troubleText(words, outcome))
    if (outcome.kind === 'wait') setWaitSeconds(outcome.seconds)
    field.focus()
    field.select()
  }
  return (
    <form class="card sign-in" onSubmit={(event: Event) => void submit(event)}>
      <h1>{signIn.title}</h1>
      {session === 'ended' && <p>{signIn.ended}</p>}
      <input
        type="text"
        class="unseen"
        autocomplete="username"
        value="organiser"
        readonly
        tabIndex={-1}
        aria-hidden="true"
      />
      <label for="password">{signIn.password}</label>
      <input
        id="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus
        aria-describedby="password-hint"
      />
      <p id="password-hint" class="quiet">
        {signIn.hint}
      </p>
      <div role="alert">{trouble !== undefined && <p class="note bad">✗ {trouble}</p>}</div>
      <button type="submit" class="main" disabled={busy || waitSeconds > 0}>
        {waitSeconds > 0 ? `${signIn.submit} (${waitSeconds} s)` : signIn.submit}
      </button>
    </form>
  )
}

function troubleText({ texts: { signIn, common } }: Words, outcome: Exclude<SignIn, { kind: 'in' }>): string {
  switch (outcome.kind) {
    case 'wrong':
      return signIn.wrong
    case 'wait':
      return signIn.wait(outcome.seconds)
    case 'refused':
      return outcome.text
    case 'unreachable':
      return common.failed
    default:
      return outcome satisfies never
  }
}
