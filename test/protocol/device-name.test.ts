import { expect, it } from 'vitest'
import { deviceName } from '../../src/protocol/contract/device-name.ts'

it.each([
  ['a page’s random name is cut to what one can say aloud', 'cf2e7c4907596d8c574eb4fd0f90aa9e', 'CF2E'],
  ['a box keeps the name that it was given', 'referee-box-2', 'referee-box-2'],
  [
    'something longer is no page’s name',
    'cf2e7c4907596d8c574eb4fd0f90aa9e0',
    'cf2e7c4907596d8c574eb4fd0f90aa9e0',
  ],
  ['no name stays none', '', ''],
])('%s', (_, clientId, name) => {
  expect(deviceName(clientId)).toBe(name)
})
