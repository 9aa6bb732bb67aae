import { useState } from 'hono/jsx/dom'
import { ColumnHeads, Name } from './marks.tsx'
import type { Shell } from './shell.ts'
import { useStore } from './store.ts'
import { emptyTail, matching, tailLines, type Tail } from './tail.ts'

/** What is said on the broker, as it comes: newest first, with filter and pause; bounded. */
export function TailView({ shell }: { readonly shell: Shell }) {
  const { words, model } = shell
  const { tail: text } = words.texts
  const running = useStore(model.tail)
  const [frozen, setFrozen] = useState<Tail | undefined>(undefined)
  const [filter, setFilter] = useState('')
  const tail = frozen ?? running
  const lines = matching(tail.lines, filter)
  const clear = () => {
    model.tail.set({ ...emptyTail, count: model.tail.value.count })
    setFrozen(undefined)
  }
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <p class="buttons">
        <label>
          {text.filter}{' '}
          <input
            type="search"
            id="filter"
            onInput={({ target }: Event) => {
              if (target instanceof HTMLInputElement) setFilter(target.value)
            }}
          />
        </label>{' '}
        <button
          type="button"
          aria-pressed={frozen === undefined ? 'false' : 'true'}
          onClick={() => setFrozen(frozen === undefined ? running : undefined)}
        >
          {frozen === undefined ? text.pause : text.resume}
        </button>{' '}
        <button type="button" onClick={clear}>
          {text.clear}
        </button>
      </p>
      {frozen !== undefined && <p class="note warn">! {text.paused(running.count - frozen.count)}</p>}
      {lines.length === 0 && <p class="sentence">{filter === '' ? text.none : text.noMatch}</p>}
      <div class="scroll tail" tabIndex={0} role="region" aria-label={text.title}>
        {lines.length > 0 && <Lines shell={shell} lines={lines} />}
      </div>
      <p class="quiet">{text.kept(tailLines)}</p>
    </>
  )
}

function Lines({ shell, lines }: { readonly shell: Shell; readonly lines: Tail['lines'] }) {
  const { words, model } = shell
  const { tail: text } = words.texts
  return (
    <table class="lined">
      <ColumnHeads names={[text.time, text.topic, text.payload]} />
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <td>{words.time(model.ownTime(line.at))}</td>
            <td>
              <Name text={line.topic} />
            </td>
            <td>{line.binary ? `(${text.binary})` : <Name text={line.payload} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
