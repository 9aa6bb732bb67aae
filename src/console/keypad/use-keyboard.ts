import { useEffect, useRef } from 'hono/jsx/dom'
import { commandOfKey, onKeyDown, type LearnedKeys } from './keys.ts'
import type { Pad } from './pad.ts'

/** Keys of a keyboard, presenter or Bluetooth button press for the pad, with the fence of what was drawn last. */
export function useKeyboard(pad: Pad, learned: () => LearnedKeys): void {
  const drawn = useRef(pad)
  drawn.current = pad
  useEffect(
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
