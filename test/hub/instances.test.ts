import { expect, it } from 'vitest'
import { Instances } from '../../src/hub/field/instances.ts'
import { stateOf, type BridgeState } from '../../src/protocol/contract/bridge-state.ts'

const state = (id: string, kind: BridgeState['state'] = 'online'): BridgeState => ({
  state: kind,
  version: '1.0.0',
  since: 1_700_000_000,
  id,
})

it('knows the bridges of other names and a second one of its own, but not itself', () => {
  const instances = new Instances({ name: 'hall', id: 'me' })
  instances.hear(stateOf('hall', state('me')))
  expect(instances.others()).toEqual([])
  instances.hear(stateOf('hall', state('twin')))
  instances.hear(stateOf('cloud', state('other')))
  expect(instances.others()).toEqual([
    { name: 'hall', version: '1.0.0', since: 1_700_000_000, sameName: true },
    { name: 'cloud', version: '1.0.0', since: 1_700_000_000, sameName: false },
  ])
})

it('forgets one that signs off, but only at its own word', () => {
  const instances = new Instances({ name: 'hall', id: 'me' })
  instances.hear(stateOf('cloud', state('new')))
  instances.hear(stateOf('cloud', state('old', 'offline')))
  expect(instances.others()).toHaveLength(1)
  instances.hear(stateOf('cloud', state('new', 'offline')))
  expect(instances.others()).toEqual([])
})

it('stays bounded, and forgets all with the connection', () => {
  const instances = new Instances({ name: 'hall', id: 'me' })
  for (let count = 0; count < 200; count += 1) instances.hear(stateOf(`b${count}`, state('x')))
  expect(instances.others()).toHaveLength(50)
  instances.clear()
  expect(instances.others()).toEqual([])
})
