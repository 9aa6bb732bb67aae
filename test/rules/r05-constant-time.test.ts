import * as crypto from 'node:crypto'
import { beforeEach, expect, it, vi } from 'vitest'
import { deviceAuthenticator } from '../../src/downstream/authenticate.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) }
})

const compared = vi.mocked(crypto.timingSafeEqual)
beforeEach(() => {
  compared.mockClear()
})

/** Time itself can't be measured reliably; what can be seen is that the same work is done for every login. */
it.each([
  ['both right', 'hall', 'sesame'],
  ['a wrong name', 'x', 'sesame'],
  ['a wrong password', 'hall', 'x'],
  ['both wrong', 'x', ''],
])('name and password are compared in constant time, both of them, with %s', (_, username, password) => {
  deviceAuthenticator('hall', 'sesame')({ username, password: Buffer.from(password) })
  const lengths = compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])
  expect(lengths).toEqual([
    [32, 32],
    [32, 32],
  ])
})
