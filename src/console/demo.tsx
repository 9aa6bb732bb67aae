import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { TourPage } from './tour/tour-page.tsx'
import { followPage } from './phone/page-life.ts'
import { browserClock, clientName, thisBrowser } from './stream/browser-parts.ts'
import { StreamClient } from './stream/stream-client.ts'

/** `/demo`: the demo's first page. Each referee has a line of its own, as three phones would; the stage display has another. */
function start(root: HTMLElement): void {
  const { platform = '', password = '', tokens = '' } = root.dataset
  const open = (more: { readonly token?: string; readonly platforms?: readonly string[] }): StreamClient => {
    const client = new StreamClient({ ...thisBrowser, client: clientName(), ...more })
    followPage(client)
    return client
  }
  render(
    <TourPage
      stage={open({ platforms: [platform] })}
      referees={tokens.split(' ').map((token) => open({ token }))}
      platform={platform}
      password={password}
      now={() => browserClock.now()}
    />,
    root,
  )
}

const root = document.getElementById('app')
if (root !== null) start(root)
