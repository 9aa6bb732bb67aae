import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { addJournal } from '../../src/http/journal/routes.tsx'
import { timelineLines } from '../../src/http/journal/words.ts'
import { timesIn } from '../../src/http/journal/times.ts'
import { journalLifts } from '../../src/protocol/journal/lifts.ts'
import { readRecording } from '../../src/protocol/journal/read-recording.ts'
import { journalTexts } from '../../src/texts/journal-texts.ts'
import { languages, type Language } from '../../src/texts/languages.ts'
import { jane, zoe } from '../simulator/transcript.ts'
import { PressedHall, presses, RecordedHall } from './recorded-hall.ts'

const hostile = { ...zoe, athleteName: `<script>alert("x")</script>&'`, session: '"><img src=x onerror=y>' }

function appOf(hall: PressedHall, admin = true): Hono {
  const app = new Hono()
  addJournal(app, hall.journal, async (c, next) => {
    if (!admin) return c.text('sign in', 401)
    return next()
  })
  return app
}

it.each(['/journal', '/journal/A', '/journal/A?format=jsonl', '/journal/B'])(
  'nobody but the administrator gets %s',
  async (path) => {
    const response = await appOf(new PressedHall([jane]), false).request(path)
    expect([response.status, await response.text()]).toEqual([401, 'sign in'])
  },
)

it('shows hostile names as text', async () => {
  const hall = new PressedHall([hostile, jane], { platforms: ['A'] }).play(presses.t1)
  hall.broker.press('owlcms/fop/<b>/A', '')
  hall.broker.press('owlcms/fop/bold/A', '<b>')
  const page = await (await appOf(hall).request('/journal/A')).text()
  expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;')
  expect(page).not.toMatch(/<script|<img|<b>[^o]/)
})

it('gives a recording that reads as such, whatever its length', async () => {
  const hall = new PressedHall([jane, zoe, jane])
  for (let n = 0; n < 3_000; n += 1) hall.broker.press('owlcms/fop/stop/A', String(n))
  for (const [path, headers] of [
    ['/journal/A?format=jsonl', {}],
    ['/journal/A', { accept: 'application/x-ndjson' }],
  ] as const) {
    const response = await appOf(hall).request(path, { headers })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="journal-A.jsonl"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const read = readRecording(await response.text())
    expect(read.ok && read.value.records).toEqual(hall.journal.records('A'))
  }
})

it('finds platforms whose names hold spaces, slashes, accents and percent signs', async () => {
  const name = 'Plateforme d’été/2 %'
  const hall = new PressedHall([jane], { platforms: ['A', name] })
  const app = appOf(hall)
  const index = await (await app.request('/journal')).text()
  const address = `/journal/${encodeURIComponent(name)}`
  expect(index).toContain(`href="${address}"`)
  const page = await app.request(address)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Journal of platform Plateforme d’été/2 %')
})

it('says where to look for a platform without journal, and what a time zone is', async () => {
  const app = appOf(new PressedHall([jane]))
  const answers = await Promise.all(
    ['/journal/C', '/journal/A?zone=Moon/Base'].map(async (path) => {
      const response = await app.request(path)
      return [response.status, await response.text()]
    }),
  )
  expect(answers).toEqual([
    [404, 'There is no journal of this platform. All there are: /journal\n'],
    [400, 'This time zone is not known. Ask for one such as ?zone=Europe/Berlin\n'],
  ])
})

it('tells times in the zone asked for', async () => {
  const hall = new PressedHall([jane, zoe]).play(presses.t1)
  const text = await (await appOf(hall).request('/journal/A?format=text&zone=Asia/Kathmandu')).text()
  expect(text).toContain('2023-11-15 03:59:30  DOE, Jane · snatch, attempt 1 · session W1\n')
  expect(text).toContain(
    '  03:59:46.900    +16.9 s  referee 2      white, good lift – ✓ taken by owlcms after 20 ms\n',
  )
})

it('tells a long day on several pages, with every lift whole on one of them', async () => {
  const hall = new RecordedHall({ platforms: ['A'], noted: false })
  hall.started()
  let value = 3
  hall.playSessions('A', () => (value = (value * 16_807) % 2_147_483_647) / 2_147_483_647)
  while (hall.journal.records('A')!.length < 9_000) hall.clock.advance(600_000)
  const app = new Hono()
  addJournal(app, hall.journal, (_c, next) => next())
  const whole = journalLifts(hall.journal.records('A')!).filter(({ kind }) => kind === 'lift')
  const missing = new Set(whole.map((lift) => `${lift.at} ${timelineLines(lift, journalTexts.en).length}`))
  expect(missing.size).toBeGreaterThan(200)
  const times = timesIn(undefined)!
  let pages = 0
  for (let address: string | undefined = '/journal/A'; address !== undefined; pages += 1) {
    const page = await (await app.request(address)).text()
    for (const [, section = ''] of page.matchAll(/<section class="lift">(.*?)<\/section>/gs)) {
      const since = /class="when">([^<]*)/.exec(section)?.[1]
      const lines = section.split('<li>').length - 1
      const lift = whole.find(({ at }) => times.millisecond(at) === since)
      if (lift !== undefined) missing.delete(`${lift.at} ${lines}`)
    }
    address = /href="([^"]*\?until=\d+)"/.exec(page)?.[1]
  }
  expect([...missing]).toEqual([])
  expect(pages).toBe(4)
})

it.each(Object.keys(languages) as Language[])(
  'answers in the language that the reader asks for: %s',
  async (language) => {
    const app = appOf(new PressedHall([jane]).play(presses.t1))
    const texts = journalTexts[language]
    const asked = { headers: { 'Accept-Language': language } }
    const page = await (await app.request('/journal/A?zone=UTC', asked)).text()
    expect(page).toContain(`<html lang="${language}"`)
    for (const words of [texts.title('A'), texts.asText, texts.light.good, texts.fate.takenAfter(20)])
      expect(page).toContain(words)
    // The other languages of the same page.
    expect(page).toContain(`?zone=UTC&amp;language=${language === 'de' ? 'fr' : 'de'}"`)
    expect(await (await app.request('/journal/C', asked)).text()).toBe(`${texts.unknownPlatform}\n`)
    expect(await (await app.request('/journal', asked)).text()).toContain(texts.shared.platform('A'))
  },
)
