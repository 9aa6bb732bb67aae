import type { Overview } from '../../protocol/contract/console-api.ts'
import type { Answer } from './api.ts'
import type { ConsoleModel } from './model.ts'
import type { Words } from './words.ts'

/** A question before something that can't be undone. */
export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly action: string
  readonly run: () => Promise<Answer<unknown>>
  /** Said when it went well. */
  readonly done: string
}

/** What every part of the signed-in console is given. */
export interface Shell {
  readonly model: ConsoleModel
  readonly words: Words
  readonly overview: Overview
  /** Opens the one confirmation. */
  readonly ask: (question: Question) => void
  /** Does something at once, tells how it went, and looks at the overview anew. */
  readonly act: (asking: Promise<Answer<unknown>>, done?: string) => Promise<void>
}

/** Why a request did not do what was wanted, in words. */
export function failureText(words: Words, answer: Exclude<Answer<unknown>, { kind: 'ok' }>): string {
  const { common, signIn } = words.texts
  switch (answer.kind) {
    case 'refused':
      return answer.text
    case 'unreachable':
      return common.failed
    case 'signedOut':
      return signIn.ended
    case 'wait':
      return signIn.wait(answer.seconds)
    default:
      return answer satisfies never
  }
}
