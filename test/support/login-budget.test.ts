import { describe, expect, it } from 'vitest'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { LoginBudget } from '../../src/support/login-budget.ts'
import { networkOf } from '../../src/support/network-of.ts'
import { FakeClock } from './fake-clock.ts'

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

describe('passwords that are tried', () => {
  const clock = new FakeClock()
  const budget = (limits: Partial<typeof defaultClientLimits> = {}): LoginBudget =>
    new LoginBudget(clock, { ...defaultClientLimits, ...limits })
  const ofFour = { loginFailuresPerSecond: 1, loginFailureBurst: 2, loginWaitMs: 4_000 }
  const wrong = () => false
  const right = () => true

  it('wait for their turn once too many of a network were wrong, IPv6 by its first half, and at most 4 s', async () => {
    const logins = budget(ofFour)
    const tries = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4'].map((address) =>
      logins.attempt(address, 1, wrong),
    )
    const good = logins.attempt('2001:db8::5', 1, right)
    expect(tries.map((outcome) => typeof outcome)).toEqual(['string', 'string', 'object', 'object'])
    // 3 s behind the two that wait; one more fits, and then no other.
    void logins.attempt('2001:db8::6', 1, wrong)
    expect(logins.attempt('2001:db8::7', 1, right)).toBe('busy')
    expect(logins.attempt('2001:db8:0:1::7', 1, right)).toBe('right')
    let answer: string | undefined
    void Promise.resolve(good).then((outcome) => (answer = outcome))
    clock.advance(2_999)
    await Promise.resolve()
    expect(answer).toBeUndefined()
    clock.advance(1)
    expect(await good).toBe('right')
    // What was right is given back.
    clock.advance(1_000)
    expect(logins.attempt('2001:db8::8', 1, wrong)).toBe('wrong')
  })

  it('cost nothing when they are right, however many come', () => {
    const logins = budget(ofFour)
    const outcomes = Array.from({ length: 1_000 }, () => logins.attempt('192.0.2.1', 1, right))
    expect(new Set(outcomes)).toEqual(new Set(['right']))
  })

  it('are few in all, however many addresses try', () => {
    const logins = budget({ loginFailuresPerSecondInAll: 20, loginFailureBurstInAll: 40 })
    let compared = 0
    const compare = (): boolean => {
      compared += 1
      return false
    }
    for (let second = 0; second < 60; second += 1) {
      for (let at = 0; at < 1_000; at += 1)
        void logins.attempt(`10.${second}.${at >> 8}.${at & 255}`, 1, compare)
      clock.advance(1_000)
    }
    expect(compared).toBeLessThanOrEqual(40 + 60 * 20 + 4 * 20)
  })

  it('from a network that had the right one before never wait for strangers', () => {
    const logins = budget({ loginFailuresPerSecondInAll: 1, loginFailureBurstInAll: 10 })
    expect(logins.attempt('192.0.2.1', 1, right)).toBe('right')
    for (let at = 0; at < 100; at += 1) void logins.attempt(`10.0.0.${at}`, 1, wrong)
    expect(logins.attempt('10.1.0.0', 1, right)).toBe('busy')
    expect(logins.attempt('192.0.2.1', 1, right)).toBe('right')
  })
})
