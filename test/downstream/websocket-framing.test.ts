import { expect, it } from 'vitest'
import { webSocketFraming } from '../../src/downstream/transport/websocket-framing.ts'

it.each([
  [0, [0x82, 0]],
  [1, [0x82, 1]],
  [125, [0x82, 125]],
  [126, [0x82, 126, 0, 126]],
  [65_535, [0x82, 126, 0xff, 0xff]],
  [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])('frames %i bytes as one unmasked binary frame (RFC 6455 section 5.2)', (length, header) => {
  const payload = new Uint8Array(length).fill(7)
  const frame = webSocketFraming.frame(payload)
  expect([...frame.subarray(0, header.length)]).toEqual(header)
  expect(Buffer.compare(frame.subarray(header.length), payload)).toBe(0)
  expect(webSocketFraming.frameBytes(length)).toBe(frame.byteLength)
})

it('nudges with an empty binary frame, which means nothing to MQTT', () => {
  expect(webSocketFraming.nudge).toEqual(webSocketFraming.frame(new Uint8Array()))
})
