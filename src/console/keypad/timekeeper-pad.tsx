import { Clock } from '../view/parts.tsx'
import type { Pad } from './pad.ts'
import { CommandButton } from './president-pad.tsx'

/** The timekeeper: owlcms's own clock in large, start and stop under the thumbs. */
export function TimekeeperPad({ pad }: { pad: Pad }) {
  const { keypad } = pad.texts
  const running = pad.state?.clock.kind === 'running'
  return (
    <div class="timekeeper">
      <div class="panel">
        <Clock client={pad.client} state={pad.state} />
      </div>
      <div class="grid two">
        <CommandButton pad={pad} command={{ kind: 'clock', command: '60' }} label={keypad.oneMinute} />
        <CommandButton pad={pad} command={{ kind: 'clock', command: '120' }} label={keypad.twoMinutes} />
      </div>
      <div class="grid two big">
        <CommandButton
          pad={pad}
          command={{ kind: 'clock', command: 'start' }}
          label={`▶ ${keypad.start}`}
          on={running}
          kind="go"
        />
        <CommandButton
          pad={pad}
          command={{ kind: 'clock', command: 'stop' }}
          label={`■ ${keypad.stop}`}
          kind="halt"
        />
      </div>
    </div>
  )
}
