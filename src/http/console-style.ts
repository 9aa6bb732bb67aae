import { palette } from './style.ts'

/** Pairs of text and background that only the console uses; held to a contrast of 4.5:1 like the others. */
export const consolePalette = {
  button: { text: '#f4f6f8', background: '#2a3644' },
  main: { text: '#06182b', background: '#8fc7ff' },
  danger: { text: '#ffffff', background: '#c0152a' },
  goodWord: { text: '#43d67c', background: '#171e27' },
  warnWord: { text: '#ffbd2e', background: '#171e27' },
  badWord: { text: '#ff8a94', background: '#171e27' },
  paper: { text: '#111111', background: '#ffffff' },
} as const

const { page, card, quiet, link } = palette
const { button, main, danger, goodWord, warnWord, badWord, paper } = consolePalette
const line = '#4a5868'
const mono = 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace'

const pair = ({ text, background }: { readonly text: string; readonly background: string }) =>
  `color: ${text}; background: ${background};`

const base = `
*, *::before, *::after { box-sizing: border-box; }
html { color-scheme: dark; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; }
body { margin: 0; ${pair(page)} overflow-wrap: break-word;
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1, h2, h3, h4, p { margin: 0 0 0.5rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h2 { font-size: 1.375rem; line-height: 1.25; }
h3 { font-size: 1.05rem; }
h4 { font-size: 1rem; margin: 0; }
a { color: ${link.text}; }
.top, main, nav { max-width: 110rem; margin: 0 auto; padding: 0.5rem 1rem; }
main { padding-bottom: 3rem; outline: none; }
.top { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; justify-content: space-between; align-items: center; }
.top p { margin: 0; }
.tools, .buttons, .links { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 0.5rem; top: -10rem; padding: 0.5rem 1rem; ${pair(main)} z-index: 2; }
.skip:focus { top: 0.5rem; }
:focus-visible { outline: 3px solid ${link.text}; outline-offset: 2px; }
.plain { list-style: none; margin: 0; padding: 0; }
.quiet, caption, dt { color: ${quiet.text}; }
.sentence { font-size: 1.2rem; }
.raw { font: 0.85rem/1.4 ${mono}; }
summary { cursor: pointer; padding: 0.35rem 0; color: ${link.text}; }
`

const controls = `
button, input, select { font: inherit; min-height: 2.75rem; border-radius: 0.5rem; border: 2px solid ${line};
  padding: 0.3rem 0.9rem; ${pair(button)} max-width: 100%; }
button { cursor: pointer; font-weight: 600; }
button.main, .main { ${pair(main)} border-color: ${main.background}; }
button.danger { ${pair(danger)} border-color: ${danger.background}; }
button.small { min-height: 2rem; padding: 0 0.6rem; font-weight: 400; font-size: 0.95rem; }
button:disabled { ${pair(card)} color: ${quiet.text}; border-style: dashed; cursor: not-allowed; }
input[type=checkbox] { min-height: 0; width: 1.4rem; height: 1.4rem; flex: none; accent-color: ${main.background}; }
.tick { display: flex; gap: 0.6rem; align-items: center; min-height: 2.75rem; min-width: 0; }
fieldset { border: 2px solid ${line}; border-radius: 0.5rem; margin: 0 0 1rem; min-width: 0; }
legend { font-weight: 700; padding: 0 0.4rem; }
.sign-in { max-width: 32rem; margin: 1rem auto; display: grid; gap: 0.5rem; }
.sign-in p { margin: 0; }
#days { width: 6rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: 0.5rem 0.9rem; border-radius: 0.5rem; text-decoration: none; ${pair(button)} }
nav a[aria-current] { ${pair(main)} font-weight: 700; text-decoration: underline; }
dialog { ${pair(card)} border: 3px solid ${link.text}; border-radius: 0.75rem; max-width: min(34rem, calc(100vw - 2rem)); padding: 1.25rem; }
dialog::backdrop { background: rgb(0 0 0 / 70%); }
.decision { border: 3px solid ${badWord.text}; border-radius: 0.75rem; padding: 0.75rem; margin: 0 0 0.75rem;
  display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: stretch; }
.decision p { flex: 1 0 100%; margin: 0; font-size: 1.2rem; }
.decision button { flex: 1 1 14rem; text-align: left; }
.reason { display: block; font-weight: 400; font-size: 0.9rem; color: ${quiet.text}; }
`

const words = `
.headline { display: flex; gap: 0.5em; align-items: center; padding: 0.4em 0.6em; border-radius: 0.75rem; font-size: clamp(1.5rem, 4vw, 2.5rem); font-weight: 800; }
.note { padding: 0.5rem 0.75rem; border-radius: 0.5rem; margin: 0 0 0.5rem; ${pair(button)} }
.headline.good, .note.good { ${pair(palette.good)} }
.headline.warn, .note.warn { ${pair(palette.warn)} }
.headline.bad, .note.bad, .stale { ${pair(palette.bad)} }
.note a { color: inherit; }
.stale { margin: 0; padding: 0.75rem 1rem; font-size: 1.25rem; font-weight: 700; position: sticky; top: 0; z-index: 1; }
.mark { font-weight: 800; }
.card .mark.good, .block .mark.good { color: ${goodWord.text}; }
.card .mark.warn, .block .mark.warn { color: ${warnWord.text}; }
.card .mark.bad, .block .mark.bad { color: ${badWord.text}; }
.card { ${pair(card)} border-radius: 0.75rem; padding: 1rem; margin: 0 0 1rem; }
.folded { padding: 0.25rem 1rem; }
.blocks { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); margin: 0 0 1rem; }
.block { ${pair(card)} border-left: 0.4rem solid ${line}; border-radius: 0.5rem; padding: 0.6rem 0.9rem; }
.block p:last-child { margin: 0; }
.block h2 { font-size: 1.1rem; }
.block.good { border-color: ${goodWord.text}; }
.block.warn { border-color: ${warnWord.text}; }
.block.bad { border-color: ${badWord.text}; }
.next { font-weight: 700; }
.findings { display: grid; gap: 0.5rem; }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: 400; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; font-variant-numeric: tabular-nums; }
caption { text-align: left; }
.lined th, .lined td { border-bottom: 1px solid ${line}; padding: 0.35rem 0.75rem 0.35rem 0; }
.lined thead th { font-weight: 700; }
.lined tbody th { white-space: nowrap; }
.scroll { overflow-x: auto; max-width: 100%; }
.tail td { font: 0.9rem/1.4 ${mono}; }
.tail td:first-child { white-space: nowrap; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
dd { margin: 0; }
`

const hall = `
.platforms { display: grid; gap: 1rem; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.platform > h2 { font-size: 1.6rem; }
.live { margin: 0 0 1rem; }
.outdated { opacity: 0.7; border: 2px dashed ${warnWord.text}; padding: 0.5rem; border-radius: 0.5rem; }
.phase { font-size: 1.15rem; }
.clock b { font-size: 3rem; line-height: 1; font-variant-numeric: tabular-nums; }
.athlete { font-size: 1.1rem; font-weight: 600; }
.athlete .quiet { font-weight: 400; }
.votes { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin: 0 0 0.5rem; }
.votes > .quiet { min-width: 5rem; }
.votes ol { display: flex; gap: 0.4rem; list-style: none; margin: 0; padding: 0; }
.light { width: 2.75rem; height: 2.75rem; border-radius: 50%; border: 3px solid ${line}; position: relative; display: grid; place-items: center; font-weight: 800; ${pair(page)} }
.light.good { color: #111; background: #fff; border-color: #fff; }
.light.bad { ${pair(palette.bad)} border-color: #ff8a94; border-radius: 0.4rem; }
.light.hidden-vote { ${pair(palette.good)} border-color: ${palette.good.background}; border-style: double; }
.light .number { font-size: 0.75rem; font-weight: 400; line-height: 1; }
.light .sign { font-size: 1.2rem; line-height: 1; }
.call { font-weight: 700; margin: 0 0 0.25rem; }
.call.warn { color: ${warnWord.text}; }
.seats > li { border-top: 1px solid ${line}; padding: 0.5rem 0; }
.seat { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.75rem; }
.seat > * { flex: 0 0 100%; min-width: 0; }
.seat > h4 { flex: 1 0 auto; max-width: 100%; }
.seat > .sparkline { flex: 0 1 9rem; min-width: 3rem; }
.seat p { margin: 0; }
.seat summary { padding: 0.2rem 0; font-size: 0.95rem; }
.troubles { margin: 0.25rem 0; }
.sparkline { display: block; width: 100%; height: 1.75rem; }
.sparkline polyline { fill: none; stroke: ${link.text}; stroke-width: 2; }
.light-check { border-top: 1px solid ${line}; padding: 0.75rem 0 0.25rem; }
.light-check .now { font-weight: 700; }
.light-check ul { margin: 0 0 0.5rem; }
`

const papers = `
.paper { ${pair(paper)} border-radius: 0.5rem; padding: 1.25rem; }
.paper a { color: #0b4a8f; }
.paper .quiet { color: #444; }
.paper .mark { color: inherit; }
.result { max-width: 60rem; }
.signature { margin-top: 2rem; border-bottom: 1px solid #111; max-width: 24rem; }
.pages { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); }
.seat-page { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; align-items: flex-start; height: 100%; }
.seat-page .about { flex: 1 1 14rem; min-width: 0; }
.seat-page h2 { font-size: 2.5rem; line-height: 1.1; font-weight: 800; overflow-wrap: normal; hyphens: auto; }
.seat-page .where { font-size: 1.4rem; font-weight: 600; }
.seat-page .expiry { font-weight: 600; }
.qr { flex: 0 0 auto; width: min(100%, 15rem); aspect-ratio: 1; }
.qr svg { display: block; width: 100%; height: 100%; background: #fff; }
@media (prefers-reduced-motion: no-preference) { .skip { transition: top 0.1s; } }
@media print {
  @page { size: A4; margin: 12mm; }
  html { color-scheme: light; }
  body { ${pair(paper)} }
  .top, nav, .skip, .news, .stale, .no-print, dialog { display: none !important; }
  main { padding: 0; max-width: none; }
  .paper { border-radius: 0; padding: 0; }
  .scroll { overflow: visible; }
  .pages { display: block; }
  .pages > li { height: 132mm; break-inside: avoid; overflow: hidden; border-bottom: 1px dashed #666; padding: 6mm 0; }
  .pages > li:nth-child(2n) { break-after: page; border-bottom: 0; }
  .pages > li:last-child { break-after: auto; }
  .seat-page { flex-wrap: nowrap; gap: 8mm; }
  .seat-page h2 { font-size: 34pt; }
  .seat-page .where { font-size: 20pt; max-height: 3.6em; overflow: hidden; }
  .seat-page .how, .seat-page .expiry { font-size: 12pt; }
  .qr { width: 80mm; }
}
`

/** The style sheet of the console: dark for a hall, from 320 px up, black on white where it is printed. */
export const consoleStyle = base + controls + words + hall + papers
