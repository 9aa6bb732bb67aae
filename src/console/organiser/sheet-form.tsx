import { useState } from 'hono/jsx/dom'
import type { SeatLink } from '../../protocol/contract/console-api.ts'
import { Name } from './marks.tsx'
import { maxDays, plannedSeats, usualChoice, type SheetChoice } from './sheet-plan.ts'
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

/** Chooses platforms and seats, with a competition's usual ones ticked, and makes the codes. */
export function SheetForm({ shell, made }: FormFacts) {
  const { words, model, overview } = shell
  const { sheet } = words.texts
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
  const tick = (what: Ticks, label: string) => (
    <Tick
      label={label}
      checked={ticked[what]}
      change={(checked) => setTicked((before) => ({ ...before, [what]: checked }))}
    />
  )
  return (
    <form class="sheet-form" onSubmit={(event: Event) => void submit(event)}>
      <fieldset>
        <legend>{sheet.platforms}</legend>
        {names.map((name) => (
          <Tick
            key={name}
            label={<Name text={name} />}
            checked={!left.includes(name)}
            change={(checked) =>
              setLeft((before) => (checked ? before.filter((one) => one !== name) : [...before, name]))
            }
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
        {tick('jury', sheet.juryMembers(Math.max(...(names.length === 0 ? [''] : names).map(jurySize))))}
        {ticked.jury && (
          <President
            shell={shell}
            chosen={ticked.president}
            choose={(president) => setTicked((before) => ({ ...before, president }))}
          />
        )}
      </fieldset>
      <p>
        <label>
          {sheet.days}{' '}
          <input
            type="number"
            id="days"
            min="1"
            max={maxDays}
            required
            value={ticked.days}
            onInput={({ target }: Event) => {
              if (!(target instanceof HTMLInputElement) || !target.validity.valid) return
              const days = target.valueAsNumber
              setTicked((before) => ({ ...before, days }))
            }}
          />
        </label>
      </p>
      <Tick label={sheet.whiteLeft} checked={whiteLeft} change={setWhiteLeft} />
      <p class="quiet">{sheet.secret}</p>
      <div role="alert">{trouble !== undefined && <p class="note bad">✗ {trouble}</p>}</div>
      <button type="submit" class="main" disabled={busy || seats.length === 0}>
        {seats.length === 0 ? sheet.nothing : sheet.make(seats.length)}
      </button>
    </form>
  )
}

interface PresidentFacts {
  readonly shell: Shell
  readonly chosen: SheetChoice['president']
  readonly choose: (president: SheetChoice['president']) => void
}

function President({ shell, chosen, choose }: PresidentFacts) {
  const { sheet } = shell.words.texts
  const options = [
    ['votes', sheet.presidentVotes],
    ['only', sheet.presidentOnly],
    ['none', sheet.presidentNone],
  ] as const
  return (
    <p>
      <label>
        {sheet.president}{' '}
        <select
          id="president"
          onChange={({ target }: Event) => {
            const option = options.find(
              ([value]) => target instanceof HTMLSelectElement && value === target.value,
            )
            if (option !== undefined) choose(option[0])
          }}
        >
          {options.map(([value, label]) => (
            <option key={value} value={value} selected={value === chosen}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </p>
  )
}

interface TickFacts {
  readonly label: unknown
  readonly checked: boolean
  readonly change: (checked: boolean) => void
}

function Tick({ label, checked, change }: TickFacts) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }: Event) => {
          if (target instanceof HTMLInputElement) change(target.checked)
        }}
      />{' '}
      <span>{label}</span>
    </label>
  )
}
