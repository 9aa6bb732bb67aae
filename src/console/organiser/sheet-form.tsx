import { useState } from 'hono/jsx/dom'
import type { SeatLink } from '../../protocol/contract/console-api.ts'
import { Name } from './marks.tsx'
import { Days, President, Tick } from './sheet-fields.tsx'
import { plannedSeats, usualChoice, type SheetChoice } from './sheet-plan.ts'
import { failureText, type Shell } from './shell.ts'
import { recall, remember } from '../stream/browser-parts.ts'
import { useStore } from './store.ts'

/** Where this browser keeps what its hall is used to. */
const sidesKey = 'bridge-sides'

/** Jury of owlcms until it says otherwise. */
const defaultJurySize = 3

interface FormFacts {
  readonly shell: Shell
  readonly made: (links: readonly SeatLink[]) => void
}

type Ticks = 'referees' | 'solo' | 'timekeeper' | 'controller' | 'viewer' | 'jury'

/** What is chosen, and the codes made of it. */
function useSheet({ shell, made }: FormFacts) {
  const { words, model, overview } = shell
  const live = useStore(model.live)
  const names = [...new Set([...overview.platforms.map(({ name }) => name), ...(live.platforms ?? [])])]
  const [left, setLeft] = useState<readonly string[]>([])
  const [ticked, setTicked] = useState(usualChoice)
  const [trouble, setTrouble] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [whiteLeft, setWhiteLeft] = useState(recall(sidesKey) === 'white')
  const jurySize = (platform: string) => live.states[platform]?.jury.size ?? live.jurySize ?? defaultJurySize
  const choice: SheetChoice = { ...ticked, platforms: names.filter((name) => !left.includes(name)) }
  const seats = plannedSeats(choice, jurySize)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy || seats.length === 0) return
    setBusy(true)
    remember(sidesKey, whiteLeft ? 'white' : 'red')
    const answer = await model.heed(model.api.links({ seats, days: choice.days, whiteLeft }))
    setBusy(false)
    if (answer.kind === 'ok') made(answer.value.links)
    else setTrouble(failureText(words, answer))
  }
  const change = (changed: Partial<typeof ticked>) => setTicked((before) => ({ ...before, ...changed }))
  const take = (name: string, taken: boolean) =>
    setLeft((before) => (taken ? before.filter((one) => one !== name) : [...before, name]))
  const mostJurors = Math.max(...(names.length === 0 ? [''] : names).map(jurySize))
  return {
    names,
    left,
    take,
    ticked,
    change,
    whiteLeft,
    setWhiteLeft,
    mostJurors,
    seats,
    busy,
    trouble,
    submit,
  }
}

/** Chooses platforms and seats, with a competition's usual ones ticked, and makes the codes. */
export function SheetForm({ shell, made }: FormFacts) {
  const { sheet } = shell.words.texts
  const chosen = useSheet({ shell, made })
  const { names, left, ticked, change, whiteLeft, setWhiteLeft, seats, busy, trouble } = chosen
  const tick = (what: Ticks, label: string) => (
    <Tick label={label} checked={ticked[what]} change={(checked) => change({ [what]: checked })} />
  )
  return (
    <form class="sheet-form" onSubmit={(event: Event) => void chosen.submit(event)}>
      <fieldset>
        <legend>{sheet.platforms}</legend>
        {names.map((name) => (
          <Tick
            key={name}
            label={<Name text={name} />}
            checked={!left.includes(name)}
            change={(checked) => chosen.take(name, checked)}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>{sheet.roles}</legend>
        {tick('referees', sheet.referees)}
        {tick('solo', sheet.solo)}
        {tick('timekeeper', sheet.timekeeper)}
        {tick('controller', sheet.controller)}
        {tick('viewer', sheet.viewer)}
        {tick('jury', sheet.juryMembers(chosen.mostJurors))}
        {ticked.jury && (
          <President shell={shell} chosen={ticked.president} choose={(president) => change({ president })} />
        )}
      </fieldset>
      <Days label={sheet.days} days={ticked.days} choose={(days) => change({ days })} />
      <Tick label={sheet.whiteLeft} checked={whiteLeft} change={setWhiteLeft} />
      <p class="quiet">{sheet.secret}</p>
      <div role="alert">{trouble !== undefined && <p class="note bad">✗ {trouble}</p>}</div>
      <button type="submit" class="main" disabled={busy || seats.length === 0}>
        {seats.length === 0 ? sheet.nothing : sheet.make(seats.length)}
      </button>
    </form>
  )
}
