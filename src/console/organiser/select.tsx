interface SelectFacts<Value extends string> {
  readonly id: string
  readonly options: readonly (readonly [value: Value, label: string])[]
  readonly chosen: Value
  readonly choose: (value: Value) => void
  /** Id of what explains it. */
  readonly hint?: string
}

/** One of a few, from a list. */
export function Select<Value extends string>({ id, options, chosen, choose, hint }: SelectFacts<Value>) {
  const changed = ({ target }: Event) => {
    const option = options.find(([value]) => target instanceof HTMLSelectElement && value === target.value)
    if (option !== undefined) choose(option[0])
  }
  return (
    <select id={id} aria-describedby={hint} onChange={changed}>
      {options.map(([value, label]) => (
        <option key={value} value={value} selected={value === chosen}>
          {label}
        </option>
      ))}
    </select>
  )
}
