import { palette } from './style.ts'

/** Laid over the style of all pages: a timeline that fits a phone, and paper. */
export const journalStyleSheet = `
.lift { color: ${palette.card.text}; background: ${palette.card.background}; border-radius: 0.75rem;
  padding: 0.75rem 1rem; margin: 0 0 1rem; }
.lift h2 { font-size: 1.375rem; line-height: 1.25; margin: 0; }
.lift .result { font-weight: 700; margin: 0.25rem 0 0.5rem; }
.lines { list-style: none; margin: 0; padding: 0; font-variant-numeric: tabular-nums; }
.lines li { display: grid; grid-template-columns: 8.5rem 5.5rem 10rem 1fr; gap: 0 0.75rem; padding: 0.15rem 0;
  border-top: 1px solid #3a4653; }
.lines .when, .lines .since { color: ${palette.quiet.text}; }
.lines .since { text-align: right; }
.lines .who { font-weight: 700; }
.sign { display: inline-block; min-width: 1.1em; padding: 0 0.15em; border-radius: 0.2em; text-align: center; font-weight: 800; }
.sign.good { color: ${palette.good.text}; background: ${palette.good.background}; }
.sign.bad { color: ${palette.bad.text}; background: ${palette.bad.background}; }
@media (max-width: 48rem) {
  .lines { font-size: 1rem; }
  .lines li { display: flex; flex-wrap: wrap; padding: 0.3rem 0; }
  .lines .what { flex-basis: 100%; }
}
@media print {
  html { color-scheme: light; }
  body, .lift { color: #000; background: #fff; }
  body { font-size: 10pt; }
  a { color: #000; }
  header, .facts, .lines .when, .lines .since { color: #333; }
  .lift { border: 1px solid #000; }
  .lines li { display: grid; break-inside: avoid; grid-template-columns: 7rem 5rem 9rem 1fr; }
  .lift h2, .lift .result { break-after: avoid; }
  .sign.good, .sign.bad { color: #000; background: #fff; border: 1px solid #000; }
  .noprint { display: none; }
}
`
