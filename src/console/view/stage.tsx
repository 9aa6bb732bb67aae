import type { VisibleState } from '../../protocol/field/visible-state.ts'
import { Message } from '../keypad/screens.tsx'
import { useEffect } from 'hono/jsx/dom'
import { isLanguage } from '../../texts/languages.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import { isSilent, type StreamView } from '../stream/stream-view.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { attemptOf, isQuiet, liftText } from './athlete.ts'
import { breakCountdown } from './clock-text.ts'
import { Clock, RefereeLights, useView } from './parts.tsx'
import { phaseText } from './phase-text.ts'

/** Which platform? */
export function ChoosePlatform(props: {
  client: StreamClient
  texts: KeypadTexts
  page: 'view' | 'overlay'
  fragment: string
}) {
  const { texts, page } = props
  const view = useView(props.client)
  if (view.line.kind === 'ended') return <Message title={texts.view.needsLink} next="" />
  const platforms = view.platforms ?? []
  const [only, ...others] = platforms
  // A code for looking on is one platform's.
  useEffect(() => {
    if (props.fragment !== '' && only !== undefined && others.length === 0) {
      window.location.replace(`/${page}/${encodeURIComponent(only)}${props.fragment}`)
    }
  }, [platforms.length])
  return (
    <main class="message">
      <h1>{platforms.length === 0 ? texts.view.title : texts.view.choose}</h1>
      {platforms.length === 0 && (
        <p>{view.line.kind === 'live' ? texts.view.none : texts.common.connecting}</p>
      )}
      {platforms.map((platform) => (
        <a class="command" key={platform} href={`/${page}/${encodeURIComponent(platform)}${props.fragment}`}>
          {texts.shared.platform(platform)}
        </a>
      ))}
    </main>
  )
}

type PageLocation = Pick<Location, 'search' | 'hash'>

/** The stage display, and with `isOverlay` the picture laid over video: only what the hall sees. */
export function Stage(props: {
  client: StreamClient
  texts: KeypadTexts
  platform: string
  isOverlay: boolean
  location: PageLocation
}) {
  const { client, texts, platform, isOverlay } = props
  const view = useView(client)
  const state = view.states[platform]
  document.title = `${platform} · ${texts.view.title}`
  if (view.line.kind === 'ended' && !isOverlay) return <Message title={texts.view.needsLink} next="" />
  const mistake = isOverlay ? mistakeOf(view, props) : undefined
  const problem = problemOf(view, props)
  return (
    <main
      class={`stage ${isOverlay ? 'overlay' : ''}`}
      data-line={view.line.kind}
      data-phase={state?.phase.kind ?? 'none'}
    >
      <h1 class="unseen">{texts.shared.platform(platform)}</h1>
      {/* On air an old picture is worse than none, and a sentence about it worse still. */}
      {mistake !== undefined ? (
        <p class="mistake" role="alert">
          ✗ {mistake}
        </p>
      ) : isOverlay && problem !== undefined ? (
        <p class="unseen">{problem}</p>
      ) : (
        <Picture client={client} state={state} texts={texts} isOverlay={isOverlay} />
      )}
      {!isOverlay && problem !== undefined && (
        <p class="stale-picture" role="alert">
          ✗ {problem}
        </p>
      )}
    </main>
  )
}

/**
 * What is wrong with the overlay's address, for who sets it up. Undefined as soon as it has shown its platform: what fails then is
 * no mistake of the address, and on air nobody wants to read of it.
 */
function mistakeOf(
  { line, platforms = [], states }: StreamView,
  { texts, platform, location }: { texts: KeypadTexts; platform: string; location: PageLocation },
): string | undefined {
  const { mistyped } = texts.view
  for (const [name, value] of new URLSearchParams(location.search))
    if (name !== 'language' || !isLanguage(value)) return mistyped.option(`${name}=${value}`)
  if (states[platform] !== undefined) return undefined
  if (line.kind === 'ended') return mistyped.code
  if (platforms.length === 0 || platforms.includes(platform)) return undefined
  const known = platforms.join(', ')
  // A code knows its own platform only.
  return location.hash === '' ? mistyped.platform(platform, known) : mistyped.otherPlatform(known)
}

function problemOf(
  view: StreamView,
  { texts, platform }: { texts: KeypadTexts; platform: string },
): string | undefined {
  const line = view.line.kind
  if (line === 'connecting') return texts.common.connecting
  if (line === 'lost' || line === 'ended') return texts.view.stale
  if (line === 'checking') return undefined
  if (!view.ready) return texts.common.notReady
  if (isSilent(view, platform)) return texts.common.owlcmsSilent
  return (view.platforms?.includes(platform) ?? true) ? undefined : texts.common.noPlatform(platform)
}

function Picture(props: {
  client: StreamClient
  state: VisibleState | undefined
  texts: KeypadTexts
  isOverlay: boolean
}) {
  const { client, state, texts, isOverlay } = props
  if (state === undefined) return null
  const { phase } = state
  const attempt = attemptOf(state)
  const isAlone = isQuiet(state)
  const isDown = phase.kind === 'downSignal'
  const countdown = breakCountdown(state)
  // On air only what a spectator wants to read.
  const says =
    !isOverlay ||
    (state.owlcms.state !== 'starting' &&
      (isDown || phase.kind === 'decisionShown' || phase.kind === 'break'))
  const clock = countdown ?? (isAlone ? undefined : state.clock)
  return (
    <>
      {attempt !== undefined && (
        <p class="athlete">
          {attempt.athleteName}
          <small> {liftText(attempt, texts)}</small>
        </p>
      )}
      {!isAlone && (
        <div class="lamps" data-down={isDown ? 'true' : 'false'}>
          {isDown ? (
            <DownArrow label={texts.shared.phase.downSignal} />
          ) : (
            <RefereeLights state={state} texts={texts} />
          )}
        </div>
      )}
      {says && (
        <p
          class={`what ${isAlone && countdown === undefined ? 'alone' : ''}`}
          role="status"
          data-shown={state.shown ?? 'none'}
        >
          {phaseText(state, texts)}
        </p>
      )}
      {clock !== undefined && clock.kind !== 'unknown' && (
        <Clock client={client} state={state} clock={clock} />
      )}
    </>
  )
}

function DownArrow({ label }: { label: string }) {
  return (
    <svg class="down" viewBox="0 0 24 24" role="img" aria-label={label}>
      <path d="M9 3h6v9h5l-8 9-8-9h5z" />
    </svg>
  )
}
