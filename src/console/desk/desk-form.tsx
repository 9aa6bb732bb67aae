import { useState } from 'hono/jsx/dom'
import type { DeskRequest, DeskSettings } from '../../protocol/contract/desk.ts'
import type { DeskWords } from '../../texts/en/desk.ts'
import type { Words } from '../organiser/words.ts'
import type { DeskApi } from './desk-api.ts'
import { CheckList } from './check-list.tsx'
import { Choice, Field } from './fields.tsx'
import { Outcome, ServingNote, type Saved } from './outcome.tsx'
import { useCheck } from './use-check.ts'

/** Nobody waits longer for the word that a password is wrong, and few type slower. */
const typingMs = 900

interface FormFacts {
  readonly api: DeskApi
  readonly text: DeskWords
  readonly words: Words
  readonly settings: DeskSettings
  /** Asks the bridge anew. */
  readonly look: () => void
}

/** What is typed, tried with the broker, and kept. */
function useSettings({ api, settings, look }: Pick<FormFacts, 'api' | 'settings' | 'look'>) {
  const [typed, setTyped] = useState<DeskRequest>(requestOf(settings))
  const [check, tryAfter] = useCheck(api, typed)
  const [saved, setSaved] = useState<Saved>({ kind: 'none' })
  const changed = ({ target }: Event) => {
    // That one only shows what was typed.
    if (target instanceof HTMLInputElement && target.type === 'checkbox') return
    const request = formRequest()
    setTyped(request)
    if (saved.kind !== 'busy') setSaved({ kind: 'none' })
    tryAfter(request, typingMs)
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    if (saved.kind === 'busy') return
    setSaved({ kind: 'busy' })
    const answer = await api.save(formRequest())
    setSaved(answer.kind === 'ok' ? answer.value : answer)
    if (answer.kind !== 'ok' || answer.value.kind !== 'saved') return
    for (const name of ['password', 'admin-password']) {
      const field = input(name)
      if (field !== undefined) field.value = ''
    }
    setTyped(formRequest())
    look()
  }
  return { typed, check, saved, changed, submit, again: () => tryAfter(formRequest(), 0) }
}

/** The settings, the way to the broker as far as it goes with them, and the button that keeps them. */
export function DeskForm({ api, text, words, settings, look }: FormFacts) {
  const { typed, check, saved, changed, submit, again } = useSettings({ api, settings, look })
  const { place } = typed
  const runs = settings.serving.kind === 'serving'
  return (
    <form onSubmit={(event: Event) => void submit(event)} onInput={changed} autocomplete="off">
      <p>{text.intro}</p>
      <ServingNote text={text} serving={settings.serving} />
      <fieldset>
        <legend>{text.place}</legend>
        <Choice value="broker" name={text.places.broker} hint={text.places.brokerHint} chosen={place} />
        <Choice value="own" name={text.places.own} hint={text.places.ownHint} chosen={place} />
      </fieldset>
      <div hidden={place === 'own'}>
        <BrokerFields text={text} settings={settings} typed={typed} />
      </div>
      {place === 'own' && <OwnAddresses text={text} settings={settings} />}
      <Field
        id="admin-password"
        label={text.admin}
        setting="BRIDGE_ADMIN_PASSWORD"
        secret={text.show}
        hints={[settings.hasAdminPassword ? text.kept : place === 'own' ? text.adminHintOwn : text.adminHint]}
      />
      <CheckList text={text} words={words} check={check} own={place === 'own'} again={again} />
      <p>
        <button type="submit" class="main" disabled={saved.kind === 'busy'}>
          {saved.kind === 'busy' ? text.saving : runs ? text.saveAgain : text.save}
        </button>
      </p>
      {runs && <p class="quiet">{text.restartHint}</p>}
      <Outcome text={text} words={words} saved={saved} host={settings.reach.hosts[0]} />
      <p class="quiet">{text.keptIn(settings.file)}</p>
    </form>
  )
}

interface PlaceFacts {
  readonly text: DeskWords
  readonly settings: DeskSettings
}

/** The four settings that owlcms has, too. They stay in the page while the other place is chosen, with what was typed. */
function BrokerFields({ text, settings, typed }: PlaceFacts & { readonly typed: DeskRequest }) {
  const sameLogin = (['server', 'port', 'username'] as const).every(
    (name) => typed[name].trim() === settings[name],
  )
  const kept = sameLogin ? text.kept : text.again
  return (
    <>
      <Field id="server" label={text.server} setting="OWLCMS_MQTTSERVER" value={settings.server} />
      <Field id="port" label={text.port} setting="OWLCMS_MQTTPORT" value={settings.port} placeholder="8883" />
      <Field id="username" label={text.username} setting="OWLCMS_MQTTUSERNAME" value={settings.username} />
      <Field
        id="password"
        label={text.password}
        setting="OWLCMS_MQTTPASSWORD"
        secret={text.show}
        hints={[
          ...(settings.hasPassword ? [kept] : []),
          ...(/^\s|\s$/.test(typed.password ?? '') ? [text.edgeBlank] : []),
        ]}
      />
    </>
  )
}

/** Where owlcms finds a bridge that is the broker itself. */
function OwnAddresses({ text, settings: { reach } }: PlaceFacts) {
  return (
    <>
      <p>{text.reach}</p>
      <ul>
        {reach.hosts.map((host) => (
          <li key={host}>
            <code>{host}</code>, {text.port} <code>{reach.port}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

function input(id: string): HTMLInputElement | undefined {
  const field = document.getElementById(id)
  return field instanceof HTMLInputElement ? field : undefined
}

const textOf = (id: string): string => input(id)?.value ?? ''

/** What stands in the form. */
function formRequest(): DeskRequest {
  const own = document.querySelector('input[name="place"][value="own"]:checked') !== null
  const [password, adminPassword] = [textOf('password'), textOf('admin-password')]
  return {
    place: own ? 'own' : 'broker',
    server: textOf('server'),
    port: textOf('port'),
    username: textOf('username'),
    ...(password === '' ? {} : { password }),
    ...(adminPassword === '' ? {} : { adminPassword }),
  }
}

/** What is kept, before anything is typed. */
function requestOf({ place = 'broker', server, port, username }: DeskSettings): DeskRequest {
  return { place, server, port, username }
}
