import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readLine } from '../../src/protocol/journal/read-recording.ts'
import { jane, zoe } from '../simulator/transcript.ts'
import { PressedHall, presses } from './recorded-hall.ts'

const doc = readFileSync(new URL('../../docs/journal.md', import.meta.url), 'utf8')

/** Every field that docs/journal.md names in its table, by type. */
function documented(): Map<string, Set<string>> {
  const rows = /\| `type` \|[^]*?\n\n/.exec(doc)?.[0].split('\n').slice(2) ?? []
  const fields = new Map<string, Set<string>>()
  let type = ''
  for (const row of rows) {
    const [, name = '', field = ''] = row.split('|')
    type = /`(\w+)`/.exec(name)?.[1] ?? type
    const known = fields.get(type) ?? new Set(['type'])
    for (const [, word = ''] of `${field} ${row.includes('payloadBase64') ? '`payloadBase64`' : ''}`.matchAll(
      /`(\w+)`/g,
    ))
      known.add(word)
    if (type !== '') fields.set(type, known)
  }
  for (const [of, known] of fields)
    if (of !== 'journal') for (const field of ['n', 'at', 'platform']) known.add(field)
  return fields
}

it('every line of a hall is valid and has documented fields only', () => {
  const hall = new PressedHall([jane, zoe, jane])
  hall.play(presses.t2).play(presses.t4).play(presses.t1)
  hall.broker.press('owlcms/fop/new/A', 'x')
  const lines = [hall.journal.header(), ...hall.journal.records('A')!].map((line) => JSON.stringify(line))
  const fields = documented()
  const seen = new Set<string>()
  for (const line of lines) {
    const read = readLine(line)
    expect(read.ok ? '' : `${read.error} ${line}`).toBe('')
    const record = JSON.parse(line) as { readonly type: string; readonly press?: object }
    seen.add(record.type)
    expect([...(fields.get(record.type) ?? [])]).toEqual(expect.arrayContaining(Object.keys(record)))
    for (const field of Object.keys(record.press ?? {})) expect(doc).toContain(`\`${field}\``)
  }
  expect([...seen].toSorted()).toEqual(['journal', 'mark', 'message', 'press', 'state'])
})

it.each([
  [
    'a number as text',
    '{"type":"mark","n":"1","at":1,"platform":"A","mark":"linkLost"}',
    'Its field "n" is missing or wrong.',
  ],
  [
    'no platform',
    '{"type":"mark","n":1,"at":1,"mark":"linkLost"}',
    'Its field "platform" is missing or wrong.',
  ],
  [
    'a topic with a wildcard',
    '{"type":"message","n":1,"at":1,"platform":"A","source":"owlcms","topic":"a/#","payload":"","fenceBefore":1,"fence":1}',
    'Its field "topic" is missing or wrong.',
  ],
  [
    'an unknown type',
    '{"type":"dance","n":1,"at":1,"platform":"A"}',
    'Its field "type" is missing or wrong.',
  ],
  [
    'a state without phase',
    '{"type":"state","n":1,"at":1,"platform":"A","why":"kept","state":{"platform":"A","fence":1}}',
    'Its field "state.phase" is missing or wrong.',
  ],
  ['no object', '7', 'It is no line of a journal.'],
])('refuses a line with %s', (_name, line, error) => {
  expect(readLine(line)).toEqual({ ok: false, error })
})
