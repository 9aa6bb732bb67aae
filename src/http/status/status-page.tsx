import type { Language } from '../../texts/languages.ts'
import type { Hosting } from '../../support/hosting.ts'
import { setupTexts } from '../../texts/setup-texts.ts'
import { statusTexts, type StatusTexts } from '../../texts/status-texts.ts'
import { firstStep, statusPicture, symbols, type Block } from './blocks.ts'
import { HowToSet } from './how-to-set.tsx'
import { Layout } from './layout.tsx'
import { Swapped } from './setup-page.tsx'
import type { HttpViews, LinkView } from '../views.ts'
import type { LinkFault } from '../../protocol/link/link-fault.ts'
import { duration } from './words.ts'

/** The status page for the hall: one headline, then the broker, owlcms and each platform. */
export function StatusPage({
  views,
  hosting,
  app,
  language,
}: {
  readonly views: HttpViews
  readonly hosting: Hosting
  /** Its name there, if it is known. */
  readonly app: string | undefined
  readonly language: Language
}) {
  const texts = statusTexts[language]
  const { headline, blocks } = statusPicture(views, texts)
  const next = firstStep(views, texts)
  const title = `${symbols[headline.level]} ${headline.text}`
  return (
    <Layout
      title={title}
      name={views.name}
      version={views.version}
      language={language}
      links={<a href="/console">{texts.signIn}</a>}
    >
      <main>
        <h1 class={`headline ${headline.level}`}>
          <span aria-hidden="true">{symbols[headline.level]}</span>
          <span>{headline.text}</span>
        </h1>
        {next !== undefined && <p class="sentence next">→ {next}</p>}
        {asksForLogin(views.link()) && (
          <section class="card how">
            <div class="body">
              <HowToSet place={hosting} app={app} settings={login} texts={setupTexts[language]} />
              <Swapped texts={setupTexts[language]} />
            </div>
          </section>
        )}
        <div class="cards">
          {blocks.map((block) => (
            <Card block={block} texts={texts} />
          ))}
        </div>
        <footer>{texts.runningFor(duration(views.now() - views.startedAt, texts.days))}</footer>
      </main>
    </Layout>
  )
}

const login = [
  { setting: 'OWLCMS_MQTTUSERNAME', example: 'your-broker-user' },
  { setting: 'OWLCMS_MQTTPASSWORD', example: 'your-broker-password' },
]

/** Whether the broker refused user name or password, so that somebody has to set them again. */
function asksForLogin(link: LinkView): boolean {
  if (link.kind !== 'waiting' && link.kind !== 'connecting') return false
  const fault = link.kind === 'waiting' ? link.fault : link.lastFault
  return fault !== undefined && refusedLogins.has(fault.code)
}

const refusedLogins: ReadonlySet<LinkFault['code']> = new Set([
  'badCredentials',
  'passwordWanted',
  'notAuthorised',
  'noPermission',
])

function Card({ block, texts }: { readonly block: Block; readonly texts: StatusTexts }) {
  return (
    <section class={`card ${block.level}`}>
      <div class="bar">
        <h2>{block.title}</h2>
        <p class="word">
          <span aria-hidden="true">{symbols[block.level]}</span> {block.word}
        </p>
      </div>
      <div class="body">
        {block.alarm !== undefined && <p class="alarm">{block.alarm}</p>}
        <p class="sentence">{block.sentence}</p>
        {block.why !== undefined && <p>{block.why}</p>}
        {block.nextStep !== undefined && <p class="next">→ {block.nextStep}</p>}
        {block.facts.length > 0 && <p class="facts">{block.facts.join(' · ')}</p>}
        {block.raw !== undefined && <p class="raw">{block.raw}</p>}
        {block.platform !== undefined && (
          <p>
            <a href={`/view/${encodeURIComponent(block.platform)}`}>{texts.stageDisplay(block.title)}</a>
          </p>
        )}
      </div>
    </section>
  )
}
