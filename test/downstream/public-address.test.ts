import { expect, it } from 'vitest'
import { reachableFromInternet } from '../../src/downstream/transport/public-address.ts'

it.each([
  ['127.0.0.1', ['203.0.113.5'], false],
  ['192.168.1.20', ['203.0.113.5'], false],
  ['203.0.113.5', [], true],
  ['0.0.0.0', ['127.0.0.1', '10.1.2.3', '172.31.0.9', 'fe80::1', '::1', 'fd00::9'], false],
  ['0.0.0.0', ['127.0.0.1', '203.0.113.5'], true],
  ['::', ['2001:db8::1'], true],
  ['100.64.3.2', [], false],
  ['localhost', [], false],
])('a listener on %s of a machine with %j is reachable from the Internet: %s', (host, own, expected) => {
  expect(reachableFromInternet(host, own)).toBe(expected)
})
