import type { RevokeRequest } from '../../protocol/contract/console-api.ts'
import { CodeList } from './code-list.tsx'
import type { Shell } from './shell.ts'

/** Takes codes back: one, a platform, or all; each with one confirmation that says what happens. */
export function RevokeSection({ shell }: { readonly shell: Shell }) {
  const { words, overview, ask, model } = shell
  const { revoke } = words.texts
  const button = (action: string, text: string, request: RevokeRequest) => (
    <button
      type="button"
      onClick={() =>
        ask({ title: action, text, action, run: () => model.api.revoke(request), done: revoke.done })
      }
    >
      {action}
    </button>
  )
  return (
    <section class="card">
      <h2>{revoke.title}</h2>
      <p>{revoke.intro}</p>
      <p class="buttons">
        {overview.platforms.map(({ name }) => (
          <span key={name}>
            {button(revoke.platform(name), revoke.platformAsk(name), {
              what: 'platform',
              platform: name,
            })}{' '}
          </span>
        ))}
        {button(revoke.all, revoke.allAsk, { what: 'all' })}
      </p>
      <CodeList shell={shell} />
    </section>
  )
}
