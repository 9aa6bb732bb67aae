import { expect, it } from 'vitest'
import { payloadText, strictPayloadText } from '../../src/protocol/payload-text.ts'

it.each([
  ['ASCII', [0x31, 0x20, 0x67], '1 g', '1 g'],
  ['nothing', [], '', ''],
  ['a byte order mark, which stays', [0xef, 0xbb, 0xbf, 0x31], '\ufeff1', '\ufeff1'],
  ['U+FFFD that somebody said', [0xef, 0xbf, 0xbd], '\ufffd', '\ufffd'],
  ['bytes that are no UTF-8', [0x31, 0xff], '1\ufffd', undefined],
  ['a character that is cut off', [0xf0, 0x9f], '\ufffd', undefined],
])('reads %s', (_what, bytes, text, strict) => {
  const payload = Uint8Array.from(bytes)
  expect([payloadText(payload), strictPayloadText(payload)]).toEqual([text, strict])
})

it('tells two payloads apart that follow each other', () => {
  const [one, other] = [Uint8Array.of(0x31), Uint8Array.of(0x32)]
  expect([payloadText(one), payloadText(other), payloadText(one)]).toEqual(['1', '2', '1'])
})
