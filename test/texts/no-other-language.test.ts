import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { createApp, createSetupApp } from '../../src/http/app.tsx'
import { addJournal } from '../../src/http/journal/routes.tsx'
import type { LinkView } from '../../src/http/views.ts'
import type { LinkFault } from '../../src/protocol/link/link-fault.ts'
import { advice } from '../../src/protocol/link/advice.ts'
import type { LinkFaultCode } from '../../src/protocol/link/link-fault.ts'
import { apiTexts } from '../../src/texts/api-texts.ts'
import { checkTexts } from '../../src/texts/check-texts.ts'
import { demoTexts } from '../../src/texts/demo-texts.ts'
import { deskTexts } from '../../src/texts/desk-texts.ts'
import { journalTexts } from '../../src/texts/journal-texts.ts'
import { keypadTexts } from '../../src/texts/keypad-texts.ts'
import { languages, type Language } from '../../src/texts/languages.ts'
import { organiserTexts } from '../../src/texts/organiser-texts.ts'
import { say } from '../../src/texts/saying.ts'
import { setupTexts, type SettingFault, type SettingWarning } from '../../src/texts/setup-texts.ts'
import { shellTexts } from '../../src/texts/shells.ts'
import { statusTexts } from '../../src/texts/status-texts.ts'
import { files } from '../deploy/checkout.ts'
import { platform2, platformA, silent, viewsOf, webOptions, type Scene } from '../http/fixtures.ts'
import { PressedHall, presses, RecordedHall } from '../journal/recorded-hall.ts'
import { jane, zoe } from '../simulator/transcript.ts'

const catalogues = [
  apiTexts,
  checkTexts,
  demoTexts,
  deskTexts,
  journalTexts,
  keypadTexts,
  organiserTexts,
  setupTexts,
  shellTexts,
  statusTexts,
]
const foreign = (Object.keys(languages) as Language[]).filter((code) => code !== 'en')

/** The pieces of a text between the facts that it takes. */
function pieces(texts: unknown): readonly string[] {
  if (typeof texts === 'string') return texts.split(/\{fact\}/)
  if (typeof texts === 'function') {
    const facts = Array.from({ length: texts.length }, () => new Fact())
    return pieces((texts as (...facts: Fact[]) => unknown)(...facts))
  }
  return typeof texts === 'object' && texts !== null ? Object.values(texts).flatMap(pieces) : []
}

/** Whatever a text does with a fact, `{fact}` stands where it was. */
class Fact {
  toString(): string {
    return '{fact}'
  }
  toFixed(): string {
    return '{fact}'
  }
}

const plain = (text: string) => text.replaceAll(/[\s“”«»„"’'()]+/g, ' ').trim()
const piecesIn = (language: Language) =>
  catalogues.flatMap((catalogue) => pieces(catalogue[language]).map(plain))

/** What only English says, of two words or more: one word may be the same in two languages. */
const english = new Map<Language, readonly string[]>(
  foreign.map((language) => {
    const own = piecesIn(language).join('\n')
    const said = new Set(piecesIn('en').filter((piece) => /\p{L}{2}.* \p{L}{2}/u.test(piece)))
    return [language, [...said].filter((piece) => !own.includes(piece))]
  }),
)

/** English that a page shows to a reader of another language. */
function englishOn(html: string, language: Language): readonly string[] {
  const [, body = html] = /<body>(.*)<\/body>/s.exec(html) ?? []
  const shown = body
    .replaceAll(/<pre>.*?<\/pre>/gs, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
  const words = ` ${plain(shown)} `
  return (english.get(language) ?? []).filter((piece) => words.includes(` ${piece} `))
}

const faults = (Object.keys(advice) as LinkFaultCode[]).map((code): LinkFault => ({ code, raw: 'raw' }))

const linkWith = (fault: LinkFault): LinkView => ({
  ...{ kind: 'waiting', since: 0, attempt: 4, nextTryAt: 0, losses: 2 },
  fault,
})

const scenes: readonly Scene[] = [
  {},
  { link: { kind: 'starting', since: 0, losses: 0 } },
  { link: { kind: 'stopped', since: 0, losses: 1 } },
  { link: { kind: 'connecting', since: 0, attempt: 1, losses: 0 } },
  { owlcms: { kind: 'unknown', since: 0, platforms: [] }, platforms: [] },
  { owlcms: silent, platforms: [{ ...platformA, droppedPresses: 3 }, platform2] },
  {
    platforms: [
      { ...platformA, state: 'starting' },
      { ...platform2, state: 'offline', droppedPresses: 1 },
    ],
  },
  {
    otherBridges: [true, false].flatMap((sameName) =>
      [true, false].map((unheard) => ({ name: 'x', version: '1.0.0', since: 1, sameName, unheard })),
    ),
  },
  ...faults.map((fault): Scene => ({ link: linkWith(fault) })),
]

/** Every fault and warning of a setting, with facts that are no words. */
const facts = ['1', '2']
const settingFaults = Object.keys(setupTexts.en.faults).map(
  (code) => [code, ...facts] as unknown as SettingFault,
)
const settingWarnings = Object.keys(setupTexts.en.warnings).map(
  (code) => [code, ...facts] as unknown as SettingWarning,
)

describe.each(foreign)('in %s', (language) => {
  const asked = { headers: { 'Accept-Language': language } }

  it('the status page shows no English, whatever has happened', async () => {
    for (const scene of scenes) {
      const app = createApp(
        viewsOf(() => scene),
        webOptions(),
      )
      for (const path of ['/', '/console', '/seat', '/view', '/overlay/A', '/nowhere', '/mqtt', '/ws']) {
        const text = await (await app.request(path, asked)).text()
        expect([path, scene, englishOn(text, language)]).toEqual([path, scene, []])
      }
    }
  })

  it('the setup page shows no English, whatever is wrong', async () => {
    const setup = {
      version: '1.4.2',
      faults: settingFaults.map((saying, at) => ({
        setting: 'X',
        problem: at % 2 === 0 ? ('missing' as const) : ('wrong' as const),
        ...say(setupTexts.en.faults, saying),
        saying,
        example: 'x',
      })),
      warnings: settingWarnings.map((saying) => ({ setting: 'X', saying })),
    }
    for (const hosting of ['fly', 'heroku', 'other'] as const) {
      const text = await (await createSetupApp(setup, webOptions({ hosting })).request('/', asked)).text()
      expect(englishOn(text, language)).toEqual([])
    }
  })

  it('the journal shows no English, whatever it tells', async () => {
    const pressed = new PressedHall([jane, zoe, jane])
    pressed.play(presses.t1).play(presses.t2).play(presses.t4)
    const random = new RecordedHall({ platforms: ['A'], noted: false })
    random.started()
    let value = 7
    random.playSessions('A', () => (value = (value * 16_807) % 2_147_483_647) / 2_147_483_647)
    random.clock.advance(1_800_000)
    for (const { journal } of [pressed, random]) {
      const app = new Hono()
      addJournal(app, journal, (_c, next) => next())
      for (const path of ['/journal', '/journal/A', '/journal/A?format=text', '/journal/Z']) {
        expect([path, englishOn(await (await app.request(path, asked)).text(), language)]).toEqual([path, []])
      }
    }
  })
})

it('finds English where there is some', async () => {
  const page = await (
    await createApp(
      viewsOf(() => ({ owlcms: silent })),
      webOptions(),
    ).request('/')
  ).text()
  for (const language of foreign) expect(englishOn(page, language).length).toBeGreaterThan(5)
})

/** Names, the same in each language. */
const names = ['owlcms-bridge', 'owlcms']
const spokenAttributes = ['title', 'alt', 'placeholder', 'aria-label', 'label']

/** The words that a page's source says by itself, beside the catalogues. */
function ownWords(path: string): readonly string[] {
  const found: string[] = []
  const say = (text: string) => {
    const rest = names.reduce((left, name) => left.replaceAll(name, ''), text)
    if (/\p{L}{2}/u.test(rest)) found.push(text.trim())
  }
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) say(node.text)
    else if (
      ts.isJsxExpression(node) &&
      node.expression !== undefined &&
      ts.isStringLiteralLike(node.expression)
    ) {
      if (!ts.isJsxAttribute(node.parent)) say(node.expression.text)
    } else if (ts.isJsxAttribute(node) && spokenAttributes.includes(node.name.getText())) {
      if (node.initializer !== undefined && ts.isStringLiteral(node.initializer)) say(node.initializer.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(
    ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX),
  )
  return found
}

it('no page says a word that is not from a catalogue', () => {
  const pages = files().filter((path) => /^src\/.*\.tsx$/.test(path))
  expect(pages.length).toBeGreaterThan(30)
  expect(pages.flatMap((path) => ownWords(path).map((words) => [path, words]))).toEqual([])
})
