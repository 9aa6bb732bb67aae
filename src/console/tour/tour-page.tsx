import { demoTexts } from '../../texts/demo-texts.ts'
import { keypadTexts, type KeypadTexts } from '../../texts/keypad-texts.ts'
import { seatName } from '../../texts/names.ts'
import { LanguageChoice, useLanguage } from '../browser/language-choice.tsx'
import { presser, type Pad } from '../keypad/pad.ts'
import { seatWords } from '../keypad/press-words.ts'
import { RefereePad } from '../keypad/referee-pad.tsx'
import { trouble } from '../keypad/screens.tsx'
import { isReminded, seatOf } from '../keypad/seat-facts.ts'
import { useKeyboard } from '../keypad/use-keyboard.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import { useView } from '../view/parts.tsx'
import { Stage } from '../view/stage.tsx'

export interface TourPageProps {
  readonly stage: StreamClient
  /** Of referees 1 to 3. */
  readonly referees: readonly StreamClient[]
  readonly platform: string
  readonly password: string
  readonly now: () => number
}

/** For who has two minutes: the stage display, the keys of its three referees, and what to try in five steps. */
export function TourPage({ stage, referees, platform, password, now }: TourPageProps) {
  const [language, choose] = useLanguage()
  const texts = keypadTexts[language]
  const { title, intro, steps, open } = demoTexts[language]
  return (
    <div class="demo">
      <header>
        <h1>{title}</h1>
        <LanguageChoice label={texts.common.language} code={language} choose={choose} />
      </header>
      <div class="try">
        <Stage
          client={stage}
          texts={texts}
          platform={platform}
          isOverlay={false}
          location={window.location}
        />
        <div class="pads">
          {referees.map((client, index) => (
            <Referee key={index} client={client} texts={texts} now={now} />
          ))}
        </div>
      </div>
      <section class="tour" aria-label={title}>
        <p>{intro}</p>
        <ol>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <p>
          <a class="command" href="/console" target="_blank" rel="noopener">
            {open.console}
          </a>
          <span>
            {open.password} <code>{password}</code>
          </span>
          <a class="command" href={`/journal/${encodeURIComponent(platform)}`} target="_blank" rel="noopener">
            {open.journal}
          </a>
          <a class="command" href="/" target="_blank" rel="noopener">
            {open.status}
          </a>
        </p>
      </section>
    </div>
  )
}

/** One referee's keys, as on the phone, with what became of the last decision. */
function Referee({ client, texts, now }: { client: StreamClient; texts: KeypadTexts; now: () => number }) {
  const view = useView(client)
  const seat = view.as === undefined ? undefined : seatOf(view.as)
  if (seat === undefined) return <section class="pad">{texts.common.connecting}</section>
  const state = view.states[seat.platform]
  const press = presser(client, seat, state, now)
  return <Keys pad={{ client, view, seat, state, texts, isWhiteLeft: false, press }} />
}

function Keys({ pad }: { pad: Pad }) {
  const { view, seat, state, texts } = pad
  useKeyboard(pad, noLearnedKeys)
  const problem = trouble(view, seat.platform, texts)
  const words = isReminded(seat, state) ? { tone: 'bad', text: texts.keypad.reminder } : seatWords(pad)
  const name = seatName(texts.shared, seat.role, seat.number)
  return (
    <section class="pad" aria-label={name}>
      <h2>{name}</h2>
      <RefereePad pad={pad} />
      <p class={`fate ${words?.tone ?? 'quiet'}`} role="status">
        {problem ?? words?.text ?? texts.keypad.ready}
      </p>
    </section>
  )
}

/** What this browser's keypad page has learned is not meant here. */
const noLearnedKeys = () => ({})
