import { beforeEach, expect, it } from 'vitest'
import { Company } from '../../src/hub/people/company.ts'
import { bridgeGoneMs } from '../../src/protocol/contract/bridge-topic.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'

let clock: FakeClock
let company: Company
let gone: string[]

beforeEach(() => {
  clock = new FakeClock()
  gone = []
  company = new Company({
    clock,
    identity: { name: 'hall', id: 'own111' },
    gone: (id) => gone.push(id),
  })
})

/** What it tells: `came`, `spoke`, both or nothing. */
const says = (name: string, word: string, said: object | string, retain = false): string => {
  const text = typeof said === 'string' ? said : JSON.stringify(said)
  const { came, spoke } = company.hear(publication(`owlcms/bridge/${name}/${word}`, text, 1, retain))
  return [came ? ['came'] : [], spoke ? ['spoke'] : []].flat().join(' ')
}
const state = (id: string, kind: 'online' | 'offline' = 'online') => ({
  state: kind,
  version: '1.0.0',
  since: 1_700_000_000,
  id,
})
const speaking = (): string[] => company.speaking().map(({ name, id }) => `${name} ${id}`)
const told = (): string[] => company.told().map(({ name }) => name)

it.each<[string, string, object]>([
  ['its state', 'state', state('pi1')],
  ['who sits where', 'seats', { bridge: 'pi1', claims: [] }],
  ['what was revoked', 'revoked', { bridge: 'pi1', revoked: [] }],
  ['how a light check stands', 'check', { bridge: 'pi1' }],
  ['who is connected', 'hall', { bridge: 'pi1', devices: [] }],
])('a bridge has come when it says %s, and is gone when it is silent', (_, word, said) => {
  expect([says('pi', word, said), says('pi', word, said), speaking()]).toEqual(['came spoke', '', ['pi pi1']])
  clock.advance(bridgeGoneMs - 1)
  says('pi', word, said)
  clock.advance(bridgeGoneMs - 1)
  expect([speaking(), company.isHeard('pi1'), gone]).toEqual([['pi pi1'], true, []])
  clock.advance(1)
  expect([speaking(), company.isHeard('pi1'), gone]).toEqual([[], false, ['pi1']])
  expect(says('pi', word, said)).toContain('spoke')
})

it.each<[string, string, object | string, boolean]>([
  ['our own words', 'seats', { bridge: 'own111', claims: [] }, false],
  ['our own state', 'state', state('own111'), true],
  ['a word without a name', 'revoked', { revoked: [] }, false],
  ['a stored word that is no state', 'seats', { bridge: 'pi1', claims: [] }, true],
  ['nonsense', 'state', 'nonsense', false],
  ['another word', 'ping', { bridge: 'pi1' }, false],
])('nobody has come by %s', (_, word, said, retain) => {
  expect([says('pi', word, said, retain), company.hasOthers]).toEqual(['', false])
})

it('what the broker has stored tells of a bridge that may be long dead; its first live word is news', () => {
  expect([says('pi', 'state', state('pi1'), true), told(), speaking()]).toEqual(['came', ['pi'], []])
  clock.advance(bridgeGoneMs * 10)
  expect([company.hasOthers, gone]).toEqual([true, []])
  expect([says('pi', 'seats', { bridge: 'pi1' }), speaking()]).toEqual(['spoke', ['pi pi1']])
})

it('tells bridges of other names from a second one of its own', () => {
  says('hall', 'state', state('twin'))
  says('cloud', 'state', state('other'), true)
  const facts = { version: '1.0.0', since: 1_700_000_000 }
  expect(company.told()).toEqual([
    { name: 'hall', ...facts, sameName: true },
    { name: 'cloud', ...facts, sameName: false },
  ])
})

it('who says goodbye, or whose will does, is awaited no more, and gone after its silence; of twins, only that one', () => {
  says('pi', 'state', state('pi1'))
  says('pi', 'state', state('pi2'))
  says('pi', 'state', state('pi1', 'offline'))
  expect([speaking(), told(), company.hasLeft('pi1'), company.isHeard('pi1')]).toEqual([
    ['pi pi2'],
    ['pi'],
    true,
    true,
  ])
  says('pi', 'state', state('pi2', 'offline'))
  expect([speaking(), told(), company.hasOthers]).toEqual([[], [], true])
  clock.advance(bridgeGoneMs)
  expect([gone, company.hasOthers]).toEqual([['pi1', 'pi2'], false])
})

it('after a new connection everybody comes anew, though who spoke lately still counts', () => {
  says('pi', 'state', state('pi1'))
  says('old', 'state', state('old1'), true)
  company.linkChanged()
  expect([speaking(), told(), company.isHeard('pi1'), company.hasOthers]).toEqual([[], [], true, true])
  expect(says('pi', 'state', state('pi1'), true)).toBe('came')
  expect(says('pi', 'seats', { bridge: 'pi1' })).toBe('spoke')
})

it('however many say that they have come, a bounded number is remembered', () => {
  for (let index = 0; index < 1_000; index += 1) {
    says('x', 'seats', { bridge: `b${index}` })
    says(`y${index}`, 'state', state(`c${index}`), true)
  }
  expect(speaking().length + told().length).toBe(50)
})
