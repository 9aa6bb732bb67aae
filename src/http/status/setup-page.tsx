import type { Language } from '../../texts/languages.ts'
import { say } from '../../texts/saying.ts'
import { setupTexts, type SetupTexts } from '../../texts/setup-texts.ts'
import { symbols } from './blocks.ts'
import { Layout } from './layout.tsx'
import type { Hosting } from '../../support/hosting.ts'
import type { SetupFacts, SetupFault } from '../views.ts'

/** What to set, and the lines that set it: every value on this page is made up (R9, R10). */
export function SetupPage({
  setup,
  hosting,
  language,
}: {
  readonly setup: SetupFacts
  readonly hosting: Hosting
  readonly language: Language
}) {
  const { faults, warnings, version } = setup
  const texts = setupTexts[language]
  const order = [hosting, ...(['fly', 'heroku', 'other'] as const).filter((other) => other !== hosting)]
  return (
    <Layout title={`${symbols.bad} ${texts.title}`} name="setup" version={version} language={language}>
      <main class="setup">
        <h1 class="headline bad">
          <span aria-hidden="true">{symbols.bad}</span>
          <span>{texts.headline(faults.length)}</span>
        </h1>
        <p class="sentence">{texts.intro}</p>
        {faults.map((fault) => (
          <FaultCard fault={fault} texts={texts} />
        ))}
        {warnings.length > 0 && (
          <>
            <h2>{texts.noticed}</h2>
            <ul>
              {warnings.map(({ setting, saying }) => (
                <li>
                  <b>{setting}</b>: {say(texts.warnings, saying)}
                </li>
              ))}
            </ul>
          </>
        )}
        <h2>{texts.how}</h2>
        <p>{texts.replace}</p>
        {order.map((place, index) => (
          <HowTo place={place} faults={faults} open={index === 0} texts={texts} />
        ))}
      </main>
    </Layout>
  )
}

function FaultCard({ fault, texts }: { readonly fault: SetupFault; readonly texts: SetupTexts }) {
  const { what, why, nextStep } = say(texts.faults, fault.saying)
  return (
    <section class="card bad">
      <div class="bar">
        <h2>
          <span aria-hidden="true">{symbols.bad}</span> {fault.setting} – {texts.problem[fault.problem]}
        </h2>
      </div>
      <div class="body">
        <p class="sentence">{what}</p>
        <p>{why}</p>
        <p class="next">→ {nextStep}</p>
      </div>
    </section>
  )
}

function HowTo({
  place,
  faults,
  open,
  texts,
}: {
  readonly place: Hosting
  readonly faults: readonly SetupFault[]
  readonly open: boolean
  readonly texts: SetupTexts
}) {
  return (
    <details open={open}>
      <summary>
        <b>{texts.places[place]}</b>
      </summary>
      <p>{texts.steps[place]}</p>
      <pre>{commandFor(place, faults)}</pre>
      {place === 'fly' && (
        <>
          <p>{texts.typed}</p>
          <pre>{`fly secrets import
${flyLines(faults)}`}</pre>
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
