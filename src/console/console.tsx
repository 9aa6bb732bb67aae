import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { Api } from './organiser/api.ts'
import { ConsoleApp } from './organiser/app.tsx'
import { ConsoleModel } from './organiser/model.ts'
import { followPage } from './phone/page-life.ts'
import { browserClock, thisBrowser } from './stream/browser-parts.ts'
import { StreamClient } from './stream/stream-client.ts'

/** The organiser's console: draws itself into the shell that the bridge served (src/http/shells/console-page.tsx). */

const root = document.getElementById('console')
if (root !== null) {
  const model = new ConsoleModel({
    api: new Api(window.fetch.bind(window)),
    clock: browserClock,
    openStream: (token) => new StreamClient({ ...thisBrowser, token }),
    followPage,
  })
  render(<ConsoleApp model={model} version={document.documentElement.dataset['version'] ?? ''} />, root)
  void model.begin()
}
