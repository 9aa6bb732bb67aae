import type { RevokeRequest } from '../../protocol/contract/console-api.ts'
import type { Question, Shell } from './shell.ts'

interface RevokeFacts {
  readonly shell: Shell
  readonly request: RevokeRequest
  /** What is asked before, and what the button says that does it. */
  readonly question: Pick<Question, 'title' | 'text' | 'action'>
  readonly isSmall?: boolean
  /** Whose codes, for who doesn't see where the button stands. */
  readonly children?: unknown
}

/** Takes codes back, after asking. */
export function RevokeButton({ shell, request, question, isSmall = true, children }: RevokeFacts) {
  const { model, ask, words } = shell
  const run = () => model.api.revoke(request)
  return (
    <button
      type="button"
      class={isSmall ? 'small' : undefined}
      onClick={() => ask({ ...question, run, done: words.texts.revoke.done })}
    >
      {question.action}
      {children}
    </button>
  )
}

interface RevokeCodeFacts {
  readonly shell: Shell
  readonly tokenId: string
  /** As people call it. */
  readonly seat: string
  readonly platform: string
}

/** Takes one code back. */
export function RevokeCode({ shell, tokenId, seat, platform }: RevokeCodeFacts) {
  const { revoke } = shell.words.texts
  const question = { title: `${revoke.link}: ${seat}`, text: revoke.linkAsk(seat), action: revoke.link }
  return (
    <RevokeButton shell={shell} request={{ what: 'token', tokenId }} question={question}>
      <span class="unseen">
        : {seat}, {platform}
      </span>
    </RevokeButton>
  )
}
