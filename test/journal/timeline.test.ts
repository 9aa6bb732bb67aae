import { expect, it } from 'vitest'
import { journalText } from '../../src/http/journal/text.ts'
import { timesIn } from '../../src/http/journal/times.ts'
import { journalLifts } from '../../src/protocol/journal/lifts.ts'
import { journalTexts } from '../../src/texts/journal-texts.ts'
import type { Language } from '../../src/texts/languages.ts'
import { jane, zoe } from '../simulator/transcript.ts'
import { PressedHall, presses } from './recorded-hall.ts'

/** What a reader of the page gets as text; without the milliseconds of the day. */
function textOf(hall: PressedHall, language: Language = 'en'): string {
  const sections = journalLifts(hall.journal.records('A') ?? [])
  return journalText({ platform: 'A', sections, times: timesIn('UTC')! }, journalTexts[language])
}

/** Titles and results, and how many lines each section has. */
function sectionsOf(hall: PressedHall): unknown {
  return journalLifts(hall.journal.records('A') ?? []).map(({ kind, attempt, result, reviews: [review] }) =>
    kind === 'between' ? 'between' : [attempt?.athleteName, result, review?.kind, review?.decision],
  )
}

it('tells a challenged no-lift (T2, T4) with its challenge, votes and decision, word for word', () => {
  const hall = new PressedHall([jane, zoe, jane])
  hall.play(presses.t2).play(presses.t4)
  expect(`\n${textOf(hall)}`).toMatchInlineSnapshot(`
    "
    Journal of platform A (times in UTC)

    2023-11-14 22:13:20  Between lifts
      22:13:20.000      0.0 s  bridge         heard of this platform for the first time since it was started
      22:13:20.000      0.0 s  owlcms         starts
      22:13:20.000      0.0 s  bridge         owlcms started or came back, and is deaf for about 1.5 s
      22:13:21.000     +1.0 s  owlcms         listens again
      22:13:22.000     +2.0 s  owlcms         is version 69.0.0, with a jury of 3
      22:14:20.000    +1:00.0  owlcms         lights are reset
      22:14:20.000    +1:00.0  owlcms         the lifting order is up to date
      22:14:20.000    +1:00.0  owlcms         lifting resumes
      22:14:20.000    +1:00.0  owlcms         the lifting order is up to date

    2023-11-14 22:14:30  DOE, Jane · snatch, attempt 1 · session W1
    Referees: no lift (white 1, red 2).
    The lift was challenged.
    Jury: good lift 2, no lift 1.
    Decision of the jury: good lift.
    Whether it was applied is told by owlcms’s own result: the announcer may have had to confirm it.
      22:14:30.000      0.0 s  timekeeper     starts the clock – ✓ taken by owlcms after 20 ms
      22:14:30.020      0.0 s  owlcms         lights are reset
      22:14:30.020      0.0 s  owlcms         clock runs from 60.0 s
      22:14:50.000    +20.0 s  referee 1      red, no lift – ✓ taken by owlcms after 20 ms
      22:14:50.020    +20.0 s  owlcms         referee 1: red, no lift
      22:14:50.500    +20.5 s  referee 2      white, good lift – ✓ taken by owlcms after 20 ms
      22:14:50.520    +20.5 s  owlcms         referee 2: white, good lift
      22:14:51.300    +21.3 s  referee 3      red, no lift – ✓ taken by owlcms after 20 ms
      22:14:51.320    +21.3 s  owlcms         clock stands at 38.7 s
      22:14:51.320    +21.3 s  owlcms         down signal
      22:14:51.320    +21.3 s  owlcms         referee 3: red, no lift
      22:14:54.320    +24.3 s  owlcms         the lights show: no lift (white 1, red 2)
      22:14:57.820    +27.8 s  owlcms         the lifting order is up to date
      22:15:01.300    +31.3 s  jury           asks for a challenge – ✓ taken by owlcms after 20 ms
      22:15:01.320    +31.3 s  owlcms         clock stands at 60.0 s
      22:15:01.320    +31.3 s  owlcms         break: challenge
      22:15:05.300    +35.3 s  jury           calls all referees – ✓ taken by owlcms after 20 ms
      22:15:05.320    +35.3 s  owlcms         referee 1 is called to the jury
      22:15:05.320    +35.3 s  owlcms         referee 2 is called to the jury
      22:15:05.320    +35.3 s  owlcms         referee 3 is called to the jury
      22:15:31.300    +1:01.3  jury member 2  good lift – ✓ taken by owlcms after 20 ms
      22:15:31.320    +1:01.3  owlcms         jury member 2 has voted; not told yet
      22:15:32.300    +1:02.3  jury member 1  good lift – ✓ taken by owlcms after 20 ms
      22:15:32.320    +1:02.3  owlcms         jury member 1 has voted; not told yet
      22:15:34.300    +1:04.3  jury member 3  no lift – ✓ taken by owlcms after 20 ms
      22:15:34.320    +1:04.3  owlcms         jury member 3 has voted; not told yet
      22:15:34.520    +1:04.5  owlcms         jury member 1 voted: good lift
      22:15:34.520    +1:04.5  owlcms         jury member 2 voted: good lift
      22:15:34.520    +1:04.5  owlcms         jury member 3 voted: no lift
      22:15:41.300    +1:11.3  jury           decides: good lift – at the broker after 40 ms; owlcms never answers such a signal
      22:15:54.800    +1:24.8  owlcms         lifting resumes
      22:15:54.800    +1:24.8  owlcms         the lifting order is up to date
    "
  `)
})

it('splits T1 to T4 into lifts, each with its own result; the challenge stays with the lift it is about', () => {
  const hall = new PressedHall([jane, jane, zoe, jane, zoe])
  hall.play(presses.t1).play(presses.t3).play(presses.t2).play(presses.t4).play(presses.t1)
  expect(sectionsOf(hall)).toEqual([
    'between',
    ['DOE, Jane', 'good', undefined, undefined],
    ['DOE, Jane', 'good', undefined, undefined],
    ['MÜLLER, Zoë', 'bad', 'challenge', 'good'],
    ['DOE, Jane', 'good', undefined, undefined],
  ])
})

it('shows a challenge with the lift judged last, also when the next clock runs already', () => {
  const hall = new PressedHall([jane, zoe, jane])
  hall.play(presses.t2).play(`
    0 clock/A start
    3000 jurybox/break/A challenge
    9000 jurybox/break/A stop`)
  const [, challenged, next] = journalLifts(hall.journal.records('A') ?? [])
  expect(challenged?.reviews).toEqual([
    { kind: 'challenge', at: expect.any(Number) as number, votes: {}, ended: true },
  ])
  expect(next?.reviews).toEqual([])
  expect(textOf(hall).split('\n').slice(-9)).toMatchInlineSnapshot(`
    [
      "",
      "2023-11-14 22:15:01  MÜLLER, Zoë · snatch, attempt 1 · session W1",
      "  22:15:01.300      0.0 s  timekeeper     starts the clock – ✓ taken by owlcms after 20 ms",
      "  22:15:01.320      0.0 s  owlcms         lights are reset",
      "  22:15:01.320      0.0 s  owlcms         clock runs from 60.0 s",
      "  22:15:04.320     +3.0 s  owlcms         clock stands at 57.0 s",
      "  22:15:04.320     +3.0 s  jury           reviews the lift before; shown with that lift",
      "  22:15:10.320     +9.0 s  owlcms         the lifting order is up to date",
      "",
    ]
  `)
})

it('tells each review of a lift: a second one takes nothing from the first', () => {
  const hall = new PressedHall([jane, zoe, jane])
  hall.play(presses.t2).play(presses.t4).play(`
    0 jurybox/break/A deliberation
    9000 jurybox/break/A stop`)
  const lines = textOf(hall).split('\n')
  const from = lines.findIndex((line) => line.startsWith('Referees: no lift'))
  expect(lines.slice(from, from + 7)).toEqual([
    'Referees: no lift (white 1, red 2).',
    'The lift was challenged.',
    'Jury: good lift 2, no lift 1.',
    'Decision of the jury: good lift.',
    'Whether it was applied is told by owlcms’s own result: the announcer may have had to confirm it.',
    'The jury deliberated.',
    'No decision of the jury passed by here.',
  ])
})

it('says of each press what became of it, and why', () => {
  const hall = new PressedHall([jane, zoe])
  hall.play(presses.t1.replace('16900', '16500 refbox/decision/A 2 okay\n16900')).play('0 clock/A toggle')
  hall.restart()
  // Late for the lights of the lift before: shown, and then nobody listens.
  hall.play(`
    2000 refbox/decision/A 1 good
    2200 refbox/decision/A 2 good
    2400 refbox/decision/A 3 good
    6000 refbox/decision/A 3 bad`)
  hall.upstream.ready = false
  hall.play('0 clock/A start')
  hall.upstream.ready = true
  hall.broker.down()
  hall.play('0 jurybox/break/A deliberation')
  const fates = textOf(hall)
    .split('\n')
    .map((line) => / {2}(\S[^–]*) – (?:✗ )?(.*)$/.exec(line)?.slice(1).join(' | '))
    .filter((fate) => fate !== undefined && !fate.includes('taken by owlcms'))
  expect(fates).toMatchInlineSnapshot(`
    [
      "22:14:46.500    +16.5 s  referee 2      a decision | refused: it is neither good nor bad – not passed on",
      "22:15:12.900    +16.0 s  referee 3      a decision | too late: the decision was already shown – not passed on",
      "22:15:22.900    +26.0 s  timekeeper     starts the clock | no link to the broker – not passed on",
      "22:15:32.900    +36.0 s  jury           asks to deliberate | not taken: the broker has it, but owlcms did not answer within 1.5 s",
    ]
  `)
})

it('leaves names out of text and records alike', () => {
  const hall = new PressedHall([jane, zoe, jane], { names: 'hide' })
  hall.play(presses.t1).play(presses.t1).play(presses.t1)
  const everything = textOf(hall) + JSON.stringify(hall.journal.records('A'))
  expect(everything).not.toMatch(/DOE|Jane|LLER|Zo/)
  expect(sectionsOf(hall)).toEqual([
    'between',
    ['athlete 1', 'good', undefined, undefined],
    ['athlete 2', 'good', undefined, undefined],
    ['athlete 1', 'good', undefined, undefined],
  ])
})

it('tells the clocks of a release that announces them, and each stop as well', () => {
  const hall = new PressedHall([jane, zoe], { version: '70.0.0' })
  hall.play('1000 clock/A start\n2000 clock/A stop\n3000 jurybox/break/A technical')
  const text = textOf(hall)
  for (const words of [
    'the athlete’s clock is set to 60.0 s',
    'the athlete’s clock runs from 60.0 s',
    'the athlete’s clock stands at 59.0 s',
    'the clock of the break has no end',
  ]) {
    expect(text).toContain(words)
  }
})

it.each([
  ['UTC', '2026-11-22 23:33:22.083'],
  ['Asia/Kathmandu', '2026-11-23 05:18:22.083'],
  ['America/St_Johns', '2026-11-22 20:03:22.083'],
])('a moment in %s is %s', (zone, text) => {
  const times = timesIn(zone)
  const at = Date.UTC(2026, 10, 22, 23, 33, 22, 83)
  expect(`${times?.day(at)} ${times?.second(at)}`).toBe(text.slice(0, -4))
  expect(times?.millisecond(at)).toBe(text.slice(11))
})

it('the hour that summer time skips is skipped', () => {
  const times = timesIn('Europe/Berlin')
  const change = Date.UTC(2026, 2, 29, 1)
  expect([change - 1, change].map((at) => times?.millisecond(at))).toEqual(['01:59:59.999', '03:00:00.000'])
})

it('tells a lift in the reader’s language', () => {
  const hall = new PressedHall([jane, zoe, jane]).play(presses.t2)
  expect(`\n${textOf(hall, 'de')}`).toMatchInlineSnapshot(`
    "
    Journal der Plattform A (Zeiten in UTC)

    2023-11-14 22:13:20  Zwischen den Versuchen
      22:13:20.000      0,0 s  Brücke         hört von dieser Plattform zum ersten Mal, seit sie läuft
      22:13:20.000      0,0 s  owlcms         startet
      22:13:20.000      0,0 s  Brücke         owlcms startete oder kam wieder, und hört etwa 1,5 s lang nichts
      22:13:21.000     +1,0 s  owlcms         hört wieder zu
      22:13:22.000     +2,0 s  owlcms         ist Version 69.0.0, mit einer Jury aus 3
      22:14:20.000    +1:00.0  owlcms         Lampen gelöscht
      22:14:20.000    +1:00.0  owlcms         die Reihenfolge ist auf dem neuesten Stand
      22:14:20.000    +1:00.0  owlcms         es geht weiter
      22:14:20.000    +1:00.0  owlcms         die Reihenfolge ist auf dem neuesten Stand

    2023-11-14 22:14:30  DOE, Jane · Reißen, 1. Versuch · Gruppe W1
    Kampfrichter: ungültig (weiß 1, rot 2).
      22:14:30.000      0,0 s  Zeitnehmer      startet die Uhr – ✓ von owlcms angenommen nach 20 ms
      22:14:30.020      0,0 s  owlcms          Lampen gelöscht
      22:14:30.020      0,0 s  owlcms          Uhr läuft ab 60,0 s
      22:14:50.000    +20,0 s  Kampfrichter 1  rot, ungültig – ✓ von owlcms angenommen nach 20 ms
      22:14:50.020    +20,0 s  owlcms          Kampfrichter 1: rot, ungültig
      22:14:50.500    +20,5 s  Kampfrichter 2  weiß, gültig – ✓ von owlcms angenommen nach 20 ms
      22:14:50.520    +20,5 s  owlcms          Kampfrichter 2: weiß, gültig
      22:14:51.300    +21,3 s  Kampfrichter 3  rot, ungültig – ✓ von owlcms angenommen nach 20 ms
      22:14:51.320    +21,3 s  owlcms          Uhr steht bei 38,7 s
      22:14:51.320    +21,3 s  owlcms          Ab-Signal
      22:14:51.320    +21,3 s  owlcms          Kampfrichter 3: rot, ungültig
      22:14:54.320    +24,3 s  owlcms          die Lampen zeigen: ungültig (weiß 1, rot 2)
      22:14:57.820    +27,8 s  owlcms          die Reihenfolge ist auf dem neuesten Stand
    "
  `)
  expect(`\n${textOf(hall, 'fr')}`).toMatchInlineSnapshot(`
    "
    Journal du plateau A (heures de UTC)

    2023-11-14 22:13:20  Entre les essais
      22:13:20.000      0,0 s  passerelle     entend parler de ce plateau pour la première fois depuis son démarrage
      22:13:20.000      0,0 s  owlcms         démarre
      22:13:20.000      0,0 s  passerelle     owlcms a démarré ou est revenu, et n’entend rien pendant environ 1,5 s
      22:13:21.000     +1,0 s  owlcms         écoute de nouveau
      22:13:22.000     +2,0 s  owlcms         est en version 69.0.0, avec un jury de 3
      22:14:20.000    +1:00.0  owlcms         les lampes sont remises à zéro
      22:14:20.000    +1:00.0  owlcms         l’ordre de passage est à jour
      22:14:20.000    +1:00.0  owlcms         les essais reprennent
      22:14:20.000    +1:00.0  owlcms         l’ordre de passage est à jour

    2023-11-14 22:14:30  DOE, Jane · arraché, essai 1 · groupe W1
    Arbitres : essai refusé (blanc 1, rouge 2).
      22:14:30.000      0,0 s  chronométreur  lance le chronomètre – ✓ pris par owlcms après 20 ms
      22:14:30.020      0,0 s  owlcms         les lampes sont remises à zéro
      22:14:30.020      0,0 s  owlcms         le chronomètre part de 60,0 s
      22:14:50.000    +20,0 s  arbitre 1      rouge, essai refusé – ✓ pris par owlcms après 20 ms
      22:14:50.020    +20,0 s  owlcms         arbitre 1 : rouge, essai refusé
      22:14:50.500    +20,5 s  arbitre 2      blanc, essai réussi – ✓ pris par owlcms après 20 ms
      22:14:50.520    +20,5 s  owlcms         arbitre 2 : blanc, essai réussi
      22:14:51.300    +21,3 s  arbitre 3      rouge, essai refusé – ✓ pris par owlcms après 20 ms
      22:14:51.320    +21,3 s  owlcms         le chronomètre est arrêté à 38,7 s
      22:14:51.320    +21,3 s  owlcms         signal de descente
      22:14:51.320    +21,3 s  owlcms         arbitre 3 : rouge, essai refusé
      22:14:54.320    +24,3 s  owlcms         les lampes montrent : essai refusé (blanc 1, rouge 2)
      22:14:57.820    +27,8 s  owlcms         l’ordre de passage est à jour
    "
  `)
})
