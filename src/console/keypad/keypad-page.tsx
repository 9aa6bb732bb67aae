import { useState } from 'hono/jsx/dom'
import { pressable } from '../phone/pressable.ts'
import type { AlertKind } from '../phone/alerts.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import { hindranceOf, type Hindrance } from '../stream/stream-view.ts'
import { LanguageChoice, useLanguage } from '../browser/language-choice.tsx'
import { keypadTexts } from '../../texts/keypad-texts.ts'
import type { Language } from '../../texts/languages.ts'
import { isJuryBreak } from '../../protocol/field/visible-state.ts'
import { attemptOf, liftText } from '../view/athlete.ts'
import { breakCountdown } from '../view/clock-text.ts'
import { phaseText } from '../view/phase-text.ts'
import { Clock, useView } from '../view/parts.tsx'
import { DrillBanner } from './drill.tsx'
import { learnedKeys } from './keys.ts'
import { presser, type Pad } from './pad.ts'
import { PresidentPad } from './president-pad.tsx'
import { seatWords, type PressWords } from './press-words.ts'
import { JuryMemberPad, RefereePad, SoloPad } from './referee-pad.tsx'
import { seatName } from '../../texts/names.ts'
import { LearnKeys } from './learn-keys.tsx'
import { Begin, Ended, Message, trouble } from './screens.tsx'
import { hasFlags, isSummoned, seatOf } from './seat-facts.ts'
import { TimekeeperPad } from './timekeeper-pad.tsx'
import { useKeyboard } from './use-keyboard.ts'

export interface KeypadProps {
  readonly client: StreamClient
  /** What flashes now, and a way to hear of changes. */
  readonly alerts: {
    readonly active: readonly AlertKind[]
    onChange: (changed: () => void) => void
    quiet: () => void
  }
  /** The first tap: sound, wake lock. */
  readonly begin: () => void
  readonly now: () => number
  /** What the console calls this device. */
  readonly name: string
  /** Opens the stage display: the link is no seat's. */
  readonly lookOn: () => void
  readonly isWhiteLeft: boolean
}

/** The whole page of a seat: what it is, how the line is, its keypad, and what became of the last press. */
export function KeypadPage(props: KeypadProps) {
  const { client, alerts } = props
  const view = useView(client)
  const [language, choose] = useLanguage()
  const [begun, setBegun] = useState(false)
  const [, redraw] = useState('')
  alerts.onChange(() => redraw(alerts.active.join(' ')))
  const texts = keypadTexts[language]
  const seat = view.as === undefined ? undefined : seatOf(view.as)
  if (view.line.kind === 'ended') return <Ended line={view.line} texts={texts} />
  if (view.as === undefined) {
    const isLost = view.line.kind === 'lost'
    const { lineLost, connecting, triesAgain } = texts.common
    return <Message title={isLost ? lineLost : connecting} next={isLost ? triesAgain : ''} />
  }
  if (seat === undefined) {
    // A code for looking on opens what it is for.
    props.lookOn()
    return <Message title={texts.view.title} next={texts.common.connecting} />
  }
  const state = view.states[seat.platform]
  const { isWhiteLeft } = props
  const press = presser(client, seat, state, props.now)
  const pad: Pad = { client, view, seat, state, texts, isWhiteLeft, press }
  const problem = trouble(view, seat.platform, texts)
  const name = seatName(texts.shared, seat.role, seat.number)
  document.title = `${name} · ${seat.platform}`
  if (!begun) {
    const begin = (): void => {
      props.begin()
      setBegun(true)
    }
    return (
      <Begin name={name} platform={seat.platform} problem={problem} texts={texts} begin={begin}>
        <LearnKeys seat={seat} texts={texts} />
      </Begin>
    )
  }
  return <Keypad pad={pad} alerts={alerts} deviceName={props.name} language={language} choose={choose} />
}

interface SeatedProps {
  readonly pad: Pad
  readonly alerts: Pick<KeypadProps['alerts'], 'active' | 'quiet'>
  readonly deviceName: string
  readonly language: Language
  readonly choose: (one: Language) => void
}

/** The page of a seat after the first tap: all of it from what is on now. */
export function Keypad({ pad, alerts, deviceName, language, choose }: SeatedProps) {
  const { client, view, seat, state, texts } = pad
  const problem = trouble(view, seat.platform, texts)
  useKeyboard(pad, learnedKeys)
  return (
    <div
      class="app"
      data-line={view.line.kind}
      data-alert={alerts.active.join(' ') || 'none'}
      data-role={seat.role}
    >
      <header>
        <h1>{seatName(texts.shared, seat.role, seat.number)}</h1>
        <span class="where">{texts.shared.platform(seat.platform)}</span>
        <LanguageChoice label={texts.common.language} code={language} choose={choose} />
        <Athlete pad={pad} />
      </header>
      <Trouble
        problem={problem}
        isOut={outs.includes(hindranceOf(view, seat.platform))}
        flags={hasFlags(seat)}
        pad={pad}
      />
      {view.drill !== undefined && <DrillBanner drill={view.drill} client={client} texts={texts} />}
      {view.seat === 'waiting' && (
        <section class="banner" role="alert">
          <strong>{texts.keypad.seatWaiting}</strong> {texts.keypad.seatWaitingNext}
          <p>{texts.keypad.thisDevice(deviceName)}</p>
        </section>
      )}
      <Called
        pad={pad}
        summoned={isSummoned(seat, state)}
        loud={alerts.active.includes('summon')}
        quiet={alerts.quiet}
      />
      {alerts.active.includes('reminder') && (
        <section class="banner reminder" role="alert">
          <strong>{texts.keypad.reminder}</strong>
        </section>
      )}
      <main>
        <Keys pad={pad} />
      </main>
      <Footer pad={pad} words={seatWords(pad)} isWell={problem === undefined && view.seat !== 'waiting'} />
    </div>
  )
}

/** Whose lift it is, as far as owlcms tells. The line is there without a name, too, so that no key moves under a thumb. */
function Athlete({ pad: { state, texts } }: { pad: Pad }) {
  const attempt = attemptOf(state)
  const isReview = state !== undefined && isJuryBreak(state.phase)
  return (
    <p class="athlete">
      {attempt !== undefined && (
        <>
          {isReview && <span class="quiet">{texts.view.reviewed}: </span>}
          <b>{attempt.athleteName}</b> <span class="quiet">{liftText(attempt, texts)}</span>
        </>
      )}
    </p>
  )
}

/** Not a moment's doubt: here flags are the quicker way. */
const outs: readonly (Hindrance | undefined)[] = ['lost', 'notReady', 'owlcmsSilent']

/** Says at once, in words, that presses don't get through now. */
function Trouble(props: { problem: string | undefined; isOut: boolean; flags: boolean; pad: Pad }) {
  const { keypad } = props.pad.texts
  if (props.problem === undefined) return <div class="trouble" role="status" />
  return (
    <div class={`trouble ${props.isOut ? 'out' : 'doubt'}`} role="status">
      ✗ {props.problem}
      {props.isOut && <b> · {props.flags ? keypad.offlineBanner : keypad.offlineBannerOther}</b>}
    </div>
  )
}

/** Called to the jury: the words stay until lifting resumes, the sound until it is stopped. */
function Called(props: { pad: Pad; summoned: boolean; loud: boolean; quiet: () => void }) {
  const { keypad } = props.pad.texts
  if (!props.summoned && !props.loud) return <></>
  return (
    <section class="banner summon" role="alert">
      <strong>{keypad.summon}</strong>
      {props.loud && (
        <button type="button" class="command" {...pressable(props.quiet)}>
          {keypad.summonQuiet}
        </button>
      )}
    </section>
  )
}

function Keys({ pad }: { pad: Pad }) {
  const { role } = pad.seat
  switch (role) {
    case 'referee':
      return <RefereePad pad={pad} />
    case 'soloReferee':
      return <SoloPad pad={pad} />
    case 'juryMember':
      return <JuryMemberPad pad={pad} />
    case 'juryPresident':
      return <PresidentPad pad={pad} />
    case 'timekeeper':
      return <TimekeeperPad pad={pad} />
    case 'technicalController':
      return <p class="idle">{isSummoned(pad.seat, pad.state) ? '' : pad.texts.keypad.nobodySummoned}</p>
    default:
      return role satisfies never
  }
}

/** What happens on the platform, and what became of the last press. */
function Footer({ pad, words, isWell }: { pad: Pad; words: PressWords | undefined; isWell: boolean }) {
  const { state, texts, client } = pad
  return (
    <footer>
      <p
        class={`fate ${words?.tone ?? 'quiet'}`}
        role="status"
        data-press={pad.view.press?.state.kind ?? 'none'}
      >
        {words?.text ?? (isWell ? texts.keypad.ready : '')}
      </p>
      <div class="phase">
        <p>{state === undefined ? '' : phaseText(state, texts)}</p>
        <Clock client={client} state={state} clock={breakCountdown(state)} />
      </div>
    </footer>
  )
}
