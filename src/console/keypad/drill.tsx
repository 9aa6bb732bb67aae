import { pressable } from '../phone/pressable.ts'
import type { Drill } from '../stream/stream-view.ts'
import type { StreamClient } from '../stream/stream-client.ts'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'

/** The light check: says in large letters that nothing counts, and what this seat is asked for. */
export function DrillBanner(props: { drill: Drill; client: StreamClient; texts: KeypadTexts }) {
  const { drill, client, texts } = props
  const words = texts.keypad.drill
  const { ask, result } = drill
  const asked = ask === undefined ? words[result ?? 'wait'] : words[ask]
  return (
    <section class="drill" data-ask={ask ?? 'nothing'} role="status">
      <strong>{words.title}</strong>
      <p>{asked}</p>
      {(ask === 'reminder' || ask === 'summon') && (
        <button type="button" class="command go" {...pressable(() => client.drillDone(ask))}>
          {words.yes}
        </button>
      )}
    </section>
  )
}
