import { expect, it } from 'vitest'
import { readCommand } from '../src/cli.ts'

const start = { kind: 'start', strict: false, venue: false, properties: [] }

it.each([
  [[], start],
  [['start'], start],
  [['start', '--strict'], { ...start, strict: true }],
  [
    ['start', '-DmqttServer=x', '-DmqttPort=8883'],
    { ...start, properties: ['-DmqttServer=x', '-DmqttPort=8883'] },
  ],
  [['venue'], { ...start, strict: true, venue: true }],
  [['demo'], { kind: 'demo' }],
  [['check'], { kind: 'check', json: false, properties: [] }],
  [['check', '--json', '-DmqttServer=x'], { kind: 'check', json: true, properties: ['-DmqttServer=x'] }],
  [['--help'], { kind: 'help' }],
  [['start', '-h'], { kind: 'help' }],
  [['-v'], { kind: 'version' }],
  [['dance'], { kind: 'mistake', message: 'There is no command "dance".' }],
  [['start', 'again'], { kind: 'mistake', message: 'Unexpected argument "again".' }],
])('reads %j', (argv, expected) => {
  expect(readCommand(argv)).toEqual(expected)
})

it('names an unknown option', () => {
  expect(readCommand(['--strickt'])).toEqual({
    kind: 'mistake',
    message: expect.stringContaining('--strickt') as string,
  })
})
