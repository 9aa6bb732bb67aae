import type { Hosting } from '../../support/hosting.ts'
import type { SetupTexts } from '../../texts/setup-texts.ts'
import type { SetupFault } from '../../texts/setup-texts.ts'

/** A setting, and a made-up value that shows what goes there (R10). */
type Example = Pick<SetupFault, 'setting' | 'example'>

interface HowToSetFacts {
  readonly place: Hosting
  /** The app's name there, if it is known. */
  readonly app: string | undefined
  readonly settings: readonly Example[]
  readonly texts: SetupTexts
}

/** What to type or click where the bridge runs: the whole command with a button that copies it, and the way through the dashboard. */
export function HowToSet({ place, app, settings, texts }: HowToSetFacts) {
  const dashboard = place === 'other' ? undefined : texts.dashboard[place]
  return (
    <>
      <p>{app === undefined ? texts.steps[place] : texts.anywhere}</p>
      <Command text={commandFor(place, settings, app)} texts={texts} />
      {place === 'fly' && (
        <details>
          <summary>{texts.typed}</summary>
          <Command text={`fly secrets import${flag(app)}\n${flyLines(settings)}`} texts={texts} />
        </details>
      )}
      {dashboard !== undefined && (
        <details>
          <summary>{texts.byMouse}</summary>
          <ol>
            {dashboard(app).map((step) => (
              <li>{step}</li>
            ))}
          </ol>
        </details>
      )}
    </>
  )
}

/** The button works by src/console/status-page.ts, and is there only when that runs. */
function Command({ text, texts }: { readonly text: string; readonly texts: SetupTexts }) {
  return (
    <div class="command">
      <pre>{text}</pre>
      <button type="button" data-copied={texts.copied}>
        {texts.copy}
      </button>
    </div>
  )
}

const flag = (app: string | undefined): string => (app === undefined ? '' : ` -a ${app}`)

/** The line for a terminal that sets the examples at once; quoted for a shell. */
function commandFor(place: Hosting, settings: readonly Example[], app?: string): string {
  if (place === 'other') return plainLines(settings)
  const command = place === 'fly' ? 'fly secrets set' : 'heroku config:set'
  const pairs = once(settings).map(({ setting, example }) => `${setting}='${example}'`)
  return [`${command}${flag(app)}`, ...pairs].join(' ')
}

/** Between lines of three quotes Fly.io takes every character of a password as it is (docs/platforms.md 1.5). */
const flyLines = (settings: readonly Example[]): string =>
  once(settings)
    .map(({ setting, example }) =>
      setting.endsWith('PASSWORD') ? `${setting}="""\n${example}\n"""` : `${setting}=${example}`,
    )
    .join('\n')

const plainLines = (settings: readonly Example[]): string =>
  once(settings)
    .map(({ setting, example }) => `${setting}=${example}`)
    .join('\n')

/** A setting may have two faults, but needs one line. */
function once(settings: readonly Example[]): readonly Example[] {
  return settings.filter(
    (one, index) => settings.findIndex(({ setting }) => setting === one.setting) === index,
  )
}

/** What both take: they go into a line that people run. */
const appName = /^[a-z0-9][a-z0-9-]{0,62}$/

/** The app's name at its host. Heroku tells it by the address only: the name, and in newer apps twelve digits. */
export function appAt(
  hosting: Hosting,
  host: string | undefined,
  flyApp: string | undefined,
): string | undefined {
  const [, herokuApp] = /^([a-z0-9-]+?)(?:-[0-9a-f]{12})?\.herokuapp\.com(?::\d+)?$/.exec(host ?? '') ?? []
  const name = hosting === 'fly' ? flyApp : hosting === 'heroku' ? herokuApp : undefined
  return name !== undefined && appName.test(name) ? name : undefined
}
