import { expect, it } from 'vitest'
import { LoginLimiter, networkOf } from '../../src/support/login-limiter.ts'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['unknown', 'unknown'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['2001:db8:1::3:4:5:6', '2001:db8:1:0::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  // So Node calls IPv4 clients where HOST is "::": otherwise one of them could lock all others out.
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:0:1', '0:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('another address of the same network gets no further tries', () => {
  const limiter = new LoginLimiter({ loginFailuresPerSecond: 1, loginFailureBurst: 2 })
  for (const address of ['2001:db8::1', '2001:db8::2']) limiter.failed(address, 0)
  const allowed = ['2001:db8::3', '2001:db8:0:1::3'].map((address) => limiter.allows(address, 0))
  expect(allowed).toEqual([false, true])
})
