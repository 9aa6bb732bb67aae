import type { Language } from '../texts/languages.ts'
import { firstStep, statusPicture, symbols, type Block } from './blocks.ts'
import { Layout } from './layout.tsx'
import type { HttpViews } from './views.ts'
import { duration, label } from './words.ts'

/** The status page for the hall: one headline, then the broker, owlcms and each platform. */
export function StatusPage({ views, language }: { readonly views: HttpViews; readonly language: Language }) {
  const { headline, blocks } = statusPicture(views)
  const next = firstStep(views)
  const title = `${symbols[headline.level]} ${headline.text}`
  return (
    <Layout
      title={title}
      name={views.name}
      version={views.version}
      language={language}
      links={<a href="/console">Sign in</a>}
    >
      <main>
        <h1 class={`headline ${headline.level}`}>
          <span aria-hidden="true">{symbols[headline.level]}</span>
          <span>{headline.text}</span>
        </h1>
        {next !== undefined && <p class="sentence next">→ {next}</p>}
        <div class="cards">
          {blocks.map((block) => (
            <Card block={block} />
          ))}
        </div>
        <Counters views={views} />
      </main>
    </Layout>
  )
}

function Card({ block }: { readonly block: Block }) {
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
            <a href={`/view/${encodeURIComponent(block.platform)}`}>Stage display of {block.title}</a>
          </p>
        )}
      </div>
    </section>
  )
}

function Counters({ views }: { readonly views: HttpViews }) {
  const counters = Object.entries(views.counters())
  return (
    <footer>
      <p>Running for {duration(views.now() - views.startedAt)}.</p>
      {counters.length > 0 && (
        <table>
          {counters.map(([name, value]) => (
            <tr>
              <th scope="row">{label(name)}</th>
              <td>{value}</td>
            </tr>
          ))}
        </table>
      )}
    </footer>
  )
}
