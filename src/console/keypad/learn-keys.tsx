import { useLayoutEffect, useState } from 'hono/jsx/dom'
import type { KeypadTexts } from '../../texts/keypad-texts.ts'
import { keepKeys, keyName, learnedKeys, mainKeys, onKeyDown, type MainKey } from './keys.ts'
import type { PageSeat } from './seat-facts.ts'

/** Teaches the page a button, presenter or keyboard, key by key, and shows which one does what. */
export function LearnKeys({ seat, texts }: { seat: PageSeat; texts: KeypadTexts }) {
  const { learn } = texts.keypad
  const wanted = mainKeys(seat)
  const [kept, keep] = useState(learnedKeys())
  /** What was asked for until now; undefined: nothing is being taught. */
  const [taught, teach] = useState<readonly (string | undefined)[] | undefined>(undefined)
  const next = taught === undefined ? undefined : wanted[taught.length]
  const after = (name: string | undefined): void => {
    if (taught !== undefined) teach(taught.length + 1 < wanted.length ? [...taught, name] : undefined)
  }
  // An effect waits for the browser's next picture, and a button that is pushed before is lost.
  useLayoutEffect(() => {
    if (next === undefined || taught === undefined) return undefined
    return onKeyDown((key) => {
      const name = keyName(key)
      // One button can't be two, but on another seat's page it may be something else.
      if (taught.includes(name)) return true
      const others = Object.entries(kept).filter(
        ([one, known]) => known !== name || !wanted.some((each) => each === one),
      )
      const more = { ...Object.fromEntries(others), [next]: name }
      keepKeys(more)
      keep(more)
      after(name)
      return true
    })
  }, [next])
  if (wanted.length === 0) return <></>
  return (
    <div class="learn">
      <p role="status">
        {next === undefined
          ? wanted
              .filter((one) => kept[one] !== undefined)
              .map((one) => `${nameOf(one, seat, texts)}: ${kept[one] ?? ''}`)
              .join(' · ')
          : learn.press(nameOf(next, seat, texts))}
      </p>
      <Small
        label={next === undefined ? learn.begin : learn.stop}
        act={() => teach(next === undefined ? [] : undefined)}
      />
      {next !== undefined && wanted.length > 2 && <Small label={learn.skip} act={() => after(undefined)} />}
    </div>
  )
}

function Small({ label, act }: { label: string; act: () => void }) {
  return (
    <button
      type="button"
      class="small"
      onClick={(event: Event) => {
        // Its own key must not be the answer.
        if (event.currentTarget instanceof HTMLElement) event.currentTarget.blur()
        act()
      }}
    >
      {label}
    </button>
  )
}

/** As the key on the screen is called. */
function nameOf(key: MainKey, { role }: PageSeat, { common, keypad }: KeypadTexts): string {
  const vote = role === 'juryPresident' ? `${keypad.ownVote}: ` : ''
  const names: Readonly<Record<MainKey, string>> = {
    white: `${vote}${common.white}`,
    red: `${vote}${common.red}`,
    start: keypad.start,
    stop: keypad.stop,
    deliberation: keypad.deliberation,
    challenge: keypad.challenge,
    technical: keypad.technicalBreak,
    resume: keypad.resume,
    good: `${keypad.juryDecision}: ${common.goodLift}`,
    bad: `${keypad.juryDecision}: ${common.noLift}`,
    call1: `${keypad.summonTitle}: 1`,
    call2: `${keypad.summonTitle}: 2`,
    call3: `${keypad.summonTitle}: 3`,
    callAll: `${keypad.summonTitle}: ${keypad.summonAll}`,
    callController: `${keypad.summonTitle}: ${keypad.summonController}`,
  }
  return names[key]
}
