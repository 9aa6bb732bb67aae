import type { RevokeRequest } from '../../protocol/contract/console-api.ts'
import { CodeList } from './code-list.tsx'
import { RevokeButton } from './revoke-button.tsx'
import type { Shell } from './shell.ts'

/** Takes codes back: one, a platform, or all; each with one confirmation that says what happens. */
export function RevokeSection({ shell }: { readonly shell: Shell }) {
  const { words, overview } = shell
  const { revoke } = words.texts
  const button = (action: string, text: string, request: RevokeRequest) => (
    <RevokeButton
      shell={shell}
      request={request}
      question={{ title: action, text, action }}
      isSmall={false}
    />
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
