import { beforeEach, expect, it } from 'vitest'
import { Company } from '../../src/hub/field/company.ts'
import { bridgeGoneMs } from '../../src/protocol/contract/bridge-topic.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'

let clock: FakeClock
let company: Company

beforeEach(() => {
  clock = new FakeClock()
  company = new Company(clock, 'own111')
})

const says = (name: string, word: string, said: object | string, retain = false): boolean =>
  company.hear(
    publication(
      `owlcms/bridge/${name}/${word}`,
      typeof said === 'string' ? said : JSON.stringify(said),
      1,
      retain,
    ),
  )
const names = (): string[] => company.others().map(({ name, id }) => `${name} ${id}`)

it.each<[string, string, object]>([
  ['its state', 'state', { state: 'online', id: 'pi1' }],
  ['who sits where', 'seats', { bridge: 'pi1', claims: [] }],
  ['what was revoked', 'revoked', { bridge: 'pi1', revoked: [] }],
])('a bridge has come when it says %s, and goes when it is silent', (_, word, said) => {
  expect([says('pi', word, said), says('pi', word, said), names()]).toEqual([true, false, ['pi pi1']])
  clock.advance(bridgeGoneMs - 1)
  expect(names()).toEqual(['pi pi1'])
  says('pi', word, said)
  clock.advance(bridgeGoneMs)
  expect(names()).toEqual([])
  expect(says('pi', word, said)).toBe(true)
})

it.each<[string, string, object | string, boolean]>([
  ['what the broker has stored', 'state', { state: 'online', id: 'pi1' }, true],
  ['our own words', 'seats', { bridge: 'own111', claims: [] }, false],
  ['a word without a name', 'revoked', { revoked: [] }, false],
  ['nonsense', 'state', 'nonsense', false],
  ['another word', 'ping', { bridge: 'pi1' }, false],
])('nobody has come by %s', (_, word, said, retain) => {
  expect([says('pi', word, said, retain), names()]).toEqual([false, []])
})

it('who says goodbye, or whose will does, has gone at once; of twins, only that one', () => {
  says('pi', 'state', { state: 'online', id: 'pi1' })
  says('pi', 'state', { state: 'online', id: 'pi2' })
  says('pi', 'state', { state: 'offline', id: 'pi1' })
  expect(names()).toEqual(['pi pi2'])
})

it('however many say that they have come, a bounded number is remembered', () => {
  for (let index = 0; index < 1_000; index += 1) says('x', 'seats', { bridge: `b${index}` })
  expect(names()).toHaveLength(50)
})
