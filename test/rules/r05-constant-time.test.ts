import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { signToken, verifyToken } from '../../src/access/token.ts'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'

const compared = vi.spyOn(crypto, 'timingSafeEqual')
syncBuiltinESMExports()
beforeEach(() => {
  compared.mockClear()
})
afterAll(() => {
  compared.mockRestore()
  syncBuiltinESMExports()
})

/** Time itself can't be measured reliably; what can be seen is that the same work is done for every login. */
it.each([
  ['both right', 'hall', 'sesame'],
  ['a wrong name', 'x', 'sesame'],
  ['a wrong password', 'hall', 'x'],
  ['both wrong', 'x', ''],
])('name and password are compared in constant time, both of them, with %s', (_, username, password) => {
  deviceAuthenticator('hall', 'sesame').fits?.({ username, password: Buffer.from(password) })
  const lengths = compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])
  expect(lengths).toEqual([
    [32, 32],
    [32, 32],
  ])
})

it.each([
  ['the right one', (token: string) => token, true],
  ['one wrong in its first letter', (token: string) => token.replace('owl1A', 'owl1B'), false],
  ['one wrong in its signature', (token: string) => `${token.slice(0, -3)}AAA`, false],
])('a token’s whole signature is compared in constant time: %s', (_, change, good) => {
  const facts = { tokenId: 'abc123def', issuedAt: 0, expiresAt: 60_000 }
  // 39 bytes: no spare bits in the last letter.
  const token = signToken({ purpose: 'viewer', platform: 'AAA' as Platform }, facts, 'the key')
  expect(verifyToken(change(token), ['the key'], ['viewer'], 1).kind).toBe(good ? 'good' : 'refused')
  expect(compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([[16, 16]])
})
