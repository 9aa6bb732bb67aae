import { Select } from './select.tsx'
import { maxDays, type SheetChoice } from './sheet-plan.ts'
import type { Shell } from './shell.ts'

interface PresidentFacts {
  readonly shell: Shell
  readonly chosen: SheetChoice['president']
  readonly choose: (president: SheetChoice['president']) => void
}

/** Whether the jury’s president has a keypad, and a vote. */
export function President({ shell, chosen, choose }: PresidentFacts) {
  const { sheet } = shell.words.texts
  const options = [
    ['votes', sheet.presidentVotes],
    ['only', sheet.presidentOnly],
    ['none', sheet.presidentNone],
  ] as const
  return (
    <p>
      <label>
        {sheet.president} <Select id="president" options={options} chosen={chosen} choose={choose} />
      </label>
    </p>
  )
}

interface DaysFacts {
  readonly label: string
  readonly days: number
  readonly choose: (days: number) => void
}

/** For how many days the codes are good; what is not a number of days is not taken. */
export function Days({ label, days, choose }: DaysFacts) {
  return (
    <p>
      <label>
        {label}{' '}
        <input
          type="number"
          id="days"
          min="1"
          max={maxDays}
          required
          value={days}
          onInput={({ target }: Event) => {
            if (target instanceof HTMLInputElement && target.validity.valid) choose(target.valueAsNumber)
          }}
        />
      </label>
    </p>
  )
}

interface TickFacts {
  readonly label: unknown
  readonly checked: boolean
  readonly change: (checked: boolean) => void
}

/** A box to tick. */
export function Tick({ label, checked, change }: TickFacts) {
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
