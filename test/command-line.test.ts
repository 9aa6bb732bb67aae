import { expect, it } from 'vitest'
import { readCommand } from '../src/commands/command-line.ts'

const start = { kind: 'start', strict: false, venue: false, properties: [] }

it.each([
  [[], start],
  [['start'], start],
  [['start', '--strict'], { ...start, strict: true }],
  [
    ['start', '-DmqttServer=x', '-DmqttPort=8883'],
    { ...start, properties: ['-DmqttServer=x', '-DmqttPort=8883'] },
  ],
  [['venue'], { ...start, strict: false, venue: true }],
  [['demo'], { kind: 'demo' }],
  [['replay', 'r.jsonl'], { kind: 'replay', file: 'r.jsonl', speed: 1 }],
  [
    ['replay', 'r.jsonl', '--speed', '20', '--platform', 'A 1'],
    { kind: 'replay', file: 'r.jsonl', speed: 20, platform: 'A 1' },
  ],
  [['replay', '--speed=max', 'r.jsonl'], { kind: 'replay', file: 'r.jsonl', speed: 'max' }],
  [['replay'], { kind: 'mistake', message: 'Which recording? Give one file: owlcms-bridge replay FILE' }],
  [
    ['replay', 'a', 'b'],
    { kind: 'mistake', message: 'Which recording? Give one file: owlcms-bridge replay FILE' },
  ],
  ...['0', '101', '1.5', '-1', 'fast'].map((speed): [string[], { kind: string; message: string }] => [
    ['replay', 'r.jsonl', `--speed=${speed}`],
    { kind: 'mistake', message: 'The speed is a whole number from 1 to 100, or max.' },
  ]),
  [['demo', '--speed', '2'], { kind: 'mistake', message: '--speed belongs to "replay" only.' }],
  [
    ['simulate'],
    { kind: 'simulate', platforms: ['A'], version: '69.0.0', jurySize: 3, people: false, properties: [] },
  ],
  [
    [
      'simulate',
      '--platform=A',
      '--platform',
      'B 2',
      '--owlcms=53.0.2',
      '--jury=5',
      '--people',
      '-DmqttServer=x',
    ],
    {
      kind: 'simulate',
      platforms: ['A', 'B 2'],
      version: '53.0.2',
      jurySize: 5,
      people: true,
      properties: ['-DmqttServer=x'],
    },
  ],
  [
    ['simulate', '--platform=A', '--platform=A'],
    { kind: 'mistake', message: 'Two platforms have one name.' },
  ],
  [
    ['simulate', '--platform=A+'],
    { kind: 'mistake', message: 'A platform’s name can’t be empty or contain + or #.' },
  ],
  [['simulate', '--jury=4'], { kind: 'mistake', message: 'A jury has 3 or 5 members.' }],
  [
    ['simulate', '--owlcms=new'],
    { kind: 'mistake', message: 'The version of owlcms is written like 69.0.0.' },
  ],
  [
    ['try-device', '--seat=timekeeper', '--platform=B', '--json'],
    {
      kind: 'tryDevice',
      seat: { platform: 'B', role: 'timekeeper', number: 1 },
      version: '69.0.0',
      json: true,
    },
  ],
  [
    ['try-device', '--seat=referee-4'],
    {
      kind: 'mistake',
      message: 'Which seat? --seat=referee-1 (to 3), timekeeper, juryMember-1 (to 5) or juryPresident.',
    },
  ],
  [['demo', '--seat=referee-1'], { kind: 'mistake', message: '--seat belongs to "try-device" only.' }],
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
