/** Handlers of an element that acts when it is touched, not when it is let go. */
export interface PressHandlers {
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onKeyUp: (event: KeyboardEvent) => void
  readonly onClick: (event: MouseEvent) => void
}

const pressKeys: readonly string[] = ['Enter', ' ']

/**
 * Acts once per touch, mouse press or key press, at its very beginning. A held key repeats nothing. A screen reader's
 * activation, which is a click without a pointer, counts too.
 */
export function pressable(act: () => void): PressHandlers {
  return {
    onPointerDown(event) {
      if (event.button === 0) act()
    },
    onKeyDown(event) {
      if (!pressKeys.includes(event.key)) return
      // Otherwise the browser makes a click of it, and a held key many.
      event.preventDefault()
      if (!event.repeat) act()
    },
    onKeyUp(event) {
      if (event.key === ' ') event.preventDefault()
    },
    onClick(event) {
      if (event.detail === 0) act()
    },
  }
}
