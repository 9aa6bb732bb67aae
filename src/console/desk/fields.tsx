import { useState } from 'hono/jsx/dom'
import type { MeetingPlace } from '../../protocol/contract/desk.ts'

interface ChoiceFacts {
  readonly value: MeetingPlace
  readonly name: string
  readonly hint: string
  readonly chosen: MeetingPlace
}

/** One of the places where owlcms and the bridge may meet. */
export function Choice({ value, name, hint, chosen }: ChoiceFacts) {
  return (
    <label class="choice">
      <input type="radio" name="place" value={value} checked={chosen === value} />
      <b>{name}</b>
      <span class="quiet">{hint}</span>
    </label>
  )
}

interface FieldFacts {
  readonly id: string
  readonly label: string
  /** Its name in a settings file, as the check and owlcms call it. */
  readonly setting: string
  readonly value?: string
  readonly placeholder?: string
  /** What the box says that shows it; it is shown as dots without. */
  readonly secret?: string
  readonly hints?: readonly string[]
}

/** A line to type into, with its label and what is to be said of it. */
export function Field({ id, label, setting, value, placeholder, secret, hints = [] }: FieldFacts) {
  const [shown, setShown] = useState(false)
  return (
    <div class="field">
      <label for={id}>
        {label} <span class="quiet">({setting})</span>
      </label>
      <input
        id={id}
        type={secret !== undefined && !shown ? 'password' : 'text'}
        value={value}
        placeholder={placeholder}
        aria-describedby={`${id}-hint`}
        autocomplete={secret === undefined ? 'off' : 'new-password'}
        autocapitalize="none"
        spellcheck={false}
        maxLength={1000}
      />
      {secret !== undefined && (
        <label class="tick">
          <input type="checkbox" onChange={() => setShown(!shown)} /> {secret}
        </label>
      )}
      <div id={`${id}-hint`} class="quiet">
        {hints.map((hint) => (
          <p key={hint}>{hint}</p>
        ))}
      </div>
    </div>
  )
}
