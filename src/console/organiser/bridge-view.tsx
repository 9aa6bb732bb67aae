import { useState } from 'hono/jsx/dom'
import type { LogLevelRequest } from '../../protocol/contract/console-api.ts'
import { logLevels, LogView } from './log-view.tsx'
import { Select } from './select.tsx'
import type { Shell } from './shell.ts'

/** What an organiser rarely needs: settings, the log and how much is logged, and the counters, folded away. */
export function BridgeView({ shell }: { readonly shell: Shell }) {
  const { words, overview, act, model } = shell
  const { bridge: text } = words.texts
  const [level, setLevel] = useState<LogLevelRequest['level']>('info')
  const submit = (event: Event) => {
    event.preventDefault()
    void act(model.api.logLevel({ level }), text.levelSet(level))
  }
  return (
    <>
      <h1>{text.title}</h1>
      <dl class="facts">
        <dt>{text.name}</dt>
        <dd>{overview.name}</dd>
        <dt>{text.version}</dt>
        <dd>{overview.version}</dd>
        <dt>{text.runningFor}</dt>
        <dd>{words.date(overview.startedAt)}</dd>
      </dl>
      {overview.hasSettingsPage === true && <SettingsEntry shell={shell} />}
      <form class="card" onSubmit={submit}>
        <h2>
          <label for="log-level">{text.logLevel}</label>
        </h2>
        <p class="buttons">
          <Select id="log-level" options={logLevels} chosen={level} choose={setLevel} hint="log-hint" />{' '}
          <button type="submit">{text.setLevel}</button>
        </p>
        <p id="log-hint" class="quiet">
          {text.logHint}
        </p>
      </form>
      <details class="card folded">
        <summary>{text.counters}</summary>
        <table>
          {Object.entries(overview.counters).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </table>
      </details>
      <LogView shell={shell} />
    </>
  )
}

/** The way to the page that changes the settings, which opens on the bridge's own computer only. */
function SettingsEntry({ shell }: { readonly shell: Shell }) {
  const { words, act, model } = shell
  const { bridge: text } = words.texts
  const open = async () => {
    const asking = model.api.settingsAddress()
    const answer = await asking
    if (answer.kind === 'ok') window.location.assign(answer.value.url)
    else await act(asking)
  }
  return (
    <section class="card">
      <h2>{text.settings}</h2>
      <p class="buttons">
        <button type="button" onClick={() => void open()}>
          {text.changeSettings}
        </button>
      </p>
      <p class="quiet">{text.settingsHint}</p>
    </section>
  )
}
