import type { Language } from '../../texts/languages.ts'
import { say } from '../../texts/saying.ts'
import { setupTexts, type SetupTexts } from '../../texts/setup-texts.ts'
import { symbols } from './blocks.ts'
import { HowToSet } from './how-to-set.tsx'
import { Layout } from './layout.tsx'
import type { Hosting } from '../../support/hosting.ts'
import type { SetupFacts } from '../views.ts'
import type { SetupFault } from '../../texts/setup-texts.ts'

/** What to set, and the lines that set it: every value on this page is made up (R9, R10). */
export function SetupPage({
  setup,
  hosting,
  app,
  language,
}: {
  readonly setup: SetupFacts
  readonly hosting: Hosting
  /** Its name there, if it is known. */
  readonly app: string | undefined
  readonly language: Language
}) {
  const { faults, warnings, version } = setup
  const texts = setupTexts[language]
  const elsewhere = (['fly', 'heroku', 'other'] as const).filter((other) => other !== hosting)
  return (
    <Layout title={`${symbols.bad} ${texts.title}`} name="setup" version={version} language={language}>
      <main class="setup">
        <h1 class="headline bad">
          <span aria-hidden="true">{symbols.bad}</span>
          <span>{texts.headline(faults.length)}</span>
        </h1>
        <section class="card how">
          <div class="body">
            <HowToSet place={hosting} app={app} settings={faults} texts={texts} />
            <p>{texts.replace}</p>
          </div>
        </section>
        {faults.map((fault) => (
          <FaultCard fault={fault} texts={texts} />
        ))}
        <Swapped texts={texts} />
        <p>{texts.intro}</p>
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
        {elsewhere.map((place) => (
          <details>
            <summary>
              <b>{texts.places[place]}</b>
            </summary>
            <HowToSet place={place} app={undefined} settings={faults} texts={texts} />
          </details>
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

/** The question that everybody asks who has copied four values. */
export function Swapped({ texts }: { readonly texts: SetupTexts }) {
  return (
    <details>
      <summary>{texts.swapped.question}</summary>
      <p>{texts.swapped.answer}</p>
    </details>
  )
}
