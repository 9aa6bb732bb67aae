import { isJuryBreak, type VisibleState } from '../../protocol/field/visible-state.ts'
import { Message } from '../keypad/screens.tsx'
import { useEffect } from 'hono/jsx/dom'
import type { StreamClient } from '../stream/stream-client.ts'
import { isSilent, type StreamView } from '../stream/stream-view.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { attemptOf, isQuiet, liftText } from './athlete.ts'
import { breakCountdown } from './clock-text.ts'
import { Clock, RefereeLights, useView } from './parts.tsx'
import { phaseText } from './phase-text.ts'

/** Which platform? */
export function ChoosePlatform(props: { client: StreamClient; texts: KeypadTexts; fragment: string }) {
  const { texts } = props
  const view = useView(props.client)
  if (view.line.kind === 'ended') return <Message title={texts.view.needsLink} next="" />
  const platforms = view.platforms ?? []
  const [only, ...others] = platforms
  // A code for looking on is one platform's.
  useEffect(() => {
    if (props.fragment !== '' && only !== undefined && others.length === 0) {
      window.location.replace(`/view/${encodeURIComponent(only)}${props.fragment}`)
    }
  }, [platforms.length])
  return (
    <main class="message">
      <h1>{platforms.length === 0 ? texts.view.title : texts.view.choose}</h1>
      {platforms.length === 0 && (
        <p>{view.line.kind === 'live' ? texts.view.none : texts.common.connecting}</p>
      )}
      {platforms.map((platform) => (
        <a class="command" key={platform} href={`/view/${encodeURIComponent(platform)}${props.fragment}`}>
          {texts.shared.platform(platform)}
        </a>
      ))}
    </main>
  )
}

/** The stage display, and with `isOverlay` the picture laid over video: only what the hall sees. */
export function Stage(props: {
  client: StreamClient
  texts: KeypadTexts
  platform: string
  isOverlay: boolean
}) {
  const { client, texts, platform, isOverlay } = props
  const view = useView(client)
  const state = view.states[platform]
  document.title = `${platform} · ${texts.view.title}`
  if (view.line.kind === 'ended' && !isOverlay) return <Message title={texts.view.needsLink} next="" />
  const problem = problemOf(view, props)
  return (
    <main
      class={`stage ${isOverlay ? 'overlay' : ''}`}
      data-line={view.line.kind}
      data-phase={state?.phase.kind ?? 'none'}
    >
      <h1 class="unseen">{texts.shared.platform(platform)}</h1>
      {/* On air an old picture is worse than none, and a sentence about it worse still. */}
      {isOverlay && problem !== undefined ? (
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
  if (state === undefined) return <p class="what" role="status" />
  const { phase } = state
  const attempt = attemptOf(state)
  const isAlone = isQuiet(state)
  const isDown = phase.kind === 'downSignal'
  const countdown = breakCountdown(state)
  // On air only what a spectator wants to read.
  const says = !isOverlay || isDown || phase.kind === 'decisionShown' || phase.kind === 'break'
  return (
    <>
      {(!isAlone || isJuryBreak(phase)) && (
        <p class="athlete">
          {attempt?.athleteName ?? ''}
          {attempt !== undefined && <small> {liftText(attempt, texts)}</small>}
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
      <p
        class={`what ${isAlone && countdown === undefined ? 'alone' : ''}`}
        role="status"
        data-shown={state.shown ?? 'none'}
      >
        {says ? phaseText(state, texts) : ''}
      </p>
      {(!isAlone || countdown !== undefined) && <Clock client={client} state={state} clock={countdown} />}
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
