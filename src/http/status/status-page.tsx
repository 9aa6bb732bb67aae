import type { Language } from '../../texts/languages.ts'
import { statusTexts, type StatusTexts } from '../../texts/status-texts.ts'
import { firstStep, statusPicture, symbols, type Block } from './blocks.ts'
import { Layout } from './layout.tsx'
import type { HttpViews } from '../views.ts'
import { duration } from './words.ts'

/** The status page for the hall: one headline, then the broker, owlcms and each platform. */
export function StatusPage({ views, language }: { readonly views: HttpViews; readonly language: Language }) {
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
