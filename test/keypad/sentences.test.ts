import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Keypad } from '../../src/console/keypad/keypad-page.tsx'
import { presser } from '../../src/console/keypad/pad.ts'
import { seatOf } from '../../src/console/keypad/seat-facts.ts'
import { LivePicture } from '../../src/console/organiser/live-panel.tsx'
import { makeWords } from '../../src/console/organiser/words.ts'
import { StreamClient } from '../../src/console/stream/stream-client.ts'
import { Stage } from '../../src/console/view/stage.tsx'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { parseSeatKey, seatKey, seatOfCommand } from '../../src/protocol/contract/seat.ts'
import { parseClientMessage, type StreamCommand } from '../../src/protocol/contract/stream-message.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { parseTopic } from '../../src/protocol/topic.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { organiserTexts } from '../../src/texts/organiser-texts.ts'
import { keypadTexts } from '../../src/texts/keypad-texts.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'

/**
 * Every page beside the real owlcms (test/recordings): officials press when the recorded ones did, and after each message each
 * page is read. What may stand there is told by the messages alone, not by the code that is tested.
 */
const texts = keypadTexts.en
const { press, refused, voteCast, nothingNow } = texts.keypad
const seats = [
  ...['referee-1', 'referee-2', 'referee-3', 'soloReferee', 'juryMember-2', 'juryMember-3'],
  ...['juryPresident-1', 'timekeeper', 'technicalController'],
]

interface Line {
  readonly t: number
  readonly topic: string
  readonly payload: string
}

function linesOf(file: string): readonly Line[] {
  const text = readFileSync(new URL(`../recordings/${file}`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ topic }) => !topic.startsWith('owlcms/bridge/'))
}

/** What the messages alone tell: what is over, whose lift it is, who has voted. */
class Truth {
  /** When the lift, votes and break of before ended. */
  liftOver = 0
  votesOver = 0
  pauseOver = 0
  isBreak: boolean | undefined
  isJury = false
  #breakType = ''
  /** The lights are on. */
  shown: string | undefined
  decisions = new Map<string, string>()
  votes = new Map<string, string>()
  name = ''
  reviewed = ''

  hear({ t, topic, payload }: Line): void {
    const [, , word = ''] = topic.split('/')
    if (!topic.startsWith('owlcms/fop/')) return
    const [number = '', value = ''] = payload.split(' ')
    switch (word) {
      case 'start':
        this.#endLift(t)
        this.name = (
          JSON.parse(payload.slice(0, payload.lastIndexOf(' '))) as { athleteName: string }
        ).athleteName
        this.isBreak = false
        break
      case 'startLifting':
        this.#endLift(t)
        this.#breakType = ''
        this.pauseOver = t
        this.isBreak = false
        break
      case 'break':
      case 'juryDeliberation':
      case 'challenge':
        this.#endLift(t)
        this.pauseOver = t
        this.isBreak = true
        this.isJury = word !== 'break'
        this.#breakType = payload
        if (this.isJury) this.#endVotes(t)
        break
      case 'resetDecisions':
        this.#endVotes(t)
        if (this.isBreak !== true) this.#endLift(t)
        // Another session may be loaded now.
        if (this.#breakType === 'GROUP_DONE') this.isBreak = undefined
        break
      case 'liftingOrderUpdated':
        if (this.shown !== undefined) this.#endLift(t)
        break
      case 'startup':
        this.#endLift(t)
        this.isBreak = undefined
        break
      case 'decision':
        this.decisions.set(number, value)
        break
      case 'refereesDecision':
        if (this.isBreak === true) break
        this.shown = payload
        this.reviewed = this.name
        break
      case 'juryMemberDecision':
        this.votes.set(number, value)
        break
      default:
    }
  }

  #endLift(t: number): void {
    this.liftOver = t
    this.shown = undefined
    this.decisions.clear()
  }

  #endVotes(t: number): void {
    this.votesOver = t
    this.votes.clear()
  }
}

/** Sentences about a press whose end is known. */
const about = Object.values({ ...press, ...refused }).filter(
  (text) => text !== press.sending && text !== press.acked,
)

interface Page {
  readonly seat: string
  readonly client: StreamClient
  /** When the sentence that stands there appeared. */
  said: { text: string; number: number | undefined; at: number }
}

function play(file: string): { readonly wrong: readonly string[]; readonly seen: ReadonlySet<string> } {
  const lines = linesOf(file)
  const clock = new FakeClock(lines[0]?.t ?? 0)
  const upstream = new FakeUpstream()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  const hub = new Hub({ clock, upstream, platforms })
  const principals = (token: string | undefined): Principal => {
    if (token === 'admin') return { kind: 'admin' }
    const place = parseSeatKey(token ?? '')
    return place === undefined ? { kind: 'viewer' } : { kind: 'seat', platform: 'A' as Platform, ...place }
  }
  const stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: silentLog,
    version: '1',
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0 },
    authenticateToken: principals,
  })
  hub.linkChanged(true)
  upstream.settleAll()
  const config = lines.find(({ topic }) => topic === 'owlcms/fop/config')?.payload
  const version = file.includes('53') ? '53.0.2' : '61.0.0'
  hub.receive(
    publication('owlcms/fop/config', config ?? `{"jurySize":3,"platforms":["A"],"version":"${version}"}`),
  )
  clock.finishTurn()
  let ids = 0
  const open = (seat: string): Page => {
    const client = new StreamClient({
      clock,
      random: () => 0.5,
      newId: () => `${(ids += 1)}`,
      client: seat,
      ...(seat === 'view' ? {} : { token: seat }),
      openLine(events) {
        const line = new MemoryStreamClient(stream, clock, (message) => {
          clock.endOfTurn(() => events.text(JSON.stringify(message)))
        })
        return { send: (text) => line.text(text), close: () => line.drop() }
      },
    })
    client.connect()
    clock.finishTurn()
    return { seat, client, said: { text: '', number: undefined, at: 0 } }
  }
  const pages = seats.map(open)
  const view = open('view')
  const organiser = open('admin')
  const truth = new Truth()
  const wrong = new Set<string>()
  const seen = new Set<string>()
  for (const line of lines) {
    clock.advance(line.t - clock.now())
    const command = commandOf(line)
    const page = command === undefined ? undefined : pages.find(({ seat }) => seat === seatOfLine(line))
    if (command !== undefined && page !== undefined) {
      const fence = page.client.view.states['A']?.fence
      page.client.press('A', command, fence)
      clock.advance(1)
      for (const { publication: sent, settled } of upstream.sent.splice(0)) {
        settled({ kind: 'delivered' })
        if (sent.topic !== 'owlcms/config') hub.receive(sent)
      }
    } else hub.receive(publication(line.topic, line.payload))
    upstream.settleAll()
    truth.hear(line)
    clock.finishTurn()
    for (const one of pages)
      for (const text of look(one, truth, clock.now(), seen)) wrong.add(`${line.t} ${one.seat}: ${text}`)
    for (const isOverlay of [false, true])
      for (const text of lookOn(view.client, truth, isOverlay, seen))
        wrong.add(`${line.t} ${isOverlay ? 'overlay' : 'stage'}: ${text}`)
    for (const text of lookAtConsole(organiser.client, truth, seen)) wrong.add(`${line.t} console: ${text}`)
  }
  return { wrong: [...wrong], seen }
}

/** What is wrong on the page of a seat. */
function look(page: Page, truth: Truth, now: number, seen: Set<string>): readonly string[] {
  const { client } = page
  const { as } = client.view
  const seat = as === undefined ? undefined : seatOf(as)
  if (seat === undefined) return ['no seat']
  const state = client.view.states['A']
  const html = htmlOf(
    Keypad({
      pad: {
        client,
        view: client.view,
        seat,
        state,
        texts,
        isWhiteLeft: false,
        press: presser(client, seat, state, () => now),
      },
      alerts: { active: [], quiet: () => undefined },
      deviceName: '',
      language: 'en',
      choose: () => undefined,
    }),
  )
  const fate = textOf(/<p class="fate[^>]*>(.*?)<\/p>/s.exec(html)?.[1] ?? '')
  const { said } = page
  const number = client.view.press?.number
  if (fate !== said.text || number !== said.number) page.said = { text: fate, number, at: now }
  seen.add(fate)
  const wrong: string[] = []
  const is = (test: boolean, what: string): void => {
    if (test) wrong.push(`${what} (“${fate}”)`)
  }
  const { at } = page.said
  const own = `${seat.number ?? ''}`
  const isReferee = seat.role === 'referee' || seat.role === 'soloReferee'
  if (about.includes(fate)) {
    // One event comes in several messages; what a clock's start brings about comes right after its answer.
    const isOver = (end: number): boolean => end > at && now - end > 250
    const isOfAnother = (end: number): boolean => end - at > 250 && now - end > 250
    if (isReferee) is(isOver(truth.liftOver), 'of a lift that is over')
    if (seat.role === 'timekeeper') is(isOfAnother(truth.liftOver), 'of a lift that is over')
    if (seat.role === 'juryPresident' && fate === press.juryDecision)
      is(isOver(truth.pauseOver), 'of a review that is over')
  }
  if (seat.role === 'referee') {
    // One who decides alone is answered with the lights (docs/owlcms.md 4.5).
    const has = truth.decisions.get(own) ?? truth.shown
    is(fate === press.takenWhite && has !== 'good', 'owlcms has no such decision')
    is(fate === press.takenRed && has !== 'bad', 'owlcms has no such decision')
  }
  if (seat.role === 'juryMember' || seat.role === 'juryPresident') {
    is(html.includes(voteCast) && truth.votes.get(own) !== 'hidden', 'owlcms has no such vote')
    const name = truth.isBreak === true && truth.isJury && version61(client) ? truth.reviewed : undefined
    if (name !== undefined && name !== '' && truth.reviewed !== '')
      is(!html.includes(name), `not ${name}, whose lift is reviewed`)
  }
  const grey = html.match(/data-keys="idle"/g)?.length ?? 0
  if (isReferee || seat.role === 'timekeeper') {
    is(truth.isBreak === false && grey > 0, 'grey while owlcms takes it')
    is(truth.isBreak === true && grey === 0, 'not grey in a break')
    if (isReferee) is(fate === nothingNow && truth.isBreak === false, 'nothing to decide, while lifting')
  }
  return wrong
}

/** What is wrong on the stage display or the overlay. */
function lookOn(
  client: StreamClient,
  truth: Truth,
  isOverlay: boolean,
  seen: Set<string>,
): readonly string[] {
  const html = htmlOf(Stage({ client, texts, platform: 'A', isOverlay, location: { search: '', hash: '' } }))
  const text = textOf(html)
  const said = { good: texts.common.goodLift, bad: texts.common.noLift }
  const wrong: string[] = []
  for (const [verdict, words] of Object.entries(said)) {
    if (!text.includes(words)) continue
    seen.add(words)
    if (truth.shown !== verdict) wrong.push(`“${words}” of a lift that is over`)
  }
  if (/data-verdict="(?:good|bad)"/.test(html) && truth.shown === undefined)
    wrong.push('lights of a lift that is over')
  if (text.includes('–:––')) wrong.push('a clock that nobody told')
  if (/class="(?:athlete|what[^"]*|clock)"[^>]*>\s*</.test(html.replace(/<\/?small>/g, '')))
    wrong.push('an empty frame')
  return wrong
}

const consoleWords = makeWords('en', organiserTexts.en)

/** What is wrong on the console's live panel. */
function lookAtConsole(client: StreamClient, truth: Truth, seen: Set<string>): readonly string[] {
  const { live } = consoleWords.texts
  const html = htmlOf(
    LivePicture({
      shell: { words: consoleWords, model: { bridgeNow: () => client.bridgeNow() } },
      state: client.view.states['A'],
      connection: 'live',
    }),
  )
  const text = textOf(html)
  const [referees = [], jury = []] = [...html.matchAll(/<ol [^>]*>(.*?)<\/ol>/gs)].map(([, lights = '']) =>
    [...lights.matchAll(/<li class="light ([a-z-]+)"/g)].map(([, light = '']) => light),
  )
  const isReview = truth.isBreak === true && truth.isJury
  const wrong: string[] = []
  for (const [verdict, words] of Object.entries({ good: live.shownGood, bad: live.shownBad })) {
    if (!text.includes(` · ${words}`)) continue
    seen.add(`console: ${words}`)
    if (truth.shown !== verdict && !isReview) wrong.push(`“${words}” of a lift that is over`)
  }
  for (const [index, light] of referees.entries()) {
    if (light === 'none' || isReview) continue
    if (light !== (truth.decisions.get(`${index + 1}`) ?? truth.shown))
      wrong.push(`light ${index + 1} of a lift that is over`)
  }
  for (const [index, light] of jury.entries())
    if (light !== 'none' && !truth.votes.has(`${index + 1}`)) wrong.push(`vote ${index + 1} of before`)
  if (truth.isBreak === true && !isReview && truth.name !== '' && text.includes(truth.name))
    wrong.push(`${truth.name}, whose lift is over`)
  if (truth.isBreak === true && text.includes(live.down)) wrong.push('the down signal of a lift that is over')
  if (isReview && version61(client) && !text.includes(truth.reviewed))
    wrong.push(`not ${truth.reviewed}, whose lift is reviewed`)
  return wrong
}

interface JsxNode {
  readonly tag: string | ((props: object) => unknown)
  readonly props: Readonly<Record<string, unknown>>
}

/** What a component draws the first time, as HTML: text and attributes, without a browser. */
function htmlOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(htmlOf).join('')
  if (typeof node === 'string' || typeof node === 'number') return String(node)
  if (typeof node !== 'object' || node === null) return ''
  const { tag, props } = node as JsxNode
  if (typeof tag === 'function') return htmlOf(tag(props))
  const { children, ...rest } = props
  const attributes = Object.entries(rest)
    .filter(([, value]) => typeof value === 'string')
    .map(([name, value]) => ` ${name}="${String(value)}"`)
  return `<${tag}${attributes.join('')}>${htmlOf(children)}</${tag}>`
}

function version61(client: StreamClient): boolean {
  return client.view.states['A']?.reviewed?.attempt !== undefined
}

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '')
}

/** The command that a page would send for this message of a device. */
function commandOf({ topic, payload }: Line): StreamCommand | undefined {
  const parsed = parseTopic(topic)
  if (!parsed.ok) return undefined
  const { platform, ...command } = {
    platform: '',
    ...parseMessage(parsed.value, new TextEncoder().encode(payload)),
  }
  const said = parseClientMessage(JSON.stringify({ type: 'press', id: '1', platform: 'A', command }))
  return platform === 'A' && said.ok && said.value.type === 'press' ? said.value.command : undefined
}

function seatOfLine(line: Line): string | undefined {
  const command = commandOf(line)
  if (command === undefined) return undefined
  const number =
    command.kind === 'refereeDecision'
      ? command.referee
      : command.kind === 'juryVote'
        ? command.member
        : undefined
  const seat = seatOfCommand(command.kind, number)
  const key = seat === undefined ? undefined : seatKey(seat)
  // The president votes as member 1.
  return key === 'juryMember-1' || key === 'juryPresident' ? 'juryPresident-1' : key
}

describe('no sentence outlives its lift', () => {
  beforeAll(() => void vi.stubGlobal('document', { title: '', documentElement: {} }))
  afterAll(() => void vi.unstubAllGlobals())

  it.each([
    [
      'session-53.jsonl',
      [press.takenWhite, press.takenRed, nothingNow, 'Good lift', 'No lift', 'console: Good lift'],
    ],
    [
      'session-61.jsonl',
      [press.takenWhite, press.takenRed, voteCast, press.juryDecision, nothingNow, 'Good lift', 'No lift'],
    ],
    ['operator-61.jsonl', [nothingNow]],
    ['own-simulation-61.jsonl', ['Good lift']],
    ['steps-61.jsonl', [press.takenRed, press.notTakenOther, press.deferred, press.juryDecision]],
    ['clock-start-53.jsonl', ['Good lift']],
  ] as const)('%s, on every page, after every message', (file, sentences) => {
    const { wrong, seen } = play(file)
    expect(wrong).toEqual([])
    // Else nothing was tried.
    expect([...seen]).toEqual(expect.arrayContaining([...sentences]))
  })
})
