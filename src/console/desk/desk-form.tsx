import { useEffect, useRef, useState } from 'hono/jsx/dom'
import type { DeskRequest, DeskSettings, MeetingPlace } from '../../protocol/contract/desk.ts'
import type { DeskWords } from '../../texts/en/desk.ts'
import type { Words } from '../organiser/words.ts'
import type { DeskApi } from './desk-api.ts'
import { CheckList, noCheck, withProgress, type CheckSoFar } from './check-list.tsx'
import { Outcome, ServingNote, type Saved } from './outcome.tsx'

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

/** The settings, the way to the broker as far as it goes with them, and the button that keeps them. */
export function DeskForm({ api, text, words, settings, look }: FormFacts) {
  const [place, setPlace] = useState<MeetingPlace>(settings.place ?? 'broker')
  const [typed, setTyped] = useState<DeskRequest>(requestOf(settings.place ?? 'broker', settings))
  const [check, setCheck] = useState<CheckSoFar>(noCheck)
  const [saved, setSaved] = useState<Saved>({ kind: 'none' })
  const underWay = useRef<{ readonly end: AbortController; readonly timer: number } | null>(null)

  /** Goes the way with what stands there, once nothing more was typed for so long; what went before is let go. */
  const tryAfter = (request: DeskRequest, delayMs: number) => {
    window.clearTimeout(underWay.current?.timer)
    underWay.current?.end.abort()
    setCheck(noCheck)
    if (request.place === 'own' || request.server.trim() === '') return
    const end = new AbortController()
    let soFar: CheckSoFar = { ...noCheck, kind: 'running' }
    const begin = () => {
      setCheck(soFar)
      void api.check(request, (progress) => setCheck((soFar = withProgress(soFar, progress))), end.signal)
    }
    underWay.current = { end, timer: window.setTimeout(begin, delayMs) }
  }
  useEffect(() => {
    tryAfter(typed, 0)
    return () => underWay.current?.end.abort()
  }, [])

  const changed = ({ target }: Event) => {
    // That one only shows what was typed.
    if (target instanceof HTMLInputElement && target.type === 'checkbox') return
    const request = formRequest()
    setTyped(request)
    setPlace(request.place)
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
  const sameLogin = (['server', 'port', 'username'] as const).every(
    (name) => typed[name].trim() === settings[name],
  )
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
        <Field id="server" label={text.server} setting="OWLCMS_MQTTSERVER" value={settings.server} />
        <Field
          id="port"
          label={text.port}
          setting="OWLCMS_MQTTPORT"
          value={settings.port}
          placeholder="8883"
        />
        <Field id="username" label={text.username} setting="OWLCMS_MQTTUSERNAME" value={settings.username} />
        <Field
          id="password"
          label={text.password}
          setting="OWLCMS_MQTTPASSWORD"
          secret={text.show}
          hints={[
            ...(settings.hasPassword ? [sameLogin ? text.kept : text.again] : []),
            ...(/^\s|\s$/.test(typed.password ?? '') ? [text.edgeBlank] : []),
          ]}
        />
      </div>
      {place === 'own' && (
        <>
          <p>{text.reach}</p>
          <ul>
            {settings.reach.hosts.map((host) => (
              <li key={host}>
                <code>{host}</code>, {text.port} <code>{settings.reach.port}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <Field
        id="admin-password"
        label={text.admin}
        setting="BRIDGE_ADMIN_PASSWORD"
        secret={text.show}
        hints={[settings.hasAdminPassword ? text.kept : place === 'own' ? text.adminHintOwn : text.adminHint]}
      />
      <CheckList
        text={text}
        words={words}
        check={check}
        own={place === 'own'}
        again={() => tryAfter(formRequest(), 0)}
      />
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

function Choice({
  value,
  name,
  hint,
  chosen,
}: {
  readonly value: MeetingPlace
  readonly name: string
  readonly hint: string
  readonly chosen: MeetingPlace
}) {
  return (
    <label class="choice">
      <input type="radio" name="place" value={value} checked={chosen === value} />
      <b>{name}</b>
      <span class="quiet">{hint}</span>
    </label>
  )
}

interface FieldFacts {
  readonly id: string
  readonly label: string
  /** Its name in a settings file, as the check and owlcms call it. */
  readonly setting: string
  readonly value?: string
  readonly placeholder?: string
  /** What the box says that shows it; it is shown as dots without. */
  readonly secret?: string
  readonly hints?: readonly string[]
}

function Field({ id, label, setting, value, placeholder, secret, hints = [] }: FieldFacts) {
  const [shown, setShown] = useState(false)
  return (
    <div class="field">
      <label for={id}>
        {label} <span class="quiet">({setting})</span>
      </label>
      <input
        id={id}
        type={secret !== undefined && !shown ? 'password' : 'text'}
        value={value}
        placeholder={placeholder}
        aria-describedby={`${id}-hint`}
        autocomplete={secret === undefined ? 'off' : 'new-password'}
        autocapitalize="none"
        spellcheck={false}
        maxLength={1000}
      />
      {secret !== undefined && (
        <label class="tick">
          <input type="checkbox" onChange={() => setShown(!shown)} /> {secret}
        </label>
      )}
      <div id={`${id}-hint`} class="quiet">
        {hints.map((hint) => (
          <p key={hint}>{hint}</p>
        ))}
      </div>
    </div>
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

function requestOf(place: MeetingPlace, { server, port, username }: DeskSettings): DeskRequest {
  return { place, server, port, username }
}
