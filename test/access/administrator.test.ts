import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Administrator, sessionMs } from '../../src/access/administrator.ts'
import { Doorkeeper } from '../../src/access/doorkeeper.ts'
import { RevocationKeeper } from '../../src/access/revocation-keeper.ts'
import { SigningKeys } from '../../src/access/signing-keys.ts'
import { signToken } from '../../src/access/token.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { LoginBudget } from '../../src/support/login-budget.ts'
import { rememberedKey } from '../support/derive-key.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alone, FakeUpstream } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

let clock: FakeClock
let chance: number
beforeEach(() => {
  clock = new FakeClock()
  chance = 0
})
const random = (): number => ((chance += 1) * 0.017) % 1

function bridge(
  options: { password?: string | undefined; secret?: string; previousSecret?: string; open?: boolean } = {},
) {
  const { secret = 'the secret', previousSecret, open = true } = options
  const password = 'password' in options ? options.password : 'sesame'
  const revocations = new RevocationKeeper({ clock, log: silentLog, ...alone(new FakeUpstream()) })
  clock.advance(3_000)
  const secrets = { secret, secretSalt: '', previousSecret, adminPassword: password }
  const keys = new SigningKeys(secrets, rememberedKey)
  const logins = new LoginBudget(clock, defaultClientLimits)
  const administrator = new Administrator({ clock, random, password, keys, revocations, logins })
  const doorkeeper = new Doorkeeper({ clock, random, keys, revocations, openViewers: open })
  return { administrator, doorkeeper, revocations, keys }
}

async function signIn(administrator: Administrator): Promise<string> {
  const login = await administrator.login('sesame', '192.0.2.1')
  if (login.kind !== 'in') throw new Error(login.kind)
  return login.session
}

describe('the administrator', () => {
  it('is signed in for twelve hours', async () => {
    const { administrator } = bridge()
    const cookie = await signIn(administrator)
    clock.advance(sessionMs - 1_000)
    expect(await administrator.session(cookie)).toBeDefined()
    clock.advance(1_001)
    expect(await administrator.session(cookie)).toBeUndefined()
  })

  it('gets ten tries at once, then one in two seconds; from another address nothing changes', async () => {
    const { administrator } = bridge()
    const kindsOf = async (logins: readonly ReturnType<Administrator['login']>[]): Promise<string[]> =>
      (await Promise.all(logins)).map(({ kind }) => kind)
    const tries = (password: string, address: string, times: number) =>
      Array.from({ length: times }, () => administrator.login(password, address))
    expect(await kindsOf(tries('wrong', '192.0.2.1', 10))).toEqual(Array<string>(10).fill('wrong'))
    const waiting = tries('wrong', '192.0.2.1', 1)
    const right = tries('sesame', '192.0.2.1', 1)
    expect(await kindsOf(tries('sesame', '192.0.2.1', 1))).toEqual(['tooMany'])
    expect(await kindsOf(tries('sesame', '192.0.2.2', 1))).toEqual(['in'])
    clock.advance(4_000)
    expect(await kindsOf([...waiting, ...right])).toEqual(['wrong', 'in'])
    clock.advance(2_000)
    expect(await kindsOf(tries('sesame', '192.0.2.1', 3))).toEqual(['in', 'in', 'in'])
  })

  it('without a password there is none', async () => {
    const { administrator } = bridge({ password: undefined })
    expect(administrator.loginPossible).toBe(false)
    expect(await administrator.login('', 'x')).toEqual({ kind: 'impossible' })
    expect(await administrator.session(await signIn(bridge().administrator))).toBeUndefined()
  })

  it.each([
    ['another password', { password: 'other' }],
    ['another secret', { secret: 'another secret' }],
  ])('of a bridge with %s is none here', async (_, options) => {
    const cookie = await signIn(bridge().administrator)
    expect(await bridge().administrator.session(cookie)).toBeDefined()
    expect(await bridge(options).administrator.session(cookie)).toBeUndefined()
  })

  it('signs out: neither the cookie nor a stream begun with it is good any more', async () => {
    const { administrator, doorkeeper } = bridge()
    const cookie = await signIn(administrator)
    const session = (await administrator.session(cookie))!
    const { token } = await administrator.streamToken(session)
    const stream = await doorkeeper.verifyStream(token)
    expect(stream.kind === 'admitted' && doorkeeper.mustGo(stream.principal)).toBeUndefined()
    administrator.logout(session)
    expect(await administrator.session(cookie)).toBeUndefined()
    expect(stream.kind === 'admitted' && doorkeeper.mustGo(stream.principal)).toBe('revoked')
    expect(await doorkeeper.verifyStream(token)).toEqual({ kind: 'refused', why: 'revoked' })
  })

  it('gets a stream token of five minutes; the stream itself stays as long as the session', async () => {
    const { administrator, doorkeeper } = bridge()
    const session = (await administrator.session(await signIn(administrator)))!
    const { token, expiresAt } = await administrator.streamToken(session)
    expect(expiresAt - clock.now()).toBeLessThanOrEqual(300_000)
    const stream = await doorkeeper.verifyStream(token)
    expect(stream).toMatchObject({ kind: 'admitted', principal: { kind: 'admin' } })
    clock.advance(300_001)
    expect(await doorkeeper.verifyStream(token)).toEqual({ kind: 'refused', why: 'expired' })
    expect(stream.kind === 'admitted' && doorkeeper.mustGo(stream.principal)).toBeUndefined()
    clock.advance(sessionMs)
    expect(stream.kind === 'admitted' && doorkeeper.mustGo(stream.principal)).toBe('expired')
  })

  it('is not who knows the key of the links, but not the password', async () => {
    const { administrator, doorkeeper, keys } = bridge()
    const [key] = await keys.links()
    const facts = { tokenId: 'abc123def', issuedAt: clock.now(), expiresAt: clock.now() + 60_000 }
    const admin = signToken({ purpose: 'admin', staysUntil: facts.expiresAt }, facts, key)
    const session = signToken({ purpose: 'session' }, facts, key)
    expect((await doorkeeper.verifyStream(admin)).kind).toBe('refused')
    expect(await administrator.session(session)).toBeUndefined()
  })

  it('costs no key for what can’t be his: a damaged cookie, another’s, or a link’s token on the stream', async () => {
    const { administrator, doorkeeper, keys } = bridge()
    const link = await doorkeeper.issue({ platform: 'A' as Platform, role: 'timekeeper' }, 1)
    const cookie = await signIn(bridge().administrator)
    const made = vi.spyOn(keys, 'administrator')
    const rubbish = ['', 'x', 'owl1', 'b3ds'.repeat(10), 'x'.repeat(4_000), `${cookie}A`, cookie.slice(0, -1)]
    for (const one of [...rubbish, link.token]) expect(await administrator.session(one)).toBeUndefined()
    for (const one of [...rubbish, cookie])
      expect(await doorkeeper.verifyStream(one)).toEqual({
        kind: 'refused',
        why: expect.any(String) as string,
      })
    expect((await doorkeeper.verifyStream(link.token)).kind).toBe('admitted')
    expect(made).not.toHaveBeenCalled()
    // Else nothing was tried.
    expect(await administrator.session(cookie)).toBeDefined()
    expect(made).toHaveBeenCalledOnce()
  })

  it('is never who has only a link, a cookie for a link, or a stream token for MQTT', async () => {
    const { administrator, doorkeeper } = bridge()
    const cookie = await signIn(administrator)
    const { token } = await administrator.streamToken((await administrator.session(cookie))!)
    const link = await doorkeeper.issue({ platform: 'A' as Platform, role: 'timekeeper' }, 1)
    expect(await administrator.session(link.token)).toBeUndefined()
    expect(await administrator.session(token)).toBeUndefined()
    for (const wrong of [cookie, token]) expect((await doorkeeper.verifyPassword(wrong)).kind).toBe('refused')
    expect((await doorkeeper.verifyStream(cookie)).kind).toBe('refused')
  })
})

describe('a link', () => {
  const place = { platform: 'A' as Platform, role: 'referee', number: 1 } as const

  it('made in the very moment of a revocation outlives it', async () => {
    const { doorkeeper, revocations } = bridge()
    const before = await doorkeeper.issue(place, 1)
    revocations.revoke({ what: 'all', at: clock.now() })
    const after = await doorkeeper.issue(place, 1)
    const kinds = [before, after].map(async ({ token }) => (await doorkeeper.verifyPassword(token)).kind)
    expect(await Promise.all(kinds)).toEqual(['refused', 'admitted'])
  })

  it('made after another bridge, whose clock is minutes ahead, revoked everything lets in at once', async () => {
    const { doorkeeper, revocations } = bridge()
    revocations.revoke({ what: 'all', at: clock.now() + 299_000 })
    const { token } = await doorkeeper.issue(place, 1)
    expect((await doorkeeper.verifyPassword(token)).kind).toBe('admitted')
  })

  it('is good for its days and not longer', async () => {
    const { doorkeeper } = bridge()
    const { token, expiresAt } = await doorkeeper.issue(place, 2)
    expect(Math.abs(expiresAt - clock.now() - 2 * 86_400_000)).toBeLessThan(1_000)
    clock.advance(2 * 86_400_000 - 1_000)
    expect((await doorkeeper.verifyPassword(token)).kind).toBe('admitted')
    clock.advance(1_000)
    expect(await doorkeeper.verifyPassword(token)).toEqual({ kind: 'refused', why: 'expired' })
  })

  it('for looking on shows one platform', async () => {
    const { doorkeeper } = bridge()
    const { token } = await doorkeeper.issue({ platform: 'B' as Platform, role: 'viewer' }, 1)
    expect(await doorkeeper.verifyStream(token)).toMatchObject({
      principal: { kind: 'viewer', platforms: ['B'] },
    })
  })

  it('signed with the secret of before still lets in; new ones are signed with the new one', async () => {
    const old = await bridge({ secret: 'the old secret' }).doorkeeper.issue(place, 1)
    const rotated = bridge({ secret: 'the new secret', previousSecret: 'the old secret' }).doorkeeper
    expect((await rotated.verifyPassword(old.token)).kind).toBe('admitted')
    const fresh = await rotated.issue(place, 1)
    const later = bridge({ secret: 'the new secret' }).doorkeeper
    expect((await later.verifyPassword(fresh.token)).kind).toBe('admitted')
    expect((await later.verifyPassword(old.token)).kind).toBe('refused')
  })
})

it.each([
  [true, { kind: 'admitted', principal: { kind: 'viewer' } }],
  [false, { kind: 'refused', why: 'noToken' }],
])('without a token, where viewers are open (%s)', (open, expected) => {
  expect(bridge({ open }).doorkeeper.verifyStream(undefined)).toEqual(expected)
})
