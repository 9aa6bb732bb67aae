import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { LanguageChoice, useLanguage } from '../browser/language-choice.tsx'
import { organiserTexts } from '../../texts/organiser-texts.ts'
import { chooseLanguage } from '../../texts/languages.ts'
import type { Answer } from './api.ts'
import { BridgeView } from './bridge-view.tsx'
import { CheckView } from './check-view.tsx'
import { Confirmation } from './confirmation.tsx'
import { HallView } from './hall-view.tsx'
import { ResultView } from './result-view.tsx'
import type { Route } from './route.ts'
import { SeatsView } from './seats-view.tsx'
import { failureText, type Question, type Shell } from './shell.ts'
import { SignInView } from './sign-in-view.tsx'
import { useStore } from './store.ts'
import { useRoute } from './use-route.ts'
import { TailView } from './tail-view.tsx'
import type { ConsoleModel } from './model.ts'
import { makeWords, type Words } from './words.ts'

/** The whole console: sign-in, or its views. */
export function ConsoleApp({ model, version }: { readonly model: ConsoleModel; readonly version: string }) {
  const [code, choose] = useLanguage((one) => organiserTexts[one].common.title)
  const session = useStore(model.session)
  const staleSince = useStore(model.staleSince)
  const locale = navigator.languages.find(
    (tag) => chooseLanguage(undefined, [tag]) === code && tag.startsWith(code),
  )
  const words = makeWords(code, organiserTexts[code], locale)
  const { common } = words.texts
  return (
    <>
      <a class="skip" href="#content">
        {common.skip}
      </a>
      <div role="alert">
        {staleSince !== undefined && <p class="stale">✗ {common.stale(words.time(staleSince))}</p>}
      </div>
      <header class="top">
        <p>
          <b>owlcms-bridge</b>
          <span class="roomy"> · {common.title}</span>
        </p>
        <p class="tools">
          <LanguageChoice label={common.language} code={code} choose={choose} />
          {session !== 'in' && <a href="/">{common.statusPage}</a>}
          {session === 'in' && (
            <button type="button" onClick={() => void model.signOut()}>
              {common.signOut}
            </button>
          )}
        </p>
      </header>
      {session === 'in' ? (
        <SignedIn model={model} words={words} version={version} />
      ) : (
        <main id="content">
          <SignInView model={model} words={words} session={session} />
        </main>
      )}
    </>
  )
}

interface SignedInFacts {
  readonly model: ConsoleModel
  readonly words: Words
  readonly version: string
}

function SignedIn({ model, words, version }: SignedInFacts) {
  const overview = useStore(model.overview)
  const route = useRoute()
  const [question, setQuestion] = useState<Question | undefined>(undefined)
  const [news, setNews] = useState('')
  const { common } = words.texts
  useEffect(() => setNews(''), [route.view]) // News belong to the view in which they were made.
  if (overview === undefined) {
    return (
      <main id="content">
        <p class="sentence">{common.loading}</p>
      </main>
    )
  }
  const act = async (asking: Promise<Answer<unknown>>, done = '') => {
    const answer = await model.heed(asking)
    setNews(answer.kind === 'ok' ? done : `✗ ${failureText(words, answer)}`)
    await model.refresh()
  }
  const shell: Shell = { model, words, overview, ask: setQuestion, act }
  return (
    <>
      <Navigation words={words} route={route} />
      <main id="content" tabIndex={-1}>
        {overview.version !== version && (
          <p class="note warn no-print">
            ! {common.updated}{' '}
            <button type="button" onClick={() => window.location.reload()}>
              {common.reload}
            </button>
          </p>
        )}
        <div role="status" class="news">
          {news !== '' && <p class="note">{news}</p>}
        </div>
        <View shell={shell} route={route} />
      </main>
      {question !== undefined && (
        <Confirmation
          words={words}
          question={question}
          close={() => setQuestion(undefined)}
          run={() => void act(question.run(), question.done)}
        />
      )}
    </>
  )
}

function View({ shell, route }: { readonly shell: Shell; readonly route: Route }) {
  switch (route.view) {
    case 'hall':
      return <HallView shell={shell} />
    case 'seats':
      return <SeatsView shell={shell} />
    case 'check':
      return <CheckView shell={shell} />
    case 'messages':
      return <TailView shell={shell} />
    case 'bridge':
      return <BridgeView shell={shell} />
    case 'result':
      return <ResultView shell={shell} platform={route.platform} />
    default:
      return route satisfies never
  }
}

function Navigation({ words, route }: { readonly words: Words; readonly route: Route }) {
  const { nav, common } = words.texts
  const first = useRef(true)
  useEffect(() => {
    // A screen reader and the keyboard go on in the new view, not at the page's top.
    if (first.current) first.current = false
    else document.getElementById('content')?.focus()
  }, [route.view])
  return (
    <nav aria-label={common.title}>
      <ul>
        {(Object.keys(nav) as (keyof typeof nav)[]).map((view) => (
          <li key={view}>
            <a href={`#${view}`} {...(view === route.view ? { 'aria-current': 'page' } : {})}>
              {nav[view]}
            </a>
          </li>
        ))}
        <li>
          <a href="/">{common.statusPage}</a>
        </li>
      </ul>
    </nav>
  )
}
