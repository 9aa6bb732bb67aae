import { useLayoutEffect, useRef } from 'hono/jsx/dom'
import { commandOfKey, onKeyDown, type LearnedKeys } from './keys.ts'
import type { Pad } from './pad.ts'

/** Keys of a keyboard, presenter or Bluetooth button press for the pad, with the fence of what was drawn last. */
export function useKeyboard(pad: Pad, learned: () => LearnedKeys): void {
  const drawn = useRef(pad)
  drawn.current = pad
  // As soon as it is drawn: an effect waits for the browser's next picture, and a key that comes before is lost.
  useLayoutEffect(
    () =>
      onKeyDown((key) => {
        const { current } = drawn
        const command = commandOfKey(key, current.seat, current.state, learned())
        if (command !== undefined) current.press(command)
        return command !== undefined
      }),
    [],
  )
}
