import { symbols } from './blocks.ts'
import { Layout } from './layout.tsx'
import type { Hosting } from '../../support/hosting.ts'
import type { SetupFacts, SetupFault } from '../views.ts'

/** What to set, and the lines that set it: every value on this page is made up (R9, R10). */
export function SetupPage({ setup, hosting }: { readonly setup: SetupFacts; readonly hosting: Hosting }) {
  const { faults, warnings, version } = setup
  const number = faults.length === 1 ? 'One setting' : `${faults.length} settings`
  const order = [hosting, ...(['fly', 'heroku', 'other'] as const).filter((other) => other !== hosting)]
  return (
    <Layout title={`${symbols.bad} Setup needed`} name="setup" version={version} language="en">
      <main class="setup">
        <h1 class="headline bad">
          <span aria-hidden="true">{symbols.bad}</span>
          <span>Setup: {number} to correct</span>
        </h1>
        <p class="sentence">
          The bridge runs, but cannot start its work yet. Correct what is listed here; the bridge then
          restarts, and this page turns into the status page by itself.
        </p>
        {faults.map((fault) => (
          <FaultCard fault={fault} />
        ))}
        {warnings.length > 0 && (
          <>
            <h2>Also noticed</h2>
            <ul>
              {warnings.map(({ setting, what }) => (
                <li>
                  <b>{setting}</b>: {what}
                </li>
              ))}
            </ul>
          </>
        )}
        <h2>How to set {faults.length === 1 ? 'it' : 'them'}</h2>
        <p>
          Replace what stands after each <code>=</code> by your own value. This page never shows the values
          you have set.
        </p>
        {order.map((place, index) => (
          <HowTo place={place} faults={faults} open={index === 0} />
        ))}
      </main>
    </Layout>
  )
}

function FaultCard({ fault }: { readonly fault: SetupFault }) {
  return (
    <section class="card bad">
      <div class="bar">
        <h2>
          <span aria-hidden="true">{symbols.bad}</span> {fault.setting} – {fault.problem}
        </h2>
      </div>
      <div class="body">
        <p class="sentence">{fault.what}</p>
        <p>{fault.why}</p>
        <p class="next">→ {fault.nextStep}</p>
      </div>
    </section>
  )
}

const titles: Readonly<Record<Hosting, string>> = {
  fly: 'On Fly.io',
  heroku: 'On Heroku',
  other: 'Anywhere else',
}

function HowTo({
  place,
  faults,
  open,
}: {
  readonly place: Hosting
  readonly faults: readonly SetupFault[]
  readonly open: boolean
}) {
  return (
    <details open={open}>
      <summary>
        <b>{titles[place]}</b>
      </summary>
      {place === 'fly' && (
        <p>In a terminal, in the folder with fly.toml (elsewhere add -a and the app’s name):</p>
      )}
      {place === 'heroku' && <p>In a terminal, or in the dashboard under Settings, “Config Vars”:</p>}
      {place === 'other' && (
        <p>As environment variables, for example in the file .env, then restart the bridge:</p>
      )}
      <pre>{commandFor(place, faults)}</pre>
      {place === 'fly' && (
        <>
          <p>Or, so that no password stays in the terminal’s history: type the lines, then press Ctrl-D.</p>
          <pre>{`fly secrets import\n${flyLines(faults)}`}</pre>
        </>
      )}
    </details>
  )
}

/** The line for a terminal that sets the examples of all faults at once; quoted for a shell. */
export function commandFor(place: Hosting, faults: readonly SetupFault[]): string {
  if (place === 'other') return plainLines(faults)
  const command = place === 'fly' ? 'fly secrets set' : 'heroku config:set'
  return [command, ...faultsOnce(faults).map(({ setting, example }) => `${setting}='${example}'`)].join(' ')
}

/** Between lines of three quotes Fly.io takes every character of a password as it is (docs/platforms.md 1.5). */
const flyLines = (faults: readonly SetupFault[]) =>
  faultsOnce(faults)
    .map(({ setting, example }) =>
      setting.endsWith('PASSWORD') ? `${setting}="""\n${example}\n"""` : `${setting}=${example}`,
    )
    .join('\n')

const plainLines = (faults: readonly SetupFault[]) =>
  faultsOnce(faults)
    .map(({ setting, example }) => `${setting}=${example}`)
    .join('\n')

/** A setting may have two faults, but needs one line. */
function faultsOnce(faults: readonly SetupFault[]): SetupFault[] {
  return faults.filter(
    (fault, index) => faults.findIndex(({ setting }) => setting === fault.setting) === index,
  )
}
