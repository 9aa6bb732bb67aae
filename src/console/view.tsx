import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { followPage } from './phone/page-life.ts'
import { keepAwake } from './phone/wake-lock.ts'
import { clientName, thisBrowser } from './stream/browser-parts.ts'
import { StreamClient } from './stream/stream-client.ts'
import { currentLanguage } from './browser/language.ts'
import { keypadTexts } from '../texts/keypad-texts.ts'
import { ChoosePlatform, Stage } from './view/stage.tsx'

/**
 * `/view/<platform>` and `/overlay/<platform>`: what the hall sees, large, or transparent for video. Without a platform they list
 * them. A token, where looking on needs one, stands in the fragment.
 */
function start(root: HTMLElement): void {
  const language = currentLanguage()
  document.documentElement.lang = language
  const { platform } = root.dataset
  const page = root.dataset['page'] === 'overlay' ? 'overlay' : 'view'
  const token = window.location.hash.slice(1)
  const client = new StreamClient({
    ...thisBrowser,
    client: clientName(),
    ...(token === '' ? {} : { token }),
    ...(platform === undefined ? {} : { platforms: [platform] }),
  })
  const texts = keypadTexts[language]
  window.addEventListener('hashchange', () => window.location.reload())
  render(
    platform === undefined ? (
      <ChoosePlatform client={client} texts={texts} page={page} fragment={window.location.hash} />
    ) : (
      <Stage
        client={client}
        texts={texts}
        platform={platform}
        isOverlay={page === 'overlay'}
        location={window.location}
      />
    ),
    root,
  )
  keepAwake()
  followPage(client)
}

const root = document.getElementById('app')
if (root !== null) start(root)
