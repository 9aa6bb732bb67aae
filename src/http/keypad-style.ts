/** Text and background pairs of keypads and displays; a test holds each to a contrast of 4.5:1 or more (WCAG 1.4.3). */
export const keypadPalette = {
  page: { text: '#f4f6f8', background: '#0c1117' },
  panel: { text: '#f4f6f8', background: '#171e27' },
  quiet: { text: '#b4bfcb', background: '#0c1117' },
  white: { text: '#0c1117', background: '#ffffff' },
  red: { text: '#ffffff', background: '#c0152a' },
  key: { text: '#f4f6f8', background: '#2b3644' },
  keyOn: { text: '#261800', background: '#ffbd2e' },
  go: { text: '#04210f', background: '#43d67c' },
  alarm: { text: '#ffffff', background: '#b00020' },
  summon: { text: '#261800', background: '#ffbd2e' },
  reminder: { text: '#ffffff', background: '#0a4fd0' },
  drill: { text: '#ffffff', background: '#5b2a9d' },
  cast: { text: '#04210f', background: '#43d67c' },
  off: { text: '#b4bfcb', background: '#171e27' },
} as const

type Pair = keyof typeof keypadPalette
const colours = (pair: Pair): string =>
  `color: ${keypadPalette[pair].text}; background: ${keypadPalette[pair].background};`

const base = `
*, *::before, *::after { box-sizing: border-box; }
html, body, #app { height: 100%; }
html { color-scheme: dark; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; overscroll-behavior: none; }
body { margin: 0; ${colours('page')} font: 1rem/1.25 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow: hidden; overscroll-behavior: none; touch-action: none; user-select: none; -webkit-user-select: none;
  -webkit-touch-callout: none; -webkit-tap-highlight-color: transparent; }
h1, h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
button, select { font: inherit; touch-action: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 4px solid #8fc7ff; outline-offset: -4px; }
.message { min-height: 100%; padding: 1.5rem; display: flex; flex-direction: column; justify-content: center; gap: 1rem;
  max-width: 40rem; margin: 0 auto; font-size: 1.25rem; }
.message h1 { font-size: clamp(1.75rem, 8vw, 3rem); line-height: 1.1; }
.no-script { padding: 1.5rem; font-size: 1.25rem; }
.command { display: block; border: 3px solid transparent; border-radius: 0.6rem; padding: 0.5rem; font-weight: 700;
  text-align: center; text-decoration: none; min-height: 2.75rem; min-width: 0; overflow-wrap: anywhere; ${colours('key')} }
.command.go { ${colours('go')} }
.command.halt { ${colours('red')} }
.command[data-state="on"] { ${colours('keyOn')} }
.command[data-state="sending"] { border-color: #8fc7ff; }
.command:disabled { ${colours('off')} border-color: transparent; }
`

const keypad = `
.app { height: 100%; display: flex; flex-direction: column; border: 0.4rem solid transparent; padding: env(safe-area-inset-top) env(safe-area-inset-right)
  env(safe-area-inset-bottom) env(safe-area-inset-left); }
.app header { display: flex; align-items: baseline; gap: 0.6rem; padding: 0.4rem 0.6rem; }
.app header h1 { font-size: 1.25rem; line-height: 1.1; min-width: min-content; }
.where { color: ${keypadPalette.quiet.text}; flex: 1 1 0; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.language { ${colours('key')} border: 0; border-radius: 0.4rem; padding: 0.3rem; width: 6.2rem; font-size: 0.85rem; flex: none; align-self: center; }
.app[data-alert]:not([data-alert="none"]) :is(.where, .phase, h2) { color: #ffffff; }
.app main { flex: 1; min-height: 0; display: flex; padding: 0 0.4rem; overflow: auto; overscroll-behavior: contain; }
.app main > * { flex: 1; min-width: 0; }
.app footer { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; padding: 0.4rem 0.6rem; min-height: 3.4rem; }
.fate { flex: 1 1 0; font-weight: 700; padding: 0.4rem 0.6rem; border-radius: 0.4rem; }
.fate.good { ${colours('go')} }
.fate.bad { ${colours('alarm')} flex: 1 0 100%; font-size: 1.125rem; }
.fate.bad + .phase { flex: 1; display: flex; justify-content: flex-end; gap: 0.6rem; }
.phase { text-align: right; color: ${keypadPalette.quiet.text}; }
.clock { font-variant-numeric: tabular-nums; font-weight: 800; }
.trouble { display: none; font-weight: 700; font-size: 1.125rem; padding: 0.5rem 0.6rem; }
.trouble.out { display: block; ${colours('alarm')} }
.trouble.doubt { display: block; ${colours('keyOn')} }
.banner { padding: 0.6rem; font-size: 1.25rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1rem; ${colours('keyOn')} }
.banner strong { font-size: 1.5rem; }
.banner .command { padding: 0.3rem 1rem; }
.banner.summon { ${colours('summon')} }
.banner.reminder { ${colours('reminder')} }
.drill { padding: 0.6rem; ${colours('drill')} border: 4px dashed #ffffff; }
.drill p { font-size: 1.5rem; font-weight: 800; }
.verdicts { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; height: 100%; min-height: 0; }
.verdict { position: relative; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 0.2rem;
  border: 0.5rem solid transparent; padding: 0.3rem; min-width: 0; min-height: 0; overflow: hidden; }
.verdict.good { ${colours('white')} border-radius: 2.5rem; }
.verdict.bad { ${colours('red')} border-radius: 0.3rem; }
.verdict .sign { width: min(30vw, 22vh, 9rem); flex: 0 1 auto; min-height: 0; }
.verdict b { font-size: clamp(1.25rem, 6vmin, 3rem); line-height: 1; text-transform: uppercase; }
.verdict .badge { min-height: 1.3rem; font-size: 1rem; font-weight: 800; }
.verdict[data-state="taken"] { border-color: #43d67c; }
.verdict[data-state="sending"] { border-color: #8fc7ff; border-style: dashed; }
.verdict:active { transform: scale(0.98); }
.verdict:disabled { ${colours('off')} }
.sign { fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.stack { display: flex; flex-direction: column; gap: 0.4rem; }
.vote { flex: 1; min-height: 0; display: flex; flex-direction: column; gap: 0.3rem; }
.vote .verdicts { flex: 1; }
.cast { ${colours('cast')} font-weight: 700; padding: 0.4rem 0.6rem; border-radius: 0.4rem; }
.panel { ${colours('panel')} border-radius: 0.6rem; padding: 0.4rem 0.6rem; }
.app h2 { font-size: 0.9rem; font-weight: 600; color: ${keypadPalette.quiet.text}; }
.lights { display: flex; gap: 0.5rem; }
.light { flex: 1; max-width: 4rem; aspect-ratio: 1; display: flex; align-items: center; justify-content: center; position: relative;
  border: 3px solid #6b7887; border-radius: 50%; }
.panel .light { max-width: 2.6rem; }
.light.good { ${colours('white')} border-color: #ffffff; }
.light.bad { ${colours('red')} border-color: #ff8a96; border-radius: 12%; }
.light.hidden { ${colours('go')} border-color: #43d67c; }
.light .sign { width: 70%; }
.grid { display: grid; gap: 0.4rem; grid-template-columns: 1fr 1fr; }
.grid.five { grid-template-columns: 1fr 1fr 1fr 1.3fr 2.6fr; }
.grid.five .command { padding: 0.1rem; font-size: 0.85rem; }
.president { display: flex; flex-direction: column; gap: 0.35rem; }
.president .panel { display: grid; grid-template-columns: 3fr 5fr; gap: 0.8rem; }
.president .panel .light { max-width: 2rem; }
.president > .vote, .jury-decision { flex: 1; min-height: 5.2rem; display: flex; flex-direction: column; }
.president .verdicts { flex: 1; }
.president .verdict { flex-direction: row; flex-wrap: wrap; column-gap: 0.6rem; border-width: 0.25rem; border-radius: 1.2rem; }
.president .verdict.bad { border-radius: 0.3rem; }
.president .verdict .sign { width: 1.8rem; }
.president .verdict span, .president .verdict .badge:empty { display: none; }
.jury-decision .verdict span { display: inline; font-weight: 700; }
.jury-decision .verdict b { display: none; }
.cast-mark { color: #43d67c; font-weight: 800; }
.timekeeper { display: flex; flex-direction: column; gap: 0.5rem; }
.timekeeper .clock { font-size: clamp(3.5rem, 22vmin, 11rem); line-height: 1; text-align: center; }
.timekeeper .big { flex: 1; min-height: 0; }
.timekeeper .big .command { font-size: clamp(1.5rem, 8vmin, 4rem); }
.app[data-role="timekeeper"] footer .clock { display: none; }
.idle { align-self: center; text-align: center; font-size: 1.5rem; padding: 1rem; }
.begin { position: fixed; inset: 0; ${colours('page')} display: flex; flex-direction: column; justify-content: center; gap: 1rem;
  padding: 1.5rem; text-align: center; }
.begin h1 { font-size: clamp(2.5rem, 14vmin, 6rem); line-height: 1.05; }
.begin .command { padding: 1.5rem; font-size: 1.5rem; }
.app[data-alert~="reminder"] { animation: flash-blue 1s steps(1) infinite; }
.app[data-alert~="summon"] { animation: flash-amber 1s steps(1) infinite; }
.app[data-alert]:not([data-alert="none"]) { border-color: #ffbd2e; }
@keyframes flash-blue { 0%, 50% { background: #0a4fd0; } 51%, 100% { background: #0c1117; } }
@keyframes flash-amber { 0%, 50% { background: #8a5a00; } 51%, 100% { background: #0c1117; } }
@media (prefers-reduced-motion: reduce) {
  .app[data-alert] { animation: none !important; }
  .app[data-alert~="reminder"] { background: #0a4fd0; }
  .app[data-alert~="summon"] { background: #8a5a00; }
  .verdict:active { transform: none; }
}
@media (orientation: landscape) and (max-height: 32rem) {
  .app header { padding: 0.2rem 0.6rem; }
  .fate.bad { flex: 1 1 0; }
  .fate.bad + .phase { flex: none; }
  .app footer { min-height: 2.4rem; flex-wrap: nowrap; padding: 0.2rem 0.6rem; }
  .phase { display: flex; gap: 0.6rem; }
  .stack { flex-direction: row; }
  .stack > .panel { width: 30%; }
  .president { display: grid; grid-template-columns: 1fr 1fr 1fr; grid-template-rows: auto minmax(0, 1fr); }
  .president > .vote, .jury-decision { min-height: 0; }
  .president .command { padding: 0.1rem; font-size: 0.8rem; }
  .president .verdict { flex-wrap: nowrap; column-gap: 0.3rem; }
  .president .verdict b { font-size: 1rem; }
  .grid.five { grid-template-columns: repeat(6, 1fr); gap: 0.3rem; }
  .grid.five > * { grid-column: span 2; }
  .grid.five > :nth-child(n + 4) { grid-column: span 3; }
  .grid.five .command { min-height: 2.2rem; }
  .jury-decision { grid-column: 1 / -1; }
  .votes .jury-decision { grid-column: 2 / -1; }
  .president .panel { gap: 0.3rem; grid-template-columns: 1fr; padding: 0.2rem 0.6rem; }
  .president .panel .light { max-width: 1.6rem; border-width: 2px; }
  .president .panel > div { display: flex; gap: 0.6rem; align-items: center; justify-content: space-between; }
  .president .panel .lights { flex: 0 1 9.5rem; }
  .timekeeper { display: grid; grid-template-columns: 1fr 1fr; grid-template-rows: auto 1fr; }
  .timekeeper .big { grid-column: span 2; }
  .timekeeper .clock { font-size: 4rem; }
}
@media (min-width: 60rem) and (min-height: 32.01rem) {
  .president { display: grid; grid-template-columns: 1fr 1fr; grid-template-rows: auto auto minmax(0, 1fr); font-size: 1.25rem; }
  .jury-decision { grid-column: 1 / -1; }
  .grid.five .command { font-size: 1.25rem; }
  .president .panel .light { max-width: 4rem; }
  .president > .vote, .jury-decision { min-height: 12rem; }
  .command { min-height: 4rem; }
}
`

const stage = `
html.view body, html.overlay body { touch-action: auto; overflow: auto; }
html.view body { background: #000000; }
html.overlay, html.overlay body { background: transparent; color-scheme: normal; }
.stage { min-height: 100%; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 2vmin; padding: 2vmin;
  text-align: center; }
.stage .athlete { font-size: clamp(1.5rem, 7vmin, 6rem); font-weight: 700; min-height: 1.25em; }
.stage .what.alone { font-size: clamp(2.5rem, 14vmin, 12rem); }
.stage .athlete small { color: ${keypadPalette.quiet.text}; font-weight: 400; }
.lamps { height: 34vmin; width: 100%; display: flex; justify-content: center; }
.lamps .lights { gap: 4vmin; justify-content: center; width: 100%; }
.lamps .light { max-width: min(28vmin, 28vw); width: 28vmin; height: fit-content; }
.lamps .light .sign { stroke-width: 2; }
.down { height: 100%; fill: #43d67c; }
.stage .what { font-size: clamp(1.75rem, 8vmin, 7rem); font-weight: 800; line-height: 1.1; }
.stage .what[data-shown="good"] { ${colours('white')} padding: 0 0.4em; border-radius: 0.4em; }
.stage .what[data-shown="bad"] { ${colours('red')} padding: 0 0.4em; border-radius: 0.1em; }
.stage .clock { font-size: clamp(4rem, 26vmin, 22rem); line-height: 1; }
.stale-picture { position: fixed; inset: 0 0 auto 0; padding: 1rem; font-size: clamp(1.25rem, 4vmin, 3rem); font-weight: 700; ${colours('alarm')} }
.overlay { flex-direction: row; min-height: 0; position: fixed; inset: auto 0 0 0; gap: 1.5vmin 3vmin; padding: 3vmin; justify-content: flex-start; flex-wrap: wrap; }
.overlay > * { flex: none; max-width: 100%; }
.overlay .athlete:empty, .overlay .what:empty { display: none; }
.overlay .athlete, .overlay .what, .overlay .clock { font-size: clamp(1.25rem, 4vmin, 4rem); line-height: 1.2; ${colours('page')}
  padding: 0.2em 0.5em; border-radius: 0.2em; min-height: 0; }
.overlay .lamps { width: auto; height: 10vmin; }
.overlay .lamps .light { width: 9vmin; max-width: none; }
.overlay .lamps .light.none { display: none; }
.overlay .what[data-shown="good"], .overlay .lamps .light.good, .overlay .lamps .light.bad { box-shadow: 0 0 0 0.4vmin #0c1117; }
`

/** The style sheet of keypads, stage display and overlay: from 320 px up, both orientations, no fonts from outside. */
export const keypadStyle = base + keypad + stage
