import type { StreamCommand } from '../../protocol/contract/stream-message.ts'
import { seatName } from '../../texts/names.ts'
import { pressable } from '../phone/pressable.ts'
import { isBreak } from '../view/athlete.ts'
import { JuryLights, RefereeLights } from '../view/parts.tsx'
import { isUnderWay, looksOfKeys, type Pad } from './pad.ts'
import { Vote } from './referee-pad.tsx'
import { VerdictPad } from './verdict-pad.tsx'

/** A button with one command, marked while it is on its way and while what it asks for is so. */
export function CommandButton(props: {
  pad: Pad
  command: StreamCommand
  label: string
  /** What a screen reader says, where the label alone is too short. */
  name?: string
  on?: boolean
  disabled?: boolean
  kind?: string
}) {
  const { pad, command, label, name, on, disabled, kind } = props
  return (
    <button
      type="button"
      class={`command ${kind ?? ''}`}
      data-state={on === true ? 'on' : isUnderWay(pad, command) ? 'sending' : 'free'}
      aria-pressed={on === undefined ? undefined : on ? 'true' : 'false'}
      aria-label={name}
      disabled={disabled === true}
      {...looksOfKeys(pad)}
      {...pressable(() => pad.press(command))}
    >
      {label}
    </button>
  )
}

/** The jury president: lights of referees and jury, breaks, calls, and the jury's decision. */
export function PresidentPad({ pad }: { pad: Pad }) {
  const { texts, state } = pad
  const { keypad } = texts
  const inBreak = isBreak(state)
  return (
    <div class={`president ${pad.seat.number === undefined ? '' : 'votes'}`}>
      <div class="panel">
        <div>
          <h2>{keypad.refereeLights}</h2>
          <RefereeLights state={state} texts={texts} />
        </div>
        <div>
          <h2>{keypad.juryLights}</h2>
          <JuryLights state={state} texts={texts} />
        </div>
      </div>
      <Breaks pad={pad} inBreak={inBreak} />
      <Calls pad={pad} />
      {pad.seat.number !== undefined && <Vote pad={pad} />}
      <div class="jury-decision">
        <h2>
          {keypad.juryDecision}
          {!inBreak && <small> · {keypad.onlyInBreak}</small>}
        </h2>
        <VerdictPad
          pad={pad}
          command={(value) => ({ kind: 'juryDecision', value })}
          taken={undefined}
          label={keypad.juryDecision}
          disabled={!inBreak}
        />
      </div>
    </div>
  )
}

function Breaks({ pad, inBreak }: { pad: Pad; inBreak: boolean }) {
  const { keypad } = pad.texts
  const phase = pad.state?.phase
  const type = phase?.kind === 'break' ? phase.breakType : undefined
  const breaks = [
    ['deliberation', keypad.deliberation, type === 'JURY'],
    ['challenge', keypad.challenge, type === 'CHALLENGE'],
    ['technical', keypad.technicalBreak, type === 'TECHNICAL'],
  ] as const
  return (
    <div class="grid breaks">
      {breaks.map(([command, label, on]) => (
        <CommandButton
          key={command}
          pad={pad}
          command={{ kind: 'juryBreak', command }}
          label={label}
          on={on}
        />
      ))}
      <CommandButton
        pad={pad}
        command={{ kind: 'juryBreak', command: 'stop' }}
        label={keypad.resume}
        // Outside a break owlcms would only clear everybody's lights (docs/owlcms.md 4.6).
        disabled={!inBreak}
        kind="go"
      />
    </div>
  )
}

/** Calls to the jury, with who is called already. */
function Calls({ pad }: { pad: Pad }) {
  const { keypad, shared } = pad.texts
  const summoned = pad.state?.summoned ?? []
  return (
    <div class="calls" role="group" aria-label={keypad.summonTitle}>
      <h2>{keypad.summonTitle}</h2>
      <div class="grid five">
        {([1, 2, 3] as const).map((who) => (
          <CommandButton
            key={who}
            pad={pad}
            command={{ kind: 'summonRequest', who }}
            label={`${who}`}
            name={seatName(shared, 'referee', who)}
            on={summoned.includes(who)}
          />
        ))}
        <CommandButton pad={pad} command={{ kind: 'summonRequest', who: 0 }} label={keypad.summonAll} />
        <CommandButton
          pad={pad}
          command={{ kind: 'summonRequest', who: 4 }}
          label={keypad.summonController}
          on={summoned.includes(4)}
        />
      </div>
    </div>
  )
}
