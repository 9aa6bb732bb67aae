import { useEffect, useLayoutEffect, useState } from 'hono/jsx/dom'
import type { Verdict } from '../../protocol/owlcms/topics.ts'
import type { ClockState } from '../../protocol/field/state.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import type { StreamView } from '../stream/stream-view.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { clockText } from './clock-text.ts'

/** How often the running clock is looked at, in milliseconds; it changes once a second. */
const clockLookMs = 100

/** The client's view, and a new drawing at each change of it. */
export function useView(client: StreamClient): StreamView {
  const [view, setView] = useState(client.view)
  // An effect waits for the browser's next picture; in a tab that nobody sees there is none.
  useLayoutEffect(() => {
    const show = (): void => setView(client.view)
    show()
    return client.subscribe(show)
  }, [])
  return view
}

/** A clock, the athlete's if no other; runs by itself between owlcms's words. `–:––` when owlcms told none. */
export function Clock(props: {
  client: StreamClient
  state: VisibleState | undefined
  clock?: ClockState | undefined
}) {
  const { client, state } = props
  const clock = props.clock ?? state?.clock ?? { kind: 'unknown' as const }
  const text = clockText(clock, client.bridgeNow()) ?? '–:––'
  const [, look] = useState('')
  useEffect(() => {
    if (clock.kind !== 'running') return
    const timer = window.setInterval(() => look(clockText(clock, client.bridgeNow()) ?? ''), clockLookMs)
    return () => window.clearInterval(timer)
  }, [clock])
  return (
    <p class="clock" role="timer" data-clock={clock.kind}>
      {text}
    </p>
  )
}

/** A sign that needs no colour: a tick in a circle, a cross in a square, an empty ring. */
export function Sign({ verdict }: { verdict: Verdict | 'hidden' | undefined }) {
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
      {verdict === 'good' ? (
        <path d="M5 12.5l4.5 4.5L19 7.5" />
      ) : verdict === 'bad' ? (
        <path d="M6 6l12 12M18 6L6 18" />
      ) : verdict === 'hidden' ? (
        <path d="M7 12h10" />
      ) : (
        <path d="" />
      )}
    </svg>
  )
}

/** One official's light, with its words for who can't see it. */
function Light(props: { name: string; verdict: Verdict | 'hidden' | undefined; texts: KeypadTexts }) {
  const { name, verdict, texts } = props
  const words = { good: texts.common.white, bad: texts.common.red, hidden: texts.common.hidden }
  const word = verdict === undefined ? texts.common.noVote : words[verdict]
  return (
    <li class={`light ${verdict ?? 'none'}`} data-verdict={verdict ?? 'none'}>
      <Sign verdict={verdict} />
      <span class="unseen">
        {name}: {word}
      </span>
    </li>
  )
}

/** The three lights, in the order in which the hall sees them; of the lift under review while the jury sits over one. */
export function RefereeLights({ state, texts }: { state: VisibleState | undefined; texts: KeypadTexts }) {
  const decisions = (state?.reviewed ?? state)?.decisions
  return (
    <ul class="lights" aria-label={texts.keypad.refereeLights}>
      {([1, 2, 3] as const).map((number) => (
        <Light key={number} name={`${number}`} verdict={decisions?.[number]} texts={texts} />
      ))}
    </ul>
  )
}

/** The jury's lights, as many as sit there. */
export function JuryLights({ state, texts }: { state: VisibleState | undefined; texts: KeypadTexts }) {
  const size = state?.jury.size ?? 3
  const members = ([1, 2, 3, 4, 5] as const).filter((number) => number <= size)
  return (
    <ul class="lights jury" aria-label={texts.keypad.juryLights}>
      {members.map((number) => (
        <Light key={number} name={`${number}`} verdict={state?.jury.votes[number]} texts={texts} />
      ))}
    </ul>
  )
}
