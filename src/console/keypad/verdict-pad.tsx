import type { Verdict } from '../../protocol/owlcms/topics.ts'
import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import { pressable } from '../phone/pressable.ts'
import { Sign } from '../view/parts.tsx'
import { isUnderWay, looksOfKeys, type Pad } from './pad.ts'

interface VerdictPadProps {
  readonly pad: Pad
  readonly command: (value: Verdict) => StreamCommand
  /** The verdict that owlcms has, when it may be shown. */
  readonly taken: Verdict | 'hidden' | undefined
  readonly label: string
  /** A vote is secret: the neighbour must not see which button it was. */
  readonly secret?: boolean
  readonly disabled?: boolean
}

/**
 * Red on the left, white on the right, as on owlcms's own phone page and the M5Stack box (docs/owlcms.md 3.9), unless the
 * hall is used to the other; each with its own shape and words.
 */
export function VerdictPad({ pad, command, taken, label, secret, disabled }: VerdictPadProps) {
  const { common, keypad } = pad.texts
  const looks = looksOfKeys(pad)
  const shut = looks['data-keys'] === 'shut' && disabled !== true ? `✗ ${keypad.notNow}` : ''
  const half = (value: Verdict) => {
    const sending = secret !== true && isUnderWay(pad, command(value))
    const state = taken === value ? 'taken' : sending ? 'sending' : 'free'
    const badge = { taken: `✓ owlcms`, sending: keypad.press.sending, free: shut }[state]
    return (
      <button
        type="button"
        class={`verdict ${value}`}
        data-verdict={value}
        data-state={state}
        aria-pressed={taken === value ? 'true' : 'false'}
        disabled={disabled === true}
        {...looks}
        {...pressable(() => pad.press(command(value)))}
      >
        <Sign verdict={value} />
        <b>{value === 'good' ? common.white : common.red}</b>
        <span>{value === 'good' ? common.goodLift : common.noLift}</span>
        <small class="badge">{badge}</small>
      </button>
    )
  }
  return (
    <div class="verdicts" role="group" aria-label={label}>
      {half(pad.isWhiteLeft ? 'good' : 'bad')}
      {half(pad.isWhiteLeft ? 'bad' : 'good')}
    </div>
  )
}
