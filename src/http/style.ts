/** Text and background pairs of the page; a test holds each to a contrast of 4.5:1 or more (WCAG 1.4.3). */
export const palette = {
  page: { text: '#f4f6f8', background: '#0c1117' },
  card: { text: '#f4f6f8', background: '#171e27' },
  quiet: { text: '#b4bfcb', background: '#171e27' },
  link: { text: '#8fc7ff', background: '#0c1117' },
  good: { text: '#04210f', background: '#43d67c' },
  warn: { text: '#261800', background: '#ffbd2e' },
  bad: { text: '#ffffff', background: '#c0152a' },
} as const

const filled = (name: 'good' | 'warn' | 'bad') =>
  `.${name} > .bar, .headline.${name} { color: ${palette[name].text}; background: ${palette[name].background}; }
.card.${name} { border-color: ${palette[name].background}; }`

/** The style sheet of both pages: dark for a hall, big enough for 3 m, from 320 px up, no fonts from outside. */
export const styleSheet = `
*, *::before, *::after { box-sizing: border-box; }
html { color-scheme: dark; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; }
body { margin: 0; color: ${palette.page.text}; background: ${palette.page.background};
  font: 1.125rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 96rem; margin: 0 auto; padding: 0.75rem 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; color: ${palette.quiet.text}; }
header p { margin: 0; }
h1, h2, h3, p { margin: 0 0 0.5rem; }
.headline { font-size: clamp(1.75rem, 6vw, 4rem); line-height: 1.15; font-weight: 800; margin: 0 0 1rem;
  padding: 0.5em; border-radius: 0.75rem; display: flex; gap: 0.4em; align-items: center; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.card { color: ${palette.card.text}; background: ${palette.card.background}; border: 3px solid transparent;
  border-radius: 0.75rem; overflow: hidden; }
.card > .bar { padding: 0.5rem 1rem 0.6rem; }
.card h2 { font-size: 1.25rem; font-weight: 600; margin: 0; }
.word { font-size: clamp(2rem, 4vw, 3.25rem); line-height: 1.1; font-weight: 800; margin: 0; }
.body { padding: 0.75rem 1rem; }
.sentence { font-size: 1.375rem; line-height: 1.3; }
.next { font-weight: 700; }
.facts, .raw, footer { color: ${palette.quiet.text}; font-size: 0.95rem; }
.raw { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.85rem; }
.alarm { color: ${palette.bad.text}; background: ${palette.bad.background}; font-weight: 700; font-size: 1.25rem;
  padding: 0.4rem 0.75rem; border-radius: 0.5rem; }
${filled('good')}
${filled('warn')}
${filled('bad')}
.stale { position: sticky; top: 0; z-index: 1; margin: 0; padding: 0.75rem 1rem; font-size: 1.5rem; font-weight: 700;
  color: ${palette.bad.text}; background: ${palette.bad.background}; }
.stale[hidden] { display: none; }
.outdated main { filter: grayscale(1); opacity: 0.55; }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: 400; padding: 0.1rem 1.25rem 0.1rem 0; }
td { font-variant-numeric: tabular-nums; text-align: right; }
summary { cursor: pointer; padding: 0.6rem 0; }
pre { color: ${palette.page.text}; background: ${palette.page.background}; padding: 0.75rem 1rem; border-radius: 0.5rem;
  white-space: pre-wrap; font: 0.95rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
.setup .card { margin-bottom: 1rem; }
a { color: ${palette.link.text}; }
:focus-visible { outline: 3px solid ${palette.link.text}; outline-offset: 2px; }
`
