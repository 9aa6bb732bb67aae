import { useEffect, useState } from 'hono/jsx/dom'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { keepKeys, keyName, learnedKeys, mainKeys, onKeyDown, type LearnedKeys } from './keys.ts'
import type { PageSeat } from './seat-facts.ts'

/** Teaches the page a button, presenter or keyboard, key by key, and shows which one does what. */
export function LearnKeys({ seat, texts }: { seat: PageSeat; texts: KeypadTexts }) {
  const { learn, start, stop } = texts.keypad
  const names = { white: texts.common.white, red: texts.common.red, start, stop }
  const wanted = mainKeys(seat)
  const [kept, keep] = useState(learnedKeys())
  const [asked, ask] = useState<LearnedKeys | undefined>(undefined)
  const next = asked === undefined ? undefined : wanted.find((one) => asked[one] === undefined)
  useEffect(() => {
    if (next === undefined || asked === undefined) return undefined
    return onKeyDown((key) => {
      const name = keyName(key)
      // One button can't be both.
      if (Object.values(asked).includes(name)) return true
      const more = { ...asked, [next]: name }
      const isLast = wanted.every((one) => more[one] !== undefined)
      if (isLast) {
        keepKeys({ ...kept, ...more })
        keep({ ...kept, ...more })
      }
      ask(isLast ? undefined : more)
      return true
    })
  }, [next])
  if (wanted.length === 0) return <></>
  return (
    <div class="learn">
      <p role="status">
        {next === undefined
          ? wanted.map((one) => (kept[one] === undefined ? '' : `${names[one]}: ${kept[one]}`)).join(' ')
          : learn.press(names[next])}
      </p>
      <button
        type="button"
        class="small"
        onClick={(event: Event) => {
          // Its own key must not be the answer.
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.blur()
          ask(next === undefined ? {} : undefined)
        }}
      >
        {next === undefined ? learn.begin : learn.stop}
      </button>
    </div>
  )
}
