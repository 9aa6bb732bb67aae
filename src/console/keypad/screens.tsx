import type { Child } from 'hono/jsx'
import { closeCodes } from '../../protocol/contract/close-codes.ts'
import { pressable } from '../phone/pressable.ts'
import { hindranceOf, type Hindrance, type LineState, type StreamView } from '../stream/stream-view.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'

/** A page with one sentence and the next step; for what ends everything else. */
export function Message(props: { title: string; next: string; children?: Child }) {
  return (
    <main class="message">
      <div role="alert">
        <h1>{props.title}</h1>
        <p>{props.next}</p>
      </div>
      {props.children}
    </main>
  )
}

/** Why the bridge hung up for good (PROTOCOL.md, "When a connection ends"), with the next step. */
export function Ended({ line, texts }: { line: Extract<LineState, { kind: 'ended' }>; texts: KeypadTexts }) {
  const { ended } = texts.keypad
  const [title, next] =
    line.code === closeCodes.unauthorised.code || line.code === closeCodes.passEnded.code
      ? [ended.revoked, ended.revokedNext]
      : line.code === closeCodes.notYourSeat.code || line.code === closeCodes.seatTaken.code
        ? [ended.notYourSeat, ended.notYourSeatNext]
        : line.code === closeCodes.wrongSchema.code
          ? [ended.wrongVersion, ended.wrongVersionNext]
          : [ended.other(line.code), ended.otherNext]
  return (
    <Message title={title} next={next}>
      <button type="button" class="command" onClick={() => window.location.reload()}>
        {texts.common.reload}
      </button>
    </Message>
  )
}

/** What is wrong with the way to owlcms, in words; undefined when a press can leave. */
export function trouble(view: StreamView, platform: string, { common }: KeypadTexts): string | undefined {
  const words: Readonly<Record<Hindrance, string | undefined>> = {
    connecting: common.connecting,
    checking: common.lineChecking,
    lost: common.lineLost,
    // Such a page says so instead of its keys.
    ended: undefined,
    notReady: common.notReady,
    owlcmsSilent: common.owlcmsSilent,
    noPlatform: common.noPlatform(platform),
    owlcmsStarting: common.owlcmsStarting,
  }
  const hindrance = hindranceOf(view, platform)
  return hindrance === undefined ? undefined : words[hindrance]
}

/** Before anything else: whose seat this is, and the tap that allows sound. */
export function Begin(props: {
  name: string
  platform: string
  problem: string | undefined
  texts: KeypadTexts
  begin: () => void
  children?: Child
}) {
  const { texts, problem } = props
  return (
    <main class="begin">
      <h1>{props.name}</h1>
      <p>{texts.shared.platform(props.platform)}</p>
      <button type="button" class="command go" {...pressable(props.begin)}>
        {texts.keypad.begin}
      </button>
      <p>{texts.keypad.beginWhy}</p>
      <p role="status">{problem === undefined ? '' : `✗ ${problem}`}</p>
      {props.children}
    </main>
  )
}
