import { useEffect, useRef } from 'hono/jsx/dom'
import type { Question } from './shell.ts'
import type { Words } from './words.ts'

interface ConfirmationFacts {
  readonly words: Words
  readonly question: Question
  readonly close: () => void
  readonly run: () => void
}

/** Asks once, says what will happen, and begins at "Cancel"; Escape cancels too. */
export function Confirmation({ words, question, close, run }: ConfirmationFacts) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    if (dialog.current !== null) open(dialog.current)
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby="question" aria-describedby="consequence" onClose={close}>
      <h2 id="question">{question.title}</h2>
      <p id="consequence">{question.text}</p>
      <p class="buttons">
        <button type="button" autofocus onClick={close}>
          {words.texts.common.cancel}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            close()
            run()
          }}
        >
          {question.action}
        </button>
      </p>
    </dialog>
  )
}

/** Safari before 15.4 knows no dialogs: there it is an element like any other, which the style sheet lays over the page. */
function open(dialog: HTMLDialogElement): void {
  const { showModal } = dialog as Partial<HTMLDialogElement>
  if (showModal !== undefined) {
    showModal.call(dialog)
    return
  }
  dialog.setAttribute('role', 'dialog')
  dialog.querySelector('button')?.focus()
}
